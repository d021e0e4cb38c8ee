package main

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/kiosk"
	"github.com/kaopass/kaopass/handlers/portal"
	"github.com/kaopass/kaopass/views/consent"
)

// ownersEvery is how soon the owner of a card is written to when its bank wants to hear from them.
const ownersEvery = 10 * time.Second

// portal mounts the visitor's own pages, on phones and at kiosks.
func (p *program) portal(ctx context.Context, app *fiber.App, who *access.Access) error {
	operator := consent.Operator{Name: p.cfg.Venue, Contact: p.cfg.Contact}
	texts, err := consent.Load(operator)
	if err != nil {
		return err
	}
	eye, err := camera.New(camera.Config{Faces: p.faces, UDPPort: p.cfg.CameraUDP, TCPPort: p.cfg.CameraTCP,
		PublicIPs: p.cfg.CameraIPs, Loopback: p.cfg.Local(), SessionsMax: p.cfg.CapturesMax})
	if err != nil {
		return err
	}
	p.closed = append(p.closed, eye)
	own := &portal.Portal{DB: p.store.DB, Faces: p.faces, Near: p.faces.Neighbours, Forget: p.faces.Forget,
		Access: who, Camera: eye, Texts: texts, Operator: operator, Origin: p.cfg.Public,
		Cards: p.cards, Stripe: p.stripe, Issuer: p.cfg.issuer()}
	if p.sandbox != nil {
		own.Tokenise, own.SampleCards, own.Answered = p.sandbox.Tokenise, card.Samples(), card.Answered
	}
	if own.Mail, err = p.messenger(own); err != nil {
		return err
	}
	own.Routes(app)
	p.background(ctx, ownersEvery, func(ctx context.Context) {
		if err := own.WriteToOwners(ctx); err != nil && ctx.Err() == nil {
			slog.Error("writing to the owners of cards", "err", err)
		}
	})
	(&kiosk.Kiosk{Near: p.faces.Neighbours, DB: p.store.DB, Access: who, Camera: eye}).Routes(app)
	return nil
}

// messenger is the mail gateway, or the demo inbox where none is configured.
func (p *program) messenger(own *portal.Portal) (portal.Messenger, error) {
	if p.cfg.SMTP == "" {
		own.Inbox = &portal.Inbox{}
		return own.Inbox, nil
	}
	u, err := url.Parse(p.cfg.SMTP)
	if err != nil {
		return nil, err
	}
	port := "587" // RFC 6409
	if u.Scheme == "smtps" {
		port = "465" // RFC 8314
	}
	password, _ := u.User.Password()
	return &portal.SMTP{Addr: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port)), User: u.User.Username(), Password: password,
		From: p.cfg.MailFrom, Letter: portal.Letter}, nil
}
