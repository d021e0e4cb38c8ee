package camera

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Progress is what a page is told, over the data channel and in answer to a still or a poll. Exactly one of Done, Ended
// and Fault is set in the last one.
type Progress struct {
	Session string         `json:"session"`
	Hint    kaopass.Hint   `json:"hint"`
	Step    int            `json:"step"` // 1 to Steps
	Steps   int            `json:"steps"`
	Share   float64        `json:"share"`           // 0 to 1 of the oval's edge
	Done    bool           `json:"done"`            // the face is kept
	Ended   kaopass.Reason `json:"ended,omitempty"` // why the capture gave up
	Fault   bool           `json:"fault,omitempty"` // we failed: try again a little later
}

// Host is whose capture it is and what happens with the result.
type Host struct {
	// Who answers for whom the request speaks, e.g. a visitor's id, with a consent that stands; an error is answered as is.
	Who func(c *fiber.Ctx) (subject string, err error)
	// Finish keeps the template: a Reason where the rules refuse it, an error where we fail (it is tried again).
	Finish func(ctx context.Context, subject string, t kaopass.Template) (kaopass.Reason, error)
	// May says whether the subject may be captured now; nil: always. The page is told as of a capture that ended.
	May func(ctx context.Context, subject string) (kaopass.CaptureLeave, error)
	// Ended hears why a capture gave up, once; nil: nobody does.
	Ended func(ctx context.Context, subject string, why kaopass.Reason) error
}

// Mount adds the capture's routes to an audience.
//
//	POST   {r}/offer         application/sdp → 201, the answer, Location (RFC 9725); ?session= goes on with that one
//	DELETE {r}/session/{id}  ends it
//	GET    {r}/session/{id}  Progress, for a page whose data channel is closed
//	POST   {r}/still         image/jpeg → Progress, in the session named by ?session=, else the live one, else a new one
func (k *Camera) Mount(r fiber.Router, h Host) {
	r.Post("/offer", k.with(h, k.offer))
	r.Post("/still", k.with(h, k.still))
	r.Get("/session/:id", k.with(h, k.poll))
	r.Delete("/session/:id", k.with(h, k.leave))
}

// with finds out who asks.
func (k *Camera) with(h Host, then func(*fiber.Ctx, Host, string) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		subject, err := h.Who(c)
		if err != nil {
			return err
		}
		return then(c, h, strings.Clone(subject))
	}
}

// poll answers how a capture stands.
func (k *Camera) poll(c *fiber.Ctx, _ Host, subject string) error {
	s := k.find(c.Params("id"), subject)
	if s == nil {
		return respond.NotFound
	}
	return respond.JSON(c, fiber.StatusOK, s.state())
}

// leave ends a capture.
func (k *Camera) leave(c *fiber.Ctx, _ Host, subject string) error {
	s := k.find(c.Params("id"), subject)
	if s == nil {
		return respond.NotFound
	}
	s.cancel()
	return c.SendStatus(fiber.StatusOK)
}

func is(c *fiber.Ctx, media string) bool {
	got, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	return strings.EqualFold(strings.TrimSpace(got), media)
}
