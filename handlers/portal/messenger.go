package portal

import (
	"context"
	"errors"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Messenger brings a sign-in code to its owner. It does not return before the gateway has taken the message.
type Messenger interface {
	Send(ctx context.Context, contact string, language kaopass.Language, code string) error
}

// ErrNoGateway says that a contact of this kind cannot be reached: the page asks for another.
var ErrNoGateway = errors.New("portal: no gateway for this kind of contact")

// isPhone tells the two kinds of normalised contact apart ([kaopass.Contact]).
func isPhone(contact string) bool {
	return strings.HasPrefix(contact, "+") && !strings.Contains(contact, "@")
}

// Letter writes the message that brings a code, in the visitor's language.
func Letter(language kaopass.Language, code string) (subject, body string) {
	w, args := views.Speak(language), views.Args{"Code": code}
	return w.With("mail.subject", args), w.With("mail.body", args)
}
