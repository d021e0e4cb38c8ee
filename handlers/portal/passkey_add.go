package portal

import (
	"encoding/json"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// PasskeyAddBegin starts a registration ceremony for the visitor who is signed in.
func (p *Portal) PasskeyAddBegin(c *fiber.Ctx) error {
	party, err := p.relyingParty(c)
	if err != nil {
		return err
	}
	keys, err := p.DB.Passkeys(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if len(keys) >= passkeysMax {
		return passkeyRefused
	}
	who, err := owner(access.Visitor(c), keys)
	if err != nil {
		return err
	}
	options, state, err := party.BeginRegistration(who,
		webauthn.WithExclusions(webauthn.Credentials(who.credentials).CredentialDescriptors()))
	if err != nil {
		return err
	}
	return p.saveCeremony(c, state, options.Response)
}

// PasskeyAdd finishes it and keeps the passkey.
func (p *Portal) PasskeyAdd(c *fiber.Ctx) error {
	party, err := p.relyingParty(c)
	if err != nil {
		return err
	}
	answer, state, err := p.takeCeremony(c)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer.Credential)
	if err != nil {
		return passkeyRefused
	}
	credential, err := party.CreateCredential(passkeyOwner{visitor: access.Visitor(c)}, state, parsed)
	if err != nil { // begun by another visitor, for another site, or not answered as asked
		return passkeyRefused
	}
	record, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	err = p.DB.AddPasskey(c.UserContext(), db.Passkey{ID: credential.ID, Visitor: access.Visitor(c).ID,
		Name: deviceName(c.Get(fiber.HeaderUserAgent)), Data: record, Created: time.Now()})
	if err != nil {
		return err
	}
	return respond.JSON(c, fiber.StatusCreated, onward{access.Next(c, "/next")})
}

// onward tells a script where to go after its request went well.
type onward struct {
	Next string `json:"next"`
}
