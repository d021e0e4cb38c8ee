package portal

import (
	"encoding/json"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
)

// passkeyMax is the largest answer of an authenticator that is read, in bytes.
const passkeyMax = 64 << 10

// passkeysMax is how many passkeys a visitor keeps.
const passkeysMax = 10

// noPasskeys answers where a passkey cannot be: WebAuthn (level 2, 5.1.2) ties one to a domain, and an IP address is none.
var noPasskeys = respond.Problem{Status: 422, Code: "passkey_impossible", Title: "Passkeys need a domain name."}

// passkeyRefused answers an answer of an authenticator that does not fit its ceremony.
var passkeyRefused = respond.Problem{Status: 422, Code: "passkey_refused", Title: "This passkey could not be used."}

// origin is the site's origin as the browser names it: configured, or that of the request. A request cannot lie about
// it to any use, because an authenticator signs for the domain that its browser really shows.
func (p *Portal) origin(c *fiber.Ctx) string {
	if p.Origin != "" {
		return p.Origin
	}
	return c.Protocol() + "://" + string(c.Request().Host())
}

// relyingParty is this site as WebAuthn knows it.
func (p *Portal) relyingParty(c *fiber.Ctx) (*webauthn.WebAuthn, error) {
	origin := p.origin(c)
	u, err := url.Parse(origin)
	if err != nil || net.ParseIP(u.Hostname()) != nil {
		return nil, noPasskeys
	}
	return webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Kaopass", RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:      protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationPreferred,
		}})
}

// passkeyOwner is a visitor as WebAuthn knows one. The handle is the opaque id, never the contact (level 2, 14.6.1).
type passkeyOwner struct {
	visitor     kaopass.Visitor
	credentials []webauthn.Credential
}

func (o passkeyOwner) WebAuthnID() []byte                         { return []byte(o.visitor.ID) }
func (o passkeyOwner) WebAuthnName() string                       { return o.visitor.Contact }
func (o passkeyOwner) WebAuthnDisplayName() string                { return o.visitor.Contact }
func (o passkeyOwner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// owner reads the stored credential records of a visitor.
func owner(v kaopass.Visitor, keys []db.Passkey) (passkeyOwner, error) {
	o := passkeyOwner{visitor: v, credentials: make([]webauthn.Credential, len(keys))}
	for i, k := range keys {
		if err := json.Unmarshal(k.Data, &o.credentials[i]); err != nil {
			return o, err
		}
	}
	return o, nil
}

// deviceName is what a passkey is called in the list, from the browser's own words about itself.
func deviceName(userAgent string) string {
	for _, name := range []string{"iPhone", "iPad", "Android", "Windows", "Macintosh", "CrOS", "Linux"} {
		if strings.Contains(userAgent, name) {
			return strings.Replace(name, "Macintosh", "Mac", 1)
		}
	}
	return "–"
}
