package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// Limits of what staff have to settle by hand.
const (
	uncollectedMax    = 200 // shown, of each kind
	UncollectedAnswer = 400 // bytes of the sentence with which staff settle one
)

// lostQueries is what a card company will never pay, and what became of it.
type lostQueries struct {
	Add      *sqlx.Stmt `query:"uncollected-add"`
	Say      *sqlx.Stmt `query:"uncollected-payment"`
	List     *sqlx.Stmt `query:"uncollected-list"`
	Ends     *sqlx.Stmt `query:"uncollected-ends"`
	Read     *sqlx.Stmt `query:"uncollected-read"`
	Settle   *sqlx.Stmt `query:"uncollected-settle"`
	Lessened *sqlx.Stmt `query:"uncollected-lessened"`
	CashBack *sqlx.Stmt `query:"uncollected-cash-back"`
	Tell     *sqlx.Stmt `query:"uncollected-tell"`
}

// Uncollected is a charge that was booked as taken and never will be. Why is the card company's final answer, or
// "unanswered".
type Uncollected struct {
	Charge  kaopass.ChargeID
	Payment kaopass.PaymentID // empty: a top-up
	Visitor kaopass.VisitorID
	Amount  kaopass.Money
	Missing kaopass.Money // of it, less what was given back at the till since
	Why     CardAnswer
	Found   time.Time
	Place   string // the till's name
	Store   kaopass.Zone
	Words   string           // noted before it could be booked; empty: nothing was
	Ends    []UncollectedEnd // how staff settled it, the oldest first; empty while nobody has
}

// UncollectedEnd is how a member of staff settled one. Amount is what Transfer booked; it is zero, and Transfer empty, where
// nothing had to move.
type UncollectedEnd struct {
	Became   kaopass.Became
	Amount   kaopass.Money
	Transfer kaopass.TransferID
	Answer   string
	By       kaopass.StaffID
	At       time.Time
}

// Choices are how it can be settled now: see [kaopass.Lost].
func (u Uncollected) Choices() []kaopass.Became {
	lost := kaopass.Lost{Missing: u.Missing.Value}
	if n := len(u.Ends); n > 0 {
		lost.Became = u.Ends[n-1].Became
	}
	if len(u.Ends) == 1 && lost.Became == kaopass.PaidAtDesk {
		lost.Collected = u.Ends[0].Amount.Value
	}
	return lost.Choices()
}

type uncollectedRow struct {
	Charge   kaopass.ChargeID
	Payment  kaopass.PaymentID
	Visitor  kaopass.VisitorID
	Currency string
	Amount   int64
	Missing  int64
	Why      CardAnswer
	FoundAt  time.Time `db:"found_at"`
	Words    string
	Place    string
	Store    kaopass.Zone
	Clearing kaopass.AccountID // that it was booked from
	Became   kaopass.Became

	Collected int64 // by the desk, at first
}

// lost is how it stands.
func (r uncollectedRow) lost() kaopass.Lost {
	return kaopass.Lost{Missing: r.Missing, Collected: r.Collected, Became: r.Became}
}

func (r uncollectedRow) money(n int64) kaopass.Money {
	return kaopass.Money{Currency: r.Currency, Value: n}
}

func (r uncollectedRow) uncollected() Uncollected {
	return Uncollected{Charge: r.Charge, Payment: r.Payment, Visitor: r.Visitor, Amount: r.money(r.Amount), Missing: r.money(r.Missing),
		Why: r.Why, Found: r.FoundAt.UTC(), Place: r.Place, Store: r.Store, Words: r.Words}
}

// uncollect notes that a charge which was booked as taken never will be, and why, as its company said when it was asked.
// The sale stands, and so does what the till was told; the payment's reason says from now on that its money did not come,
// staff have it on their list, and a refund of it is told to nobody.
func (t *tx) uncollect(task taskRow, why CardAnswer) error {
	var row uncollectedRow
	fresh, err := t.find(&row, t.q.Lost.Add, task.Charge, task.Currency, task.Amount, why, t.now)
	if err != nil || !fresh {
		return err
	}
	if row.Payment != "" {
		if err := t.must(t.q.Lost.Say, row.Payment, kaopass.CardUncollected); err != nil {
			return err
		}
	}
	return t.lostEvent(kaopass.PaymentUncollected, row, venueActor)
}

// lostEvent is about the payment, or about the charge where it was a top-up. Its status is what became of it.
func (t *tx) lostEvent(kind kaopass.EventKind, u uncollectedRow, actor string) error {
	e := kaopass.Event{Kind: kind, Actor: actor, Visitor: u.Visitor, Subject: string(u.Payment), Purpose: kaopass.ForPayment,
		Amount: u.money(u.Amount), Status: kaopass.PaymentStatus(u.Became)}
	if u.Became == "" {
		e.Reason = kaopass.CardUncollected
	}
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
			if err := t.lostList(open, list); err != nil {
				return err
			}
		}
		return t.slow(&out.Slow)
	})
	return out, err
}

// lostList reads those that are open, or those that are settled with how they were.
func (t *tx) lostList(open bool, out *[]Uncollected) error {
	var rows []uncollectedRow
	if err := t.list(&rows, t.q.Lost.List, open, uncollectedMax); err != nil {
		return err
	}
	charges := make([]string, len(rows))
	for i, r := range rows {
		charges[i] = string(r.Charge)
	}
	var ends []struct {
		Charge    kaopass.ChargeID
		Became    kaopass.Became
		Amount    int64
		Transfer  kaopass.TransferID
		Answer    string
		SettledBy kaopass.StaffID `db:"settled_by"`
		SettledAt time.Time       `db:"settled_at"`
	}
	if err := t.list(&ends, t.q.Lost.Ends, pq.Array(charges)); err != nil {
		return err
	}
	for _, r := range rows {
		u := r.uncollected()
		for _, e := range ends {
			if e.Charge == r.Charge {
				u.Ends = append(u.Ends, UncollectedEnd{Became: e.Became, Amount: r.money(e.Amount), Transfer: e.Transfer, Answer: e.Answer,
					By: e.SettledBy, At: e.SettledAt.UTC()})
			}
		}
		*out = append(*out, u)
	}
	return nil
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
