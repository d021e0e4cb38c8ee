package device

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	claim "github.com/kaopass/kaopass/views/device"
)

// software is what one of our own screens says of itself.
const software = "kaopass screen"

// screen claims one of our own screens.
type screen struct {
	*Device
	access *access.Access
}

// claim spends the code that was typed or scanned on the claim page: POST /device/claim.
func (s screen) claim(c *fiber.Ctx) error {
	browser := c.Get(fiber.HeaderUserAgent)
	device, token, err := s.spend(c, c.FormValue("code"), browser[:min(AboutMax, len(browser))], software)
	var problem respond.Problem
	if errors.As(err, &problem) && problem.Code == wrongCode.Code {
		return again(c, http.StatusUnprocessableEntity, claim.ClaimWrong)
	}
	if err != nil {
		return err
	}
	s.access.SetDevice(c, token)
	return respond.SeeOther(c, "/"+string(device.Role))
}

// slow answers an address that tried too often with the page it came from.
func slow(limit fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := limit(c)
		var problem respond.Problem
		if errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests {
			respond.Retry(c, problem)
			return again(c, problem.Status, claim.ClaimSlow)
		}
		return err
	}
}

// again draws the claim page with what came of the try before.
func again(c *fiber.Ctx, status int, trial claim.ClaimTrial) error {
	role := kaopass.Role(c.FormValue("role"))
	if !slices.Contains(kaopass.Roles(), role) {
		role = kaopass.Gate
	}
	return respond.Page(c, status, claim.Claim{Words: views.Speak(access.PageLanguage(c)), Path: "/" + string(role),
		Role: role, Trial: trial}.Page())
}
