package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// CardDesk is what the wallet asks of a card company: hold and capture later, give back, and ask what came of a charge
// whose answer was lost. Every call names the charge by our id, so that repeating one does nothing twice. Releasing a
// charge, or asking for one, that the company has never heard of makes sure that it never comes into being: the answer
// is CardRefused.
type CardDesk interface {
	Authorise(ctx context.Context, id, token string, amount kaopass.Money) (CardAnswer, error)
	Capture(ctx context.Context, id string, amount kaopass.Money) (CardAnswer, error)
	Release(ctx context.Context, id string) (CardAnswer, error)
	Refund(ctx context.Context, id, refund string, amount kaopass.Money) (CardAnswer, error)
	Ask(ctx context.Context, id string) (CardAnswer, error)
}

// CardAnswer is what a card company said.
type CardAnswer string

// The answers; an error, or CardUnknown, means that the outcome has to be asked for. All others are final.
const (
	CardApproved   CardAnswer = "approved"
	CardRefused    CardAnswer = "declined"
	CardNeedsOwner CardAnswer = "needs_owner" // refused, as the bank wants to hear from the owner first (PSD2, strong customer authentication)
	CardUnknown    CardAnswer = "unknown"

	// Of a capture that can never be done, as the company says when it is asked what the charge is.
	CardHoldExpired   CardAnswer = "hold_expired"   // the bank has let go of the money
	CardHoldCancelled CardAnswer = "hold_cancelled" // somebody released it at the company
	CardHoldShort     CardAnswer = "hold_short"     // less is held than was to be taken
	CardTakenOther    CardAnswer = "taken_other"    // another amount was taken

	CardBounced CardAnswer = "bounced" // of a refund: it was carried out, and came back
)

// Limits of dealing with a card company.
const (
	CardWithin  = 8 * time.Second            // one call
	chargeFresh = CardWithin + 7*time.Second // so long, whoever asked may still be at work
	chargeLate  = 2 * time.Minute            // an approval that is found later than this is given back: nobody waits any more
	chargeBatch = 100                        // charges or tasks in one round

	taskPauseMin = 10 * time.Second    // before what got no answer is told again, twice as long each time,
	taskPauseMax = time.Hour           // up to this,
	taskWithin   = 30 * 24 * time.Hour // and no longer in all: no bank holds money for longer
	taskSlow     = time.Hour           // what is not told by then is on the console
)

// cardQueries is what we asked card companies for, and what we still have to tell them.
type cardQueries struct {
	Add       *sqlx.Stmt `query:"charge-add"`
	Lock      *sqlx.Stmt `query:"charge-lock"`
	OfPayment *sqlx.Stmt `query:"charge-of-payment"`
	OfKey     *sqlx.Stmt `query:"charge-of-key"`
	Settle    *sqlx.Stmt `query:"charge-settle"`
	Unknown   *sqlx.Stmt `query:"charge-unknown"`
	TopUps    *sqlx.Stmt `query:"charge-top-ups-open"`
	TaskAdd   *sqlx.Stmt `query:"task-add"`
	TaskTake  *sqlx.Stmt `query:"task-take"`
	TaskEnd   *sqlx.Stmt `query:"task-end"`
	TasksSlow *sqlx.Stmt `query:"task-slow"`
	Work      *sqlx.Stmt `query:"card-work"`
}

// charge is what we ask a card company for. Its row is written before the call and settled after it, so that a crash in
// between leaves a question, not a loss.
type charge struct {
	ID       kaopass.ChargeID
	Visitor  kaopass.VisitorID
	Method   kaopass.MethodID
	Payment  kaopass.PaymentID // empty: a top-up
	Currency string
	Amount   int64
	State    string
	AskedAt  time.Time `db:"asked_at"`
	KeyOwner string    `db:"key_owner"`
	KeyName  string    `db:"key_name"`
	KeyBody  []byte    `db:"key_body"`

	token string // the card; empty where the call was made before and only its outcome is asked for
}

// The states of a charge. Unreachable is unknown too, but decided: we told the person that nothing was taken, and a
// release sees to it.
const (
	chargeUnknown     = "unknown"
	chargeApproved    = "approved"
	chargeDeclined    = "declined"
	chargeUnreachable = "unreachable"
)

func (c charge) money() kaopass.Money { return kaopass.Money{Currency: c.Currency, Value: c.Amount} }

func (c charge) key() kaopass.Key {
	return kaopass.Key{Owner: c.KeyOwner, Name: c.KeyName, Body: [32]byte(c.KeyBody)}
}

// intend writes down what is about to be asked.
func (t *tx) intend(key kaopass.Key, visitor kaopass.VisitorID, m methodRow, payment kaopass.PaymentID, amount kaopass.Money) (*charge, error) {
	c := &charge{ID: kaopass.ChargeID(t.newID(kaopass.PrefixCharge)), Visitor: visitor, Method: m.ID, Payment: payment,
		Currency: amount.Currency, Amount: amount.Value, State: chargeUnknown, AskedAt: t.now, KeyOwner: key.Owner,
		KeyName: key.Name, KeyBody: key.Body[:], token: m.Token}
	_, err := t.do(t.q.Card.Add, c.ID, c.Visitor, c.Method, c.Payment, c.Currency, c.Amount, c.AskedAt, c.KeyOwner,
		c.KeyName, c.KeyBody)
	return c, err
}

// resume finds a charge that an earlier try left without an answer: nil where there is none, ErrInFlight where that try
// may still be at work.
func (t *tx) resume(stmt *sqlx.Stmt, args ...any) (*charge, error) {
	var c charge
	found, err := t.find(&c, stmt, args...)
	switch {
	case err != nil || !found:
		return nil, err
	case t.now.Sub(c.AskedAt) < chargeFresh:
		return nil, ErrInFlight
	}
	return &c, nil
}

// askDesk makes the call, or asks what came of an earlier one. It goes on when the client has gone: its answer decides
// about money.
func askDesk(ctx context.Context, desk CardDesk, c charge) CardAnswer {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), CardWithin)
	defer done()
	var answer CardAnswer
	var err error
	if c.token == "" {
		answer, err = desk.Ask(ctx, string(c.ID))
	} else {
		answer, err = desk.Authorise(ctx, string(c.ID), c.token, c.money())
	}
	if err != nil {
		return CardUnknown
	}
	return answer
}

// settleCharge stamps a locked charge with its answer and answers why it failed, if it did. What we are not sure of is
// released.
func (t *tx) settleCharge(c charge, answer CardAnswer) (reason kaopass.Reason, err error) {
	state := chargeApproved
	switch answer {
	case CardApproved:
	case CardRefused:
		state, reason = chargeDeclined, kaopass.CardDeclined
	case CardNeedsOwner:
		state, reason = chargeDeclined, kaopass.CardNeedsOwner
		if err := t.askOwner(c); err != nil {
			return "", err
		}
	default:
		state, reason = chargeUnreachable, kaopass.CardUnreachable
		if err := t.task(c.ID, "release", "", c.money()); err != nil {
			return "", err
		}
	}
	return reason, t.must(t.q.Card.Settle, c.ID, state, t.now)
}

// lockCharge locks a charge before it is settled; open is false where somebody else has settled it meanwhile.
func (t *tx) lockCharge(id kaopass.ChargeID) (c charge, open bool, err error) {
	err = t.get(&c, t.q.Card.Lock, id)
	return c, c.State == chargeUnknown, err
}
