package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// disputeQueries is "that wasn't me", and who stopped whose payments.
type disputeQueries struct {
	OfEvent    *sqlx.Stmt `query:"case-of-event"`
	OpenCount  *sqlx.Stmt `query:"case-open-count"`
	FindOpen   *sqlx.Stmt `query:"case-find-open"`
	Add        *sqlx.Stmt `query:"case-add"`
	Read       *sqlx.Stmt `query:"case-read"`
	Lock       *sqlx.Stmt `query:"case-lock"`
	OfVisitor  *sqlx.Stmt `query:"case-of-visitor"`
	Queue      *sqlx.Stmt `query:"case-queue"`
	Waiting    *sqlx.Stmt `query:"case-waiting"`
	Assign     *sqlx.Stmt `query:"case-assign"`
	End        *sqlx.Stmt `query:"case-end"`
	Bare       *sqlx.Stmt `query:"case-bare"`
	OfPayment  *sqlx.Stmt `query:"case-payment-events"`
	Around     *sqlx.Stmt `query:"case-around"`
	FrozenRead *sqlx.Stmt `query:"visitor-frozen-read"`
	Freeze     *sqlx.Stmt `query:"visitor-freeze"`
	Thaw       *sqlx.Stmt `query:"visitor-thaw"`
	Provider   *sqlx.Stmt `query:"case-provider"`
	ActAs      *sqlx.Stmt `query:"act-as"`
}

// DisputesShown is how many cases a visitor's own page lists, the newest first.
const DisputesShown = 50

// disputeRow is a case as its table keeps it.
type disputeRow struct {
	ID        kaopass.DisputeID
	Seq       int64
	Visitor   kaopass.VisitorID
	State     kaopass.DisputeState
	Event     kaopass.EventID
	Kind      kaopass.EventKind
	Payment   kaopass.PaymentID
	Currency  string
	Amount    int64
	Place     string
	Store     kaopass.Zone // where the reader asks for it
	At        time.Time
	OpenedAt  time.Time `db:"opened_at"`
	DueAt     time.Time `db:"due_at"`
	Assigned  kaopass.StaffID
	DecidedAt stamp           `db:"decided_at"`
	DecidedBy kaopass.StaffID `db:"decided_by"`
	Answer    string
	Refund    kaopass.RefundID
}

func (r disputeRow) dispute() kaopass.Dispute {
	return kaopass.Dispute{ID: r.ID, Visitor: r.Visitor, State: r.State, Event: r.Event, Kind: r.Kind, Payment: r.Payment,
		Amount: kaopass.Money{Currency: r.Currency, Value: r.Amount}, Place: r.Place, Store: r.Store, At: r.At.UTC(), Opened: r.OpenedAt.UTC(),
		Due: r.DueAt.UTC(), Assigned: r.Assigned, Decided: r.DecidedAt.Time, By: r.DecidedBy, Answer: r.Answer, Refund: r.Refund}
}

func disputes(rows []disputeRow) []kaopass.Dispute {
	out := make([]kaopass.Dispute, len(rows))
	for i, r := range rows {
		out[i] = r.dispute()
	}
	return out
}

// DisputeOpened is what came of "that wasn't me": payments are stopped whatever Reason says. Reason is DisputeLate or
// TooManyTries where no case was opened for it.
type DisputeOpened struct {
	kaopass.Dispute
	Reason kaopass.Reason
}

// OpenDispute is "that wasn't me" about an event of the visitor's own, a payment or a top-up, by its id: payments stop at
// once, and a case is opened that staff answer. What has an open case already answers that one. ErrNotFound where it is
// nothing of this visitor's, or nothing that somebody else could have done.
func (d *DB) OpenDispute(ctx context.Context, id kaopass.VisitorID, about string) (out DisputeOpened, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = DisputeOpened{}
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		var row eventRow
		if err := t.get(&row, t.q.Dispute.OfEvent, id, about); err != nil {
			return err
		}
		happened := row.event()
		if !happened.Contestable() {
			return ErrNotFound
		}
		if err := t.freeze(id, kaopass.FrozenByDispute, string(id)); err != nil {
			return err
		}
		out, err = t.openDispute(id, happened)
		return err
	})
	return out, err
}

// openDispute finds the open case of what happened, or opens one.
func (t *tx) openDispute(id kaopass.VisitorID, happened kaopass.Event) (out DisputeOpened, err error) {
	payment := kaopass.PaymentID("")
	if kaopass.PrefixPayment.Is(happened.Subject) {
		payment = kaopass.PaymentID(happened.Subject)
	}
	var row disputeRow
	found, err := t.find(&row, t.q.Dispute.FindOpen, id, happened.ID, payment)
	if err != nil || found {
		return DisputeOpened{Dispute: row.dispute()}, err
	}
	open, err := t.openDisputes(id)
	if err != nil {
		return out, err
	}
	if out.Reason = kaopass.DisputeRefusal(happened.At, t.now, open); out.Reason != "" {
		return out, nil
	}
	out.Dispute = kaopass.Dispute{ID: kaopass.DisputeID(t.newID(kaopass.PrefixDispute)), Visitor: id, State: kaopass.DisputeIsOpen,
		Event: happened.ID, Kind: happened.Kind, Payment: payment, Amount: happened.Amount, Place: happened.Place,
		At: happened.At, Opened: t.now, Due: t.now.Add(kaopass.DisputeAnswerIn)}
	if payment == "" && happened.Kind != kaopass.WalletToppedUp {
		out.Amount = kaopass.Money{}
	}
	n := out.Dispute
	err = t.must(t.q.Dispute.Add, n.ID, id, n.Event, n.Kind, payment, n.Amount.Currency, n.Amount.Value, n.Place, n.At, n.Opened, n.Due)
	if err != nil {
		return out, err
	}
	return out, t.disputeEvent(kaopass.DisputeOpened, n, string(id), n.Amount)
}

func (t *tx) openDisputes(id kaopass.VisitorID) (n int, err error) {
	return n, t.get(&n, t.q.Dispute.OpenCount, id)
}

func (t *tx) disputeEvent(kind kaopass.EventKind, c kaopass.Dispute, actor string, amount kaopass.Money) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Visitor: c.Visitor, Subject: string(c.ID), Place: c.Place,
		Purpose: kaopass.ForPayment, Amount: amount})
	return err
}

// Cases is what a visitor's own page of cases shows.
type Cases struct {
	Frozen     Frozen
	CodeIssued time.Time // zero: no code
	Disputes   []kaopass.Dispute
}

// MayThaw says why payments stay stopped if the visitor asks now: empty where they may go on.
func (c Cases) MayThaw() kaopass.Reason {
	return c.Frozen.By.ThawRefusal(true, c.Frozen.Since, c.CodeIssued)
}

// Cases lists a visitor's cases, the newest first, and how their payments stand.
func (d *DB) Cases(ctx context.Context, id kaopass.VisitorID) (out Cases, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		if out.Frozen, err = t.frozen(id); err != nil {
			return err
		}
		if out.CodeIssued, err = t.codeIssued(id); err != nil {
			return err
		}
		var rows []disputeRow
		err = t.list(&rows, t.q.Dispute.OfVisitor, id, DisputesShown)
		out.Disputes = disputes(rows)
		return err
	})
	return out, err
}

// WithdrawDispute ends a case because it was the visitor after all. Payments stay stopped until they allow them. A
// StateError where staff have answered meanwhile, ErrNotFound where it is not theirs.
func (d *DB) WithdrawDispute(ctx context.Context, id kaopass.VisitorID, dispute kaopass.DisputeID) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		c, err := t.lockDispute(dispute)
		switch {
		case err != nil:
			return err
		case c.Visitor != id:
			return ErrNotFound
		case c.State == kaopass.DisputeRecall:
			return nil
		}
		return t.endDispute(c, kaopass.DisputeRecall, "", "", "", string(id))
	})
}

func (t *tx) lockDispute(id kaopass.DisputeID) (kaopass.Dispute, error) {
	var row disputeRow
	err := t.get(&row, t.q.Dispute.Lock, id)
	return row.dispute(), err
}

// endDispute ends a locked case and tells the visitor by an event: a StateError where it has ended.
func (t *tx) endDispute(c kaopass.Dispute, as kaopass.DisputeState, by kaopass.StaffID, answer string, refund kaopass.RefundID, actor string) error {
	if c.State != kaopass.DisputeIsOpen {
		return &StateError{Status: string(c.State)}
	}
	if err := t.must(t.q.Dispute.End, c.ID, as, t.now, by, answer, refund); err != nil {
		return err
	}
	kind := map[kaopass.DisputeState]kaopass.EventKind{kaopass.DisputePaid: kaopass.DisputeRefunded,
		kaopass.DisputeTold: kaopass.DisputeRejected, kaopass.DisputeRecall: kaopass.DisputeWithdrawn}[as]
	return t.disputeEvent(kind, c, actor, kaopass.Money{})
}
