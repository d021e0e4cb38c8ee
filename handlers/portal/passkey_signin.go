package portal

import (
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// PasskeySignInBegin starts a sign-in in which the authenticator says who it is: nobody types a contact, and nobody
// learns whether a contact has an account.
func (p *Portal) PasskeySignInBegin(c *fiber.Ctx) error {
	party, err := p.relyingParty(c)
	if err != nil {
		return err
	}
	options, state, err := party.BeginDiscoverableLogin()
	if err != nil {
		return err
	}
	return p.saveCeremony(c, state, options.Response)
}

// PasskeySignIn checks the assertion against the stored passkey and opens a session.
func (p *Portal) PasskeySignIn(c *fiber.Ctx) error {
	party, err := p.relyingParty(c)
	if err != nil {
		return err
	}
	answer, state, err := p.takeCeremony(c)
	if err != nil {
		return err
	}
	key, err := p.assertion(c, party, answer, state)
	if err != nil {
		return err
	}
	in, err := p.DB.SignInByPasskey(c.UserContext(), key)
	if err != nil {
		return err
	}
	p.Access.SetVisitor(c, in.Token)
	return respond.JSON(c, fiber.StatusOK, onward{access.Next(c, "/home")})
}

// assertion finds the passkey that signed, and answers its record with the counter as it is now.
func (p *Portal) assertion(c *fiber.Ctx, party *webauthn.WebAuthn, answer finished, state webauthn.SessionData) (db.Passkey, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer.Credential)
	if err != nil {
		return db.Passkey{}, passkeyRefused
	}
	stored, visitor, err := p.DB.PasskeyByID(c.UserContext(), parsed.RawID)
	if errors.Is(err, db.ErrNotFound) {
		return db.Passkey{}, passkeyRefused
	} else if err != nil {
		return db.Passkey{}, err
	}
	who, err := owner(visitor, []db.Passkey{stored})
	if err != nil {
		return db.Passkey{}, err
	}
	credential, err := party.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(visitor.ID) {
			return nil, passkeyRefused
		}
		return who, nil
	}, state, parsed)
	if err != nil || credential.Authenticator.CloneWarning {
		return db.Passkey{}, passkeyRefused
	}
	stored.Data, err = json.Marshal(credential)
	return stored, err
}
