package main

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/api"
	"github.com/kaopass/kaopass/handlers/console"
	"github.com/kaopass/kaopass/handlers/device"
	"github.com/kaopass/kaopass/handlers/gate"
	"github.com/kaopass/kaopass/handlers/till"
)

// audiences mounts what each audience sees.
func (p *program) audiences(ctx context.Context, app *fiber.App, who *access.Access) error {
	if err := p.money(ctx); err != nil {
		return err
	}
	p.console(ctx, app, who)
	if err := p.portal(ctx, app, who); err != nil {
		return err
	}
	if p.stripe != nil {
		p.stripe.Routes(app)
	}
	return p.devices(app, who)
}

// devices mounts the device protocol, its description, and the screens that speak it.
func (p *program) devices(app *fiber.App, who *access.Access) error {
	(&device.Device{DB: p.store.DB}).Routes(app, who)
	(&gate.Gate{Faces: p.faces, DB: p.store.DB}).Routes(app, who)
	(&till.Till{Faces: p.faces, DB: p.store.DB, Desk: p.cards, Issuer: p.cfg.issuer()}).Routes(app, who)
	return api.Routes(app)
}

func (p *program) console(ctx context.Context, app *fiber.App, who *access.Access) {
	live := console.NewLive(p.store.DB)
	p.work.Go(func() {
		if err := live.Run(ctx); ctx.Err() == nil {
			p.fail(fmt.Errorf("following the board: %w", err))
		}
	})
	board := &console.Console{DB: p.store.DB, Access: who, Queue: p.faces.Queue, Live: live, URL: p.url, Books: p.cards,
		Cards: p.cards,
		Judge: console.Judge{Policy: p.faces.Policy, People: p.faces.GallerySize, OnSite: p.faces.OnSite, Named: p.cfg.Calibration != ""}}
	board.Routes(app)
}
