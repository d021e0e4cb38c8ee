package main

import (
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/static"
)

// serveAsset answers a file by its hashed address.
func serveAsset(c *fiber.Ctx) error {
	asset, ok := static.Open(c.Path())
	if !ok {
		return respond.NotFound
	}
	return sendAsset(c, asset)
}

// serveRoot answers a file that browsers look for at the root of a site.
func serveRoot(c *fiber.Ctx) error {
	asset, ok := static.Root(c.Path())
	if !ok {
		return c.Next()
	}
	return sendAsset(c, asset)
}

func sendAsset(c *fiber.Ctx, asset static.Asset) error {
	c.Set(fiber.HeaderETag, asset.ETag())
	c.Set(fiber.HeaderCacheControl, asset.CacheControl())
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderIfNoneMatch) == asset.ETag() {
		return c.SendStatus(fiber.StatusNotModified)
	}
	body, encoding := asset.Encoded(c.Get(fiber.HeaderAcceptEncoding))
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	c.Set(fiber.HeaderContentType, asset.Type)
	return c.Send(body)
}
