package portal

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views/capture"
)

// CapturePage gets the visitor ready and shows the camera; without a consent it leads to the choice.
func (p *Portal) CapturePage(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if !profile.Agreed() {
		return respond.SeeOther(c, "/choice")
	}
	if access.AtKiosk(c) {
		return respond.SeeOther(c, "/kiosk/capture") // where the helper is known
	}
	return respond.Page(c, http.StatusOK, capture.Screen(capture.Page{Page: p.page(c, "capture.ready.title"), Base: "/capture",
		Next: "/next?after=face", Leave: "/home", Without: "/without", Data: "/me", Now: 3, Of: 4}))
}

// host is whose capture it is: a visitor's for whom a consent stands now, asked before each frame.
func (p *Portal) host() camera.Host {
	return camera.Host{Who: p.captured, Finish: p.enrol, Ended: p.captureEnded,
		May: func(ctx context.Context, subject string) (kaopass.CaptureLeave, error) {
			return p.DB.MayCapture(ctx, kaopass.VisitorID(subject))
		}}
}

func (p *Portal) captureEnded(ctx context.Context, subject string, why kaopass.Reason) error {
	return p.DB.CaptureEnded(ctx, kaopass.VisitorID(subject), subject, why)
}

func (p *Portal) captured(c *fiber.Ctx) (string, error) {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return "", err
	}
	if !profile.Agreed() {
		return "", respond.ConsentMissing
	}
	return string(profile.Visitor.ID), nil
}

func (p *Portal) enrol(ctx context.Context, subject string, t kaopass.Template) (kaopass.Reason, error) {
	kept, err := p.DB.Enrol(ctx, db.Enrol{Visitor: kaopass.VisitorID(subject), Template: t, By: "self", Near: p.Near})
	return kept.Reason, err
}
