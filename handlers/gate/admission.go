package gate

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// attempt is what a gate sends.
type attempt struct {
	qr         string
	direction  kaopass.Direction
	capturedAt time.Time
	photos     [][]byte
}

// admit decides one attempt: POST /v1/admissions.
func (g *Gate) admit(c *fiber.Ctx) error {
	started, device := time.Now(), access.Device(c)
	in, err := readAttempt(c)
	if err != nil {
		return err
	}
	g.clocks.saw(device.ID, in.capturedAt, started)
	probe, err := g.read(c.UserContext(), in)
	if err != nil {
		return err
	}
	a, err := g.DB.Admit(c.UserContext(), db.Admit{Key: access.Key(c), Device: device.ID, QR: in.qr,
		Direction: in.direction, CapturedAt: in.capturedAt, Started: started, Compare: probe.Against, Renew: probe.Renew})
	if err != nil {
		return err
	}
	respond.Replayed(c, a.Replayed)
	return respond.JSON(c, http.StatusOK, answer(a, language(c, a)))
}

// read looks at the face only where the text could be a ticket of ours: else there is nobody to compare it with.
func (g *Gate) read(ctx context.Context, in attempt) (matcher.Probe, error) {
	if !kaopass.LooksLikeTicket(in.qr) {
		return matcher.Probe{Reason: kaopass.FaceNone}, nil
	}
	return g.Faces.Read(ctx, matcher.UseGate, in.photos)
}

func readAttempt(c *fiber.Ctx) (attempt, error) {
	form, err := request.Photos(c)
	if err != nil {
		return attempt{}, err
	}
	in := attempt{photos: form.Photos, direction: kaopass.Entry}
	if in.qr, err = form.Need("ticket"); err != nil {
		return attempt{}, err
	}
	switch d := kaopass.Direction(form.Field("direction")); d {
	case kaopass.Entry, kaopass.Exit:
		in.direction = d
	case "":
	default:
		return attempt{}, respond.Field("direction", "entry or exit.")
	}
	in.capturedAt, err = request.Time("captured_at", form.Field("captured_at"))
	return in, err
}
