// Package api describes the device protocol: as an OpenAPI 3.1 document for programs, and as a page for people.
//
// Start at [Document]. What stays true: the document is a file that is read by people before it is served, the page is
// drawn from the document, and the tests of every audience hold each answer against it, so that none of the three can
// say something else than the handlers do.
package api

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

//go:embed openapi.json
var document []byte

// Document is the protocol as OpenAPI 3.1 (JSON).
func Document() []byte { return document }

// Routes mounts the document and its page.
func Routes(r fiber.Router) error {
	docs, err := read(document)
	if err != nil {
		return err
	}
	r.Get("/v1/openapi.json", serve)
	r.Get("/docs/api", page(docs))
	r.Get("/docs/look", look)
	return nil
}

// serve answers the document: GET /v1/openapi.json.
func serve(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // a description is nobody's secret; editors fetch it from elsewhere
	return c.Send(document)
}
