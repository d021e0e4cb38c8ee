package device

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// rolled is the token that holds from now on.
type rolled struct {
	ID         kaopass.DeviceID `json:"device_id"`
	Token      string           `json:"token"`
	ServerTime time.Time        `json:"server_time"`
}

// roll exchanges the token: POST /v1/devices/self/roll. The one that asked ends with the answer.
func (d *Device) roll(c *fiber.Ctx) error {
	id := access.Device(c).ID
	token, err := d.DB.RollDevice(c.UserContext(), id)
	if err != nil {
		return err
	}
	return respond.JSON(c, http.StatusOK, rolled{id, token, time.Now().UTC()})
}
