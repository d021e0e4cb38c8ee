package console

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
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
	return k.showDevice(c, device, code)
}

func between(s string, least, most int) bool { return len(s) >= least && len(s) <= most }

// device is the page of one device.
func (k *Console) device(c *fiber.Ctx) error {
	device, err := k.findDevice(c)
	if err != nil {
		return err
	}
	return k.showDevice(c, device, "")
}

func (k *Console) findDevice(c *fiber.Ctx) (kaopass.Device, error) {
	all, err := k.DB.Devices(c.UserContext())
	if err != nil {
		return kaopass.Device{}, err
	}
	for _, d := range all {
		if string(d.ID) == c.Params("id") {
			return d, nil
		}
	}
	return kaopass.Device{}, respond.NotFound
}

func (k *Console) showDevice(c *fiber.Ctx, device kaopass.Device, code string) error {
	p := page(c, "devices")
	p.Title = device.Name
	return respond.Page(c, fiber.StatusOK, view.Device(view.DeviceModel{
		Page: p, Device: device, ClaimCode: code, ScreenURL: k.URL + "/" + string(device.Role),
		MayChange: access.Staff(c).May(kaopass.Admin),
	}))
}

// claimCode makes a new claim code and shows it, this once.
func (k *Console) claimCode(c *fiber.Ctx) error {
	device, err := k.findDevice(c)
	if err != nil {
		return err
	}
	code, err := k.DB.RenewClaim(c.UserContext(), device.ID, string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	return k.showDevice(c, device, code)
}

// revokeDevice ends a device at once.
func (k *Console) revokeDevice(c *fiber.Ctx) error {
	id := kaopass.DeviceID(c.Params("id"))
	if err := k.DB.RevokeDevice(c.UserContext(), id, string(access.Staff(c).ID)); err != nil {
		return err
	}
	return respond.SeeOther(c, "/console/devices/"+string(id))
}
