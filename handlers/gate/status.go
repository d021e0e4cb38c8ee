package gate

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// status is a gate as it may see itself.
type status struct {
	ID          kaopass.DeviceID `json:"id"`
	Name        string           `json:"name"`
	Zone        kaopass.Zone     `json:"zone"`
	Inside      int              `json:"inside"`
	LastMinute  int              `json:"entries_last_minute"`
	ServerTime  time.Time        `json:"server_time"`
	ClockSkewMS *int64           `json:"clock_skew_ms,omitempty"` // absent until a captured_at was seen
	InForce     inForce          `json:"in_force"`
	Recent      []admission      `json:"recent"`
}

// inForce are the rules that a gate's program has to know.
type inForce struct {
	PassWithinS  int `json:"pass_within_s"`
	ImagesMax    int `json:"images_max"`
	StaffAfter   int `json:"staff_after_refusals"`
	StaffWindowS int `json:"staff_window_s"`
}

// status tells a gate its own figures: GET /v1/gate.
func (g *Gate) status(c *fiber.Ctx) error {
	device := access.Device(c)
	s, err := g.DB.GateStatus(c.UserContext(), device.ID)
	if err != nil {
		return err
	}
	out := status{ID: device.ID, Name: device.Name, Zone: device.Zone, Inside: s.Inside, LastMinute: s.LastMinute,
		ServerTime: time.Now().UTC(), ClockSkewMS: g.clocks.skewMS(device.ID), InForce: rules(), Recent: []admission{}}
	for _, a := range s.Recent {
		out.Recent = append(out.Recent, answer(a, access.Language(c)))
	}
	return respond.JSON(c, http.StatusOK, out)
}
