package access

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/limiter"

	"github.com/kaopass/kaopass/handlers/respond"
)

// LimitByIP lets an address ask so many times in a while.
func LimitByIP(most int, within time.Duration) fiber.Handler {
	return limit(most, within, func(c *fiber.Ctx) string { return c.IP() })
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
