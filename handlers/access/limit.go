package access

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/limiter"

	"github.com/kaopass/kaopass/handlers/respond"
)

// LimitByIP lets an address ask so many times in a while.
func LimitByIP(most int, within time.Duration) fiber.Handler {
	return limit(most, within, address)
}

// address is where a request came from. A proxy writes it behind what its client wrote there, on the same line or on one of
// its own, so only the end of the last line is the proxy's word: by the beginning anybody would be somebody new each time.
func address(c *fiber.Ctx) string {
	lines := c.Request().Header.PeekAll(c.App().Config().ProxyHeader)
	if len(lines) == 0 {
		return c.Context().RemoteIP().String()
	}
	last := string(lines[len(lines)-1])
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// LimitByCaller lets a device, visitor or member of staff ask so many times in a while; it runs after the middleware
// that found out who asks.
func LimitByCaller(most int, within time.Duration) fiber.Handler {
	return limit(most, within, func(c *fiber.Ctx) string { return owner(c) })
}

func limit(most int, within time.Duration, key func(*fiber.Ctx) string) fiber.Handler {
	return limiter.New(limiter.Config{Max: most, Expiration: within, KeyGenerator: key, LimiterMiddleware: limiter.SlidingWindow{},
		LimitReached: func(*fiber.Ctx) error {
			p := respond.TooMany
			p.RetryAfter = within
			return p
		}})
}
