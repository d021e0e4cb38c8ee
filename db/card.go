package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// CardDesk is what the wallet asks of a card company: charge now, hold and capture later, give back, and ask what came
// of a charge whose answer was lost. Every call names the charge by our id, so that repeating one does nothing twice.
type CardDesk interface {
	Authorise(ctx context.Context, id, token string, amount kaopass.Money) (CardAnswer, error)
	Capture(ctx context.Context, id string, amount kaopass.Money) (CardAnswer, error)
	Release(ctx context.Context, id string) (CardAnswer, error)
	Refund(ctx context.Context, id, refund string, amount kaopass.Money) (CardAnswer, error)
	Ask(ctx context.Context, id string) (CardAnswer, error)
}

// CardAnswer is what a card company said.
type CardAnswer string

// The answers; an error, or CardUnknown, means that the outcome has to be asked for.
const (
	CardApproved CardAnswer = "approved"
	CardRefused  CardAnswer = "declined"
	CardUnknown  CardAnswer = "unknown"
)
