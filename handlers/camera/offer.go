package camera

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// offer answers an offer as WHIP does (RFC 9725, section 4.2).
func (k *Camera) offer(c *fiber.Ctx, h Host, subject string) error {
	if !is(c, "application/sdp") {
		return errOffer
	}
	if len(c.Body()) > offerMax {
		return respond.TooLarge
	}
	s, err := k.forOffer(c, h, subject)
	if err != nil {
		return err
	}
	answer, err := k.connect(s, string(c.Body()))
	if err != nil {
		s.cancel()
		return err
	}
	c.Set(fiber.HeaderContentType, "application/sdp")
	c.Set(fiber.HeaderLocation, strings.TrimSuffix(c.Path(), "/offer")+"/session/"+s.id)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(fiber.StatusCreated).SendString(answer)
}

// forOffer is the session that an offer names, else a new one.
func (k *Camera) forOffer(c *fiber.Ctx, h Host, subject string) (*session, error) {
	if id := c.Query("session"); id != "" {
		return k.resume(id, subject)
	}
	return k.beginWhereAllowed(c.UserContext(), subject, h)
}

// connect answers an offer for a session. The peer ends with the session.
func (k *Camera) connect(s *session, offer string) (answer string, err error) {
	p, answer, err := k.engine.answer(s.ctx, offer, s.frames)
	if err != nil {
		return "", errors.Join(errOffer, err)
	}
	if !s.attach(p) {
		return "", errors.Join(errOver, p.Close())
	}
	return answer, nil
}
