package camera

import (
	"bytes"
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// stillWait is how long a still waits for its turn and for the matcher.
const stillWait = 5 * time.Second

// still takes a photo where video does not connect.
func (k *Camera) still(c *fiber.Ctx, h Host, subject string) error {
	if !is(c, "image/jpeg") {
		return respond.ImageType
	}
	if len(c.Body()) > stillMax {
		return respond.ImageTooLarge
	}
	s, err := k.resume(c.Query("session"), subject)
	if err == nil && s == nil {
		s, err = k.beginWhereAllowed(c.UserContext(), subject, h)
	}
	if err != nil {
		return err
	}
	if !s.stills.Allow() {
		return errOften
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), stillWait)
	defer cancel()
	p, err := s.still(ctx, bytes.Clone(c.Body()))
	if err != nil {
		return err
	}
	return respond.JSON(c, fiber.StatusOK, p)
}
