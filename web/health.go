package main

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

type health struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts,omitempty"`
}

// healthz says that the process lives.
func (p *program) healthz(c *fiber.Ctx) error { return respond.JSON(c, 200, health{Status: "ok"}) }

// readyWithin is how long the database may take to say that it is there.
const readyWithin = 2 * time.Second

// readyz says whether the venue can be served, and which part cannot.
func (p *program) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readyWithin)
	defer cancel()
	h, status := health{"ok", map[string]string{"database": "ok", "models": "ok", "index": "ok"}}, 200
	if err := p.store.Ready(ctx); err != nil {
		h.Status, h.Parts["database"], status = "not ready", "unreachable", 503
	}
	if !p.faces.GalleryOpen() {
		h.Status, h.Parts["index"], status = "not ready", "loading", 503
	}
	return respond.JSON(c, status, h)
}
