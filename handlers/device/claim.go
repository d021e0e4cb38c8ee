package device

import (
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Limits of what a terminal says of itself, in bytes.
const (
	CodeMax  = 64
	AboutMax = 120
)

// wrongCode is the only answer to a code that cannot be spent.
var wrongCode = respond.Problem{Status: http.StatusNotFound, Code: "claim_code", Param: "code",
	Title: "This code cannot be used: it is wrong, was used before, or is too old."}

// claimed is a device and the token that it alone knows from now on.
type claimed struct {
	ID         kaopass.DeviceID `json:"device_id"`
	Role       kaopass.Role     `json:"role"`
	Name       string           `json:"name"`
	Zone       kaopass.Zone     `json:"zone"`
	Token      string           `json:"token"`
	ServerTime time.Time        `json:"server_time"`
}

// claim spends a claim code: POST /v1/devices/claim.
func (d *Device) claim(c *fiber.Ctx) error {
	var body struct {
		Code     string `json:"code"`
		Hardware string `json:"hardware"`
		Software string `json:"software"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if len(body.Hardware) > AboutMax || len(body.Software) > AboutMax {
		return respond.Field("hardware", "hardware and software are at most 120 bytes each.")
	}
	device, token, err := d.spend(c, body.Code, body.Hardware, body.Software)
	if err != nil {
		return err
	}
	return respond.JSON(c, http.StatusCreated, claimed{device.ID, device.Role, device.Name, device.Zone, token,
		time.Now().UTC()})
}

func (d *Device) spend(c *fiber.Ctx, code, hardware, software string) (kaopass.Device, string, error) {
	if code == "" || len(code) > CodeMax {
		return kaopass.Device{}, "", wrongCode
	}
	device, token, err := d.DB.ClaimDevice(c.UserContext(), code, hardware, software)
	if errors.Is(err, db.ErrNotFound) {
		return kaopass.Device{}, "", wrongCode
	}
	return device, token, err
}
