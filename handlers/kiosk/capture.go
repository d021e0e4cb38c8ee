package kiosk

import (
	"context"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/capture"
)

// capturePage shows the kiosk's camera; without a consent it leads to the choice.
func (k *Kiosk) capturePage(c *fiber.Ctx) error {
	profile, err := k.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if !profile.Agreed() {
		return respond.SeeOther(c, "/choice")
	}
	page := views.Page{Words: views.Speak(access.Language(c)), Path: c.OriginalURL(), Audience: views.ForVisitor,
		Kiosk: true, Styles: []string{"css/portal.css", "css/kiosk.css"}, Scripts: []string{"js/kiosk.js"}}
	return respond.Page(c, http.StatusOK, capture.Screen(capture.Page{Page: page, Base: "/kiosk/capture",
		Next: "/next?after=face", Leave: "/home", Data: "/me", Now: 3, Of: 4}))
}

// captured names the visitor, and the member of staff who helps, for enrol; a consent stands, or there is no capture.
func (k *Kiosk) captured(c *fiber.Ctx) (string, error) {
	profile, err := k.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return "", err
	}
	if !profile.Agreed() {
		return "", respond.ConsentMissing
	}
	return string(profile.Visitor.ID) + " " + string(access.Staff(c).ID), nil
}

// enrol keeps the face and says who helped.
func (k *Kiosk) enrol(ctx context.Context, subject string, t kaopass.Template) (kaopass.Reason, error) {
	visitor, staff, _ := strings.Cut(subject, " ")
	kept, err := k.DB.Enrol(ctx, db.Enrol{Visitor: kaopass.VisitorID(visitor), Template: t, By: "kiosk:" + staff,
		Near: k.Near})
	return kept.Reason, err
}

// captureEnded keeps why a capture gave up, in the helper's name: the visitor's own tries are counted apart.
func (k *Kiosk) captureEnded(ctx context.Context, subject string, why kaopass.Reason) error {
	visitor, staff, _ := strings.Cut(subject, " ")
	return k.DB.CaptureEnded(ctx, kaopass.VisitorID(visitor), staff, why)
}
