package db

import (
	"context"
	"errors"
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

// The answers; an error, or CardUnknown, means that the outcome has to be asked for.
const (
	CardApproved   CardAnswer = "approved"
	CardRefused    CardAnswer = "declined"
	CardNeedsOwner CardAnswer = "needs_owner" // refused, as the bank wants to hear from the owner first (PSD2, strong customer authentication)
	CardUnknown    CardAnswer = "unknown"
)

// Limits of dealing with a card company.
const (
	CardWithin  = 8 * time.Second            // one call
	chargeFresh = CardWithin + 7*time.Second // so long, whoever asked may still be at work
	chargeLate  = 2 * time.Minute            // an approval that is found later than this is given back: nobody waits any more
	chargeBatch = 100                        // charges or tasks in one round
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

// task notes what a card company has to be told: in the transaction that decided it, carried out after.
func (t *tx) task(id kaopass.ChargeID, verb string, refund kaopass.RefundID, amount kaopass.Money) error {
	_, err := t.do(t.q.Card.TaskAdd, id, verb, refund, amount.Currency, amount.Value, t.now)
	return err
}

// taskRow is one thing to tell.
type taskRow struct {
	Seq      int64
	Charge   kaopass.ChargeID
	Verb     string
	Refund   kaopass.RefundID
	Currency string
	Amount   int64
}

// runTasks tells the card companies what is due, oldest first, of one charge or (empty) of all. A task that gets no
// answer is due again later; one that is refused stays as such, and `kaopass audit ledger` names it.
func (d *DB) runTasks(ctx context.Context, desk CardDesk, only kaopass.ChargeID) error {
	for range chargeBatch {
		var task taskRow
		err := d.tx(ctx, func(t *tx) error { return t.get(&task, t.q.Card.TaskTake, only, t.now) })
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		state := tell(ctx, desk, task)
		if state == "" {
			continue
		}
		err = d.tx(ctx, func(t *tx) error { return t.endTask(task, state) })
		if err != nil {
			return err
		}
	}
	return nil
}

// endTask notes what came of a task. A refund that is refused is owed: its money never left the card company's account.
func (t *tx) endTask(task taskRow, state string) error {
	if err := t.must(t.q.Card.TaskEnd, task.Seq, state); err != nil || state != taskRefused || task.Refund == "" {
		return err
	}
	_, err := t.oweRefund(task.Refund, kaopass.RefundRefused)
	return err
}

// taskRefused is the state of a task that the card company would not do.
const taskRefused = "refused"

// tell carries a task out and answers the state it ends in: empty where it has to be tried again.
func tell(ctx context.Context, desk CardDesk, k taskRow) string {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), CardWithin)
	defer done()
	id, amount := string(k.Charge), kaopass.Money{Currency: k.Currency, Value: k.Amount}
	var answer CardAnswer
	var err error
	switch k.Verb {
	case "capture":
		answer, err = desk.Capture(ctx, id, amount)
	case "release":
		answer, err = desk.Release(ctx, id)
	case "refund":
		answer, err = desk.Refund(ctx, id, string(k.Refund), amount)
	}
	switch {
	case err != nil || answer == CardUnknown || answer == "":
		return ""
	case answer == CardRefused && k.Verb != "release": // a release that is refused had nothing to release
		return taskRefused
	}
	return "done"
}

// tellNow carries out what was just decided about a charge. It is decided either way: what is not told now is told by
// the next [DB.Expire], so an error here is no error of the verb.
func (d *DB) tellNow(ctx context.Context, desk CardDesk, id kaopass.ChargeID) {
	if id != "" {
		_ = d.runTasks(context.WithoutCancel(ctx), desk, id)
	}
}
