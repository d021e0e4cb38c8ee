package portal

import (
	"context"
	"errors"
	"strings"

	"github.com/kaopass/kaopass"
)

// Messenger brings a sign-in code, or a notice that asks for no answer, to its owner. It does not return before the
// gateway has taken the message.
type Messenger interface {
	Send(ctx context.Context, contact string, language kaopass.Language, code string) error
	Tell(ctx context.Context, contact string, language kaopass.Language, subject, body string) error
}

// ErrNoGateway says that a contact of this kind cannot be reached: the page asks for another.
var ErrNoGateway = errors.New("portal: no gateway for this kind of contact")

// isPhone tells the two kinds of normalised contact apart ([kaopass.Contact]).
func isPhone(contact string) bool {
	return strings.HasPrefix(contact, "+") && !strings.Contains(contact, "@")
}
