package console

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// placeMax is the longest name of a device, zone or store, in bytes.
const placeMax = 60

func (k *Console) devices(c *fiber.Ctx) error {
	return k.showDevices(c, fiber.StatusOK, view.DeviceForm{})
}

func (k *Console) showDevices(c *fiber.Ctx, status int, form view.DeviceForm) error {
	all, err := k.DB.Devices(c.UserContext())
	if err != nil {
		return err
	}
	p := page(c, "devices")
	p.Scripts = []string{"js/table.js"}
	return respond.Page(c, status, view.Devices(view.DevicesModel{
		Page: p, Devices: all, Form: form, MayChange: access.Staff(c).May(kaopass.Admin),
	}))
}

// addDevice writes a device into the book and shows its claim code, this once.
func (k *Console) addDevice(c *fiber.Ctx) error {
	form := view.DeviceForm{
		Role: kaopass.Role(c.FormValue("role")), Name: strings.TrimSpace(c.FormValue("name")),
		Zone: kaopass.Zone(strings.TrimSpace(c.FormValue("zone"))),
	}
	if !slices.Contains(kaopass.Roles(), form.Role) || !between(form.Name, 1, placeMax) || !between(string(form.Zone), 1, placeMax) {
		form.Wrong = true
		return k.showDevices(c, fiber.StatusUnprocessableEntity, form)
	}
	device, code, err := k.DB.AddDevice(c.UserContext(), form.Role, form.Name, form.Zone, string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	return k.showDevice(c, fiber.StatusOK, view.DeviceModel{Device: device, ClaimCode: code})
}

func between(s string, least, most int) bool { return len(s) >= least && len(s) <= most }

// device is the page of one device.
func (k *Console) device(c *fiber.Ctx) error {
	m := view.DeviceModel{}
	if c.Query("said") == "cleared" {
		m.Page.Flash = good(views.Speak(access.PageLanguage(c)), "lock.cleared")
	}
	return k.showDevice(c, fiber.StatusOK, m)
}

// showDevice draws the device of the address; m says what just happened to it.
func (k *Console) showDevice(c *fiber.Ctx, status int, m view.DeviceModel) error {
	id := m.Device.ID
	if id == "" {
		id = kaopass.DeviceID(c.Params("id"))
	}
	file, err := k.DB.DeviceFile(c.UserContext(), id)
	if err != nil {
		return err
	}
	who, said := access.Staff(c), m.Page.Flash
	m.Page = page(c, "devices")
	m.Page.Title, m.Page.Flash = file.Device.Name, said
	m.Device, m.ScreenURL = file.Device, k.URL+"/"+string(file.Device.Role)
	m.MayChange, m.MayClear, m.Lock = who.May(kaopass.Admin), who.May(kaopass.Manager), lockModel(file)
	return respond.Page(c, status, view.Device(m))
}

// claimCode makes a new claim code and shows it, this once.
func (k *Console) claimCode(c *fiber.Ctx) error {
	code, err := k.DB.RenewClaim(c.UserContext(), kaopass.DeviceID(c.Params("id")), string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	return k.showDevice(c, fiber.StatusOK, view.DeviceModel{ClaimCode: code})
}

// revokeDevice ends a device at once.
func (k *Console) revokeDevice(c *fiber.Ctx) error {
	id := kaopass.DeviceID(c.Params("id"))
	if err := k.DB.RevokeDevice(c.UserContext(), id, string(access.Staff(c).ID)); err != nil {
		return err
	}
	return respond.SeeOther(c, "/console/devices/"+string(id))
}
