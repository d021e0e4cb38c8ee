package main

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/static"
)

// build makes the HTTP application: the middleware that every request passes, then each audience's routes.
func (p *program) build(ctx context.Context) (*fiber.App, error) {
	app := fiber.New(fiber.Config{
		AppName: "Kaopass", DisableStartupMessage: true, Immutable: true, BodyLimit: bodyMax,
		ReadTimeout: readWithin, WriteTimeout: writeWithin, IdleTimeout: idleWithin, ProxyHeader: p.cfg.ProxyHeader,
		EnableTrustedProxyCheck: false, ErrorHandler: trouble,
		DisablePreParseMultipartForm: true, // photos are read part by part, and a request's fingerprint needs its bytes
	})
	who := &access.Access{DB: p.store.DB, Secure: p.cfg.Secure()}
	meter := newMeter(p)
	app.Use(name, headers, meter.measure, recover.New(recover.Config{EnableStackTrace: true}), deadline, request.Unpacked)
	app.Get("/healthz", p.healthz)
	app.Get("/readyz", p.readyz)
	app.Get("/metrics", meter.serve(p.cfg.MetricsToken))
	app.Get("/static/*", serveAsset)
	for _, path := range static.Roots() {
		app.Get(path, serveRoot)
	}
	app.Use(who.SameOrigin, who.KeepLanguage, who.MarkKiosk)
	return app, p.audiences(ctx, app, who)
}
