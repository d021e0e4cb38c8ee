package portal

import (
	"encoding/json"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// ceremony is what a begun ceremony gives the browser: its name, to be sent back, and the options for the authenticator.
type ceremony struct {
	Name      string `json:"ceremony"`
	PublicKey any    `json:"publicKey"`
}

// finished is what the browser sends back.
type finished struct {
	Name       string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential"`
}

// saveCeremony keeps the server's half and answers the browser's.
func (p *Portal) saveCeremony(c *fiber.Ctx, state *webauthn.SessionData, publicKey any) error {
	data, err := json.Marshal(state)
	if err != nil {
		return err
	}
	name, err := p.DB.SaveCeremony(c.UserContext(), data)
	if err != nil {
		return err
	}
	return respond.JSON(c, fiber.StatusOK, ceremony{name, publicKey})
}

// takeCeremony reads the browser's answer and the server's half of the ceremony that it belongs to, which is then spent.
func (p *Portal) takeCeremony(c *fiber.Ctx) (finished, webauthn.SessionData, error) {
	var (
		answer finished
		state  webauthn.SessionData
	)
	if len(c.Body()) > passkeyMax || json.Unmarshal(c.Body(), &answer) != nil {
		return answer, state, passkeyRefused
	}
	data, err := p.DB.TakeCeremony(c.UserContext(), answer.Name)
	if err != nil {
		return answer, state, err
	}
	return answer, state, json.Unmarshal(data, &state)
}
