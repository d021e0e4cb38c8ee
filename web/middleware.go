package main

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// name gives each request the id under which the log knows it.
func name(c *fiber.Ctx) error {
	respond.SetRequestID(c, strings.ToLower(rand.Text()[:16]))
	return c.Next()
}

// policy lets a page load only what we serve ourselves (CSP level 3); there is no inline script or style anywhere.
const policy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers sets what every answer carries.
func headers(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(self), microphone=(), geolocation=()")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	if c.Protocol() == "https" {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	return c.Next()
}

// deadline gives every request's context an end. fiber's own context has none.
func deadline(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}
