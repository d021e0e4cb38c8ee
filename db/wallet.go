package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// Wallet is a visitor's money and ways to pay.
type Wallet struct {
	Balance kaopass.Money // what is there, less what is held for authorised payments
	Held    kaopass.Money
	Methods []kaopass.Method // Token left out
}

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

// Wallet reads a wallet: ErrNotFound where none was opened.
func (d *DB) Wallet(ctx context.Context, id kaopass.VisitorID) (Wallet, error) {
	return Wallet{}, errUnwritten
}

// TopUp is money from a card into the wallet.
type TopUp struct {
	Key     kaopass.Key
	Visitor kaopass.VisitorID
	Method  kaopass.MethodID // one of the visitor's cards
	Amount  kaopass.Money
}

// ToppedUp is the outcome: Reason is LimitExceeded, CardDeclined, CardUnreachable, MethodGone or empty.
type ToppedUp struct {
	Wallet   Wallet
	Reason   kaopass.Reason
	Replayed bool
}

// TopUp charges the card (outside of any transaction, between two of them) and posts the transfer.
func (d *DB) TopUp(ctx context.Context, desk CardDesk, in TopUp) (ToppedUp, error) {
	return ToppedUp{}, errUnwritten
}

// AddCard keeps a card by the provider's token. The first card is not made the default: the wallet stays.
func (d *DB) AddCard(ctx context.Context, id kaopass.VisitorID, token, label string) (kaopass.Method, error) {
	return kaopass.Method{}, errUnwritten
}

// RemoveMethod removes a card; the wallet itself cannot be removed here.
func (d *DB) RemoveMethod(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID) error {
	return errUnwritten
}

// SetDefault chooses the method that a till offers first.
func (d *DB) SetDefault(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID) error {
	return errUnwritten
}

// IssueCode gives the visitor a new four-digit code, drawn at random, shown this once, stored as a keyed hash only.
// Reason is ConsentMissing or ConsentWithdrawn where payment is not consented to.
func (d *DB) IssueCode(ctx context.Context, id kaopass.VisitorID) (code string, reason kaopass.Reason, err error) {
	return "", "", errUnwritten
}

// CheckCode lets the visitor practise the code once it was shown; it counts wrong tries and says TooManyTries.
func (d *DB) CheckCode(ctx context.Context, id kaopass.VisitorID, code string) (kaopass.Reason, error) {
	return "", errUnwritten
}

// Entry is one line of a wallet's history.
type Entry struct {
	At      time.Time
	Kind    kaopass.EventKind // wallet.topped_up, payment.captured, payment.refunded, payment.authorised (held)
	Amount  kaopass.Money     // negative: went out
	Method  kaopass.MethodKind
	Place   string // the till's or store's name
	Subject string
}

// History lists a wallet's entries, newest first.
func (d *DB) History(ctx context.Context, id kaopass.VisitorID, page Page) ([]Entry, string, error) {
	return nil, "", errUnwritten
}
