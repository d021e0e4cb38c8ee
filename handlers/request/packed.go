package request

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// Unpacked refuses a body that was compressed on its way (RFC 9110, 8.4). Nobody here needs that, fiber unpacks one as soon as
// somebody looks at it, and half a megabyte of it becomes a gigabyte: no limit of a body would be one.
func Unpacked(c *fiber.Ctx) error {
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderContentEncoding) {
		if coding := strings.TrimSpace(string(line)); coding != "" && !strings.EqualFold(coding, "identity") {
			c.Set(fiber.HeaderAcceptEncoding, "identity") // in an answer: of requests (RFC 9110, 12.5.3)
			return respond.Packed
		}
	}
	return c.Next()
}
