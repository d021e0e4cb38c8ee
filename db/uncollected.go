package db

import (
	"context"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of what staff have to settle by hand.
const (
	uncollectedMax    = 200 // shown, of each kind
	UncollectedAnswer = 400 // bytes of the sentence with which staff settle one
)

// Uncollected is a charge that was booked as taken and never will be. Why is the card company's final answer, or
// "unanswered". Answer and By are empty, and Settled is zero, while nobody has settled it.
type Uncollected struct {
	Charge   kaopass.ChargeID
	Payment  kaopass.PaymentID // empty: a top-up
	Visitor  kaopass.VisitorID
	Amount   kaopass.Money
	Why      CardAnswer
	Found    time.Time
	Place    string // the till's name
	Store    kaopass.Zone
	Refunded bool // at the till since: nothing is left open between the store and the venue
	Settled  time.Time
	By       kaopass.StaffID
	Answer   string
}

type uncollectedRow struct {
	Charge    kaopass.ChargeID
	Payment   kaopass.PaymentID
	Visitor   kaopass.VisitorID
	Currency  string
	Amount    int64
	Why       CardAnswer
	FoundAt   time.Time `db:"found_at"`
	SettledAt stamp     `db:"settled_at"`
	SettledBy string    `db:"settled_by"`
	Answer    string
	Place     string
	Store     kaopass.Zone
	Refunded  int64
}

func (r uncollectedRow) money() kaopass.Money {
	return kaopass.Money{Currency: r.Currency, Value: r.Amount}
}

func (r uncollectedRow) uncollected() Uncollected {
	return Uncollected{Charge: r.Charge, Payment: r.Payment, Visitor: r.Visitor, Amount: r.money(), Why: r.Why, Found: r.FoundAt.UTC(),
		Place: r.Place, Store: r.Store, Refunded: r.Refunded >= r.Amount, Settled: r.SettledAt.Time,
		By: kaopass.StaffID(r.SettledBy), Answer: r.Answer}
}

// uncollect notes that a charge which was booked as taken never will be, and why, as its company said when it was asked.
// The sale stands, and so does what the till was told; the payment's reason says from now on that its money did not come,
// staff have it on their list, and a refund of it is told to nobody.
func (t *tx) uncollect(task taskRow, why CardAnswer) error {
	var row uncollectedRow
	fresh, err := t.find(&row, t.q.Card.Lost, task.Charge, task.Currency, task.Amount, why, t.now)
	if err != nil || !fresh {
		return err
	}
	if row.Payment != "" {
		if err := t.must(t.q.Card.LostSay, row.Payment, kaopass.CardUncollected); err != nil {
			return err
		}
	}
	return t.lostEvent(kaopass.PaymentUncollected, row, venueActor)
}

// lostEvent is about the payment, or about the charge where it was a top-up.
func (t *tx) lostEvent(kind kaopass.EventKind, u uncollectedRow, actor string) error {
	e := kaopass.Event{Kind: kind, Actor: actor, Visitor: u.Visitor, Subject: string(u.Payment), Purpose: kaopass.ForPayment,
		Amount: u.money(), Reason: kaopass.CardUncollected}
	if u.Payment == "" {
		e.Subject = string(u.Charge)
	} else if _, err := t.find(&e, t.q.Due.Place, u.Payment); err != nil {
		return err
	}
	_, err := t.event(e)
	return err
}

// SlowTask is what a card company could not be told yet, for longer than an hour.
type SlowTask struct {
	Charge  kaopass.ChargeID
	Payment kaopass.PaymentID // empty: a top-up
	Verb    string            // capture, release or refund
	Refund  kaopass.RefundID
	Amount  kaopass.Money
	Tries   int
	Since   time.Time
	Next    time.Time // when it is told again
}

// Unsettled is what staff have to look after at the card company.
type Unsettled struct {
	Open, Settled []Uncollected // newest first
	Slow          []SlowTask    // oldest first
}

// CardWork reads it.
func (d *DB) CardWork(ctx context.Context) (out Unsettled, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out = Unsettled{}
		for open, list := range map[bool]*[]Uncollected{true: &out.Open, false: &out.Settled} {
			var rows []uncollectedRow
			if err := t.list(&rows, t.q.Card.LostList, open, uncollectedMax); err != nil {
				return err
			}
			for _, r := range rows {
				*list = append(*list, r.uncollected())
			}
		}
		return t.slow(&out.Slow)
	})
	return out, err
}

func (t *tx) slow(out *[]SlowTask) error {
	var rows []struct {
		taskRow
		Payment kaopass.PaymentID
		Tries   int
		DueAt   time.Time `db:"due_at"`
	}
	err := t.list(&rows, t.q.Card.TasksSlow, t.now.Add(-taskSlow), uncollectedMax)
	for _, r := range rows {
		*out = append(*out, SlowTask{Charge: r.Charge, Payment: r.Payment, Verb: r.Verb, Refund: r.Refund, Amount: r.money(), Tries: r.Tries,
			Since: r.GivenAt.UTC(), Next: r.DueAt.UTC()})
	}
	return err
}

// SettleUncollected notes with a sentence how a member of staff settled one: once. ErrNotFound where there is none, a
// StateError where somebody has, a FieldError where the sentence is missing or too long.
func (d *DB) SettleUncollected(ctx context.Context, staff kaopass.StaffID, id kaopass.ChargeID, answer string) error {
	answer = strings.TrimSpace(answer)
	if answer == "" || len(answer) > UncollectedAnswer {
		return &FieldError{Field: "answer"}
	}
	return d.tx(ctx, func(t *tx) error {
		var row uncollectedRow
		done, err := t.find(&row, t.q.Card.LostEnd, id, staff, answer, t.now)
		if err != nil {
			return err
		}
		if !done {
			var settled bool
			if err := t.get(&settled, t.q.Card.LostRead, id); err != nil {
				return err
			}
			return &StateError{Status: "settled"}
		}
		return t.lostEvent(kaopass.PaymentMadeGood, row, string(staff))
	})
}
