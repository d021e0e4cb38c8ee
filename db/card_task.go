package db

import (
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// task notes what a card company has to be told: in the transaction that decided it, carried out after.
func (t *tx) task(id kaopass.ChargeID, verb string, refund kaopass.RefundID, amount kaopass.Money) error {
	_, err := t.do(t.q.Card.TaskAdd, id, verb, refund, amount.Currency, amount.Value, t.now)
	return err
}

// taskRow is one thing to tell.
type taskRow struct {
	Seq         int64
	Charge      kaopass.ChargeID
	Verb        string
	Refund      kaopass.RefundID
	Currency    string
	Amount      int64
	GivenAt     time.Time `db:"given_at"`
	Uncollected bool      // the charge was never taken
}

func (k taskRow) money() kaopass.Money { return kaopass.Money{Currency: k.Currency, Value: k.Amount} }

// The states in which a task ends, and why without asking anybody.
const (
	taskDone    = "done"
	taskRefused = "refused" // the card company would not do it

	unanswered  CardAnswer = "unanswered"  // it gave no answer for taskWithin
	uncollected CardAnswer = "uncollected" // a refund of what was never taken: nobody is told, see endUntold
)

// runTasks tells the card companies what is due, oldest first, of one charge or (empty) of all. A task that gets no
// answer is due again later, for taskWithin; one that is refused stays as such, and `kaopass audit ledger` names it.
func (d *DB) runTasks(ctx context.Context, desk CardDesk, only kaopass.ChargeID) error {
	for range chargeBatch {
		var task taskRow
		err := d.tx(ctx, func(t *tx) error {
			return t.get(&task, t.q.Card.TaskTake, only, t.now, taskPauseMin.Seconds(), taskPauseMax.Seconds())
		})
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		answer := uncollected
		if !task.Uncollected || task.Verb != "refund" {
			answer = tell(ctx, desk, task)
		}
		if answer == CardUnknown && d.clock().Sub(task.GivenAt) < taskWithin {
			continue
		}
		if err = d.tx(ctx, func(t *tx) error { return t.endTask(task, answer) }); err != nil {
			return err
		}
	}
	return nil
}

// endTask notes what came of a task. A refund that is refused or came back is owed: the payer has not got the money. A
// capture that can never be done was never a payment.
func (t *tx) endTask(task taskRow, answer CardAnswer) error {
	switch answer {
	case uncollected:
		return t.endUntold(task)
	case CardUnknown:
		answer = unanswered
	}
	state, why := taskRefused, string(answer)
	if answer == CardApproved || task.Verb == "release" { // a release that is refused had nothing to release
		state, why = taskDone, ""
	}
	if state == taskRefused && task.Verb == "capture" {
		if err := t.uncollect(task, answer); err != nil { // locks the payment first
			return err
		}
	}
	if err := t.must(t.q.Card.TaskEnd, task.Seq, state, why); err != nil {
		return err
	}
	if state == taskRefused && task.Verb == "refund" {
		return t.oweTask(task, answer)
	}
	return nil
}

// oweTask owes what a refund did not bring. One that nobody answered about may have arrived, so it is left to staff.
func (t *tx) oweTask(task taskRow, answer CardAnswer) (err error) {
	switch answer {
	case unanswered:
		return nil
	case CardBounced:
		_, err = t.oweRefund(task.Refund, kaopass.RefundFailed)
	default:
		_, err = t.oweRefund(task.Refund, kaopass.RefundRefused)
	}
	return err
}

// tell carries a task out and answers what the company said: CardUnknown where it has to be told again.
func tell(ctx context.Context, desk CardDesk, k taskRow) CardAnswer {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), CardWithin)
	defer done()
	var answer CardAnswer
	var err error
	switch k.Verb {
	case "capture":
		answer, err = desk.Capture(ctx, string(k.Charge), k.money())
	case "release":
		answer, err = desk.Release(ctx, string(k.Charge))
	case "refund":
		answer, err = desk.Refund(ctx, string(k.Charge), string(k.Refund), k.money())
	}
	if err != nil || answer == "" {
		return CardUnknown
	}
	return answer
}

// tellNow carries out what was just decided about a charge. It is decided either way: what is not told now is told by
// the next [DB.Expire], so an error here is no error of the verb.
func (d *DB) tellNow(ctx context.Context, desk CardDesk, id kaopass.ChargeID) {
	if id != "" {
		_ = d.runTasks(context.WithoutCancel(ctx), desk, id)
	}
}

// tellOf is tellNow for a payment whose till is about to be answered: it hears at once where there was nothing to take, and
// so does whoever repeats the call with its key. Where that cannot be kept the till reads it later.
func (d *DB) tellOf(ctx context.Context, desk CardDesk, key kaopass.Key, id kaopass.ChargeID, out *Outcome) {
	if id == "" {
		return
	}
	d.tellNow(ctx, desk, id)
	if out.Status != kaopass.Captured {
		return
	}
	ctx = context.WithoutCancel(ctx)
	var reason kaopass.Reason
	if err := d.get(ctx, &reason, d.q.Payment.Reason, out.ID); err != nil || reason != kaopass.CardUncollected {
		return // another reason is that of another call, which came in between
	}
	err := d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Key.Reason, key.Owner, key.Name, reason)
		return err
	})
	if err == nil {
		out.Reason = reason
	}
}
