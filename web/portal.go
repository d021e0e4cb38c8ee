package main

import (
	"cmp"
	"context"
	"net"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/kiosk"
	"github.com/kaopass/kaopass/handlers/portal"
	"github.com/kaopass/kaopass/views/consent"
)

// portal mounts the visitor's own pages, on phones and at kiosks.
func (p *program) portal(_ context.Context, app *fiber.App, who *access.Access) error {
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
		own.Tokenise, own.SampleCards = p.sandbox.Tokenise, card.Samples()
	}
	if own.Mail, err = p.messenger(own); err != nil {
		return err
	}
	own.Routes(app)
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
