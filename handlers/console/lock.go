package console

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// clearTill lets a locked till go on, for a reason that is kept: POST /console/tills/{id}/clear.
func (k *Console) clearTill(c *fiber.Ctx) error {
	id, why := c.Params("id"), c.FormValue("why")
	err := k.DB.ClearTill(c.UserContext(), access.Staff(c).ID, kaopass.DeviceID(id), why)
	var state *db.StateError
	var field *db.FieldError
	switch {
	case errors.As(err, &state):
		return k.sayDevice(c, fiber.StatusConflict, "lock.notLocked", why)
	case errors.As(err, &field):
		return k.sayDevice(c, fiber.StatusUnprocessableEntity, "lock.needWhy", why)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/devices/"+id+"?said=cleared")
}

// sayDevice shows the device again, with what stood in the way.
func (k *Console) sayDevice(c *fiber.Ctx, status int, key, why string) error {
	m := view.DeviceModel{Why: why}
	m.Page.Flash = views.Notice{Kind: views.Again, Text: views.Speak(access.PageLanguage(c)).T("console." + key), Live: true}
	return k.showDevice(c, status, m)
}

// lockModel is what a till's page shows of its lock; nil for what is no live till.
func lockModel(f db.DeviceFile) *view.LockModel {
	if f.Device.Role != kaopass.Till || !f.Device.Live() {
		return nil
	}
	m := &view.LockModel{Locks: lockRows(f.Locks), Tries: []view.TriesLine{
		{Reason: kaopass.CodeWrong, N: f.Codes, Most: kaopass.CodeTillTries, Within: kaopass.CodeTillWithin},
		{Reason: kaopass.NotLive, N: f.Liveless, Most: kaopass.LivelessTill, Within: kaopass.LivelessWithin},
	}}
	for _, past := range f.Cleared {
		m.Cleared = append(m.Cleared, view.Clearing{At: past.At, By: past.Name, Reason: past.Reason, Tries: past.Tries, Why: past.Why})
	}
	return m
}

func lockRows(locks []db.TillLock) (rows []view.TillLock) {
	for _, l := range locks {
		rows = append(rows, view.TillLock{Device: l.Device, Name: l.Name, Zone: l.Zone, Reason: l.Reason, Tries: l.Tries,
			Since: l.Since, Until: l.Until})
	}
	return rows
}
