package portal

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/views"
)

// WriteToOwners writes to those whose card's bank wants to hear from them; web calls it on a timer.
func (p *Portal) WriteToOwners(ctx context.Context) error {
	return p.DB.OwnerLetters(ctx, func(ctx context.Context, l db.OwnerLetter) error {
		w := views.Speak(l.Language)
		args := views.Args{"Card": l.Card}
		err := p.Mail.Tell(ctx, l.Contact, l.Language, w.With("mail.owner.subject", args), w.With("mail.owner.body", args))
		if errors.Is(err, ErrNoGateway) { // their wallet says it
			return nil
		}
		return err
	})
}
