package db

import (
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// Limits of what a member of staff is shown of a case.
const (
	disputeAround = 3 * time.Hour // of the visitor's day, before and after
	disputeEvents = 100           // lines
)

// Disputes lists cases for staff: the open ones by when they are due, or those that ended, the newest first. Next is the
// cursor of more ended ones; of open ones the first PageMax are listed.
func (d *DB) Disputes(ctx context.Context, open bool, page Page) ([]kaopass.Dispute, string, error) {
	var rows []disputeRow
	if err := d.list(ctx, &rows, d.q.Dispute.Queue, open, page.before(), page.limit()); err != nil {
		return nil, "", err
	}
	rows, next := cut(page, rows, func(r disputeRow) int64 { return r.Seq })
	return disputes(rows), next, nil
}

// DisputesWaiting is how much work there is.
type DisputesWaiting struct {
	Open    int
	Overdue int
	Free    int // nobody looks after them yet
}

// DisputesWaiting counts the open cases.
func (d *DB) DisputesWaiting(ctx context.Context) (out DisputesWaiting, err error) {
	return out, d.get(ctx, &out, d.q.Dispute.Waiting, d.clock())
}

// DisputeFile is what a member of staff looks at: times, places, tills, and whether the code was asked. It holds nothing
// of a face and no score.
type DisputeFile struct {
	kaopass.Dispute
	Visitor kaopass.Visitor
	Payment *kaopass.Payment // nil where it is no payment
	Coded   bool             // the code was asked, and right
	Tries   int              // faces shown
	Misses  int              // wrong codes
	Device  kaopass.Device   // zero where it is not known
	Steps   []kaopass.Event  // of the payment
	Around  []kaopass.Event  // of the visitor's day
	Alike   bool
}

// DisputeFile opens a case; that it was looked at is an event that the visitor sees.
func (d *DB) DisputeFile(ctx context.Context, staff kaopass.Staff, id kaopass.DisputeID) (out DisputeFile, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = DisputeFile{}
		var row disputeRow
		if err := t.get(&row, t.q.Dispute.Read, id); err != nil {
			return err
		}
		out.Dispute = row.dispute()
		v, err := t.readVisitor(row.Visitor)
		if err != nil && !errors.Is(err, ErrNotFound) { // erased: bare
			return err
		}
		out.Visitor = v
		if err := t.disputeFacts(&out); err != nil || v.ID == "" {
			return err
		}
		return t.looked(staff, v.ID)
	})
	return out, err
}

func (t *tx) disputeFacts(f *DisputeFile) error {
	device, err := t.disputePayment(f)
	if err != nil {
		return err
	}
	if device != "" {
		if f.Device, err = t.deviceBy(t.q.Device.Read, device); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	e, err := t.enrolment(f.Dispute.Visitor)
	if err != nil {
		return err
	}
	among, err := t.resemblance(e)
	if err != nil {
		return err
	}
	f.Alike = among.Alike
	if _, err := t.find(&f.Provider, t.q.Dispute.Provider, f.Dispute.Payment); err != nil {
		return err
	}
	var rows []eventRow
	err = t.list(&rows, t.q.Dispute.Around, f.Dispute.Visitor, f.At.Add(-disputeAround), f.At.Add(disputeAround), disputeEvents)
	f.Around = events(rows)
	return err
}

// disputePayment reads what became of the payment, and answers where it was.
func (t *tx) disputePayment(f *DisputeFile) (kaopass.DeviceID, error) {
	subject := string(f.Event)
	if f.Dispute.Payment != "" {
		subject = string(f.Dispute.Payment)
		var p paymentRow
		if err := t.get(&p, t.q.Payment.OfCase, f.Dispute.Payment); err != nil {
			return "", err
		}
		paid := p.payment()
		f.Payment, f.Coded, f.Tries, f.Misses = &paid, p.Coded, p.Faces, p.Codes
	}
	var rows []eventRow
	if err := t.list(&rows, t.q.Dispute.OfPayment, subject, disputeEvents); err != nil {
		return "", err
	}
	f.Steps = events(rows)
	for _, e := range f.Steps {
		if e.Device != "" {
			return e.Device, nil
		}
	}
	return "", nil
}

// AssignDispute has a member of staff look after an open case; it may change hands. A StateError where it has ended.
func (d *DB) AssignDispute(ctx context.Context, staff kaopass.StaffID, id kaopass.DisputeID) error {
	return d.tx(ctx, func(t *tx) error {
		c, err := t.lockDispute(id)
		switch {
		case err != nil:
			return err
		case c.State != kaopass.DisputeIsOpen:
			return &StateError{Status: string(c.State)}
		case c.Assigned == staff:
			return nil
		}
		if err := t.must(t.q.Dispute.Assign, id, staff); err != nil {
			return err
		}
		return t.disputeEvent(kaopass.DisputeAssigned, c, string(staff), kaopass.Money{})
	})
}

// RejectDispute ends a case in words that the visitor reads. A FieldError where nothing, or too much, is said.
func (d *DB) RejectDispute(ctx context.Context, key kaopass.Key, staff kaopass.StaffID, id kaopass.DisputeID, answer string) error {
	answer, ok := kaopass.DisputeAnswer(answer)
	if !ok {
		return &FieldError{Field: "answer"}
	}
	return d.tx(ctx, func(t *tx) error {
		var outcome kaopass.DisputeID
		_, err := once(t, key, &outcome, func() error {
			c, err := t.lockDispute(id)
			if err != nil {
				return err
			}
			outcome = id
			return t.endDispute(c, kaopass.DisputeTold, staff, answer, "", string(staff))
		})
		return err
	})
}

// DisputeGaveBack is what a refund of a case did.
type DisputeGaveBack struct {
	Amount   kaopass.Money
	Refund   kaopass.RefundID // empty where money that was only held was released
	Reason   kaopass.Reason   // why nothing of a top-up could go back; the case is still open then
	Replayed bool
}

// RefundDispute ends a case by giving back all that is left of the payment, the way it came: captured money is refunded,
// held money released, and of a top-up what is left of it and of the wallet. key is the member of staff's own. A StateError where the case has ended, or where there is nothing
// left to give back.
func (d *DB) RefundDispute(ctx context.Context, desk CardDesk, key kaopass.Key, staff kaopass.StaffID, id kaopass.DisputeID, answer string) (out DisputeGaveBack, err error) {
	if len(answer) > kaopass.DisputeAnswerMax {
		return out, &FieldError{Field: "answer"}
	}
	var charge kaopass.ChargeID
	err = d.tx(ctx, func(t *tx) (err error) {
		out, charge = DisputeGaveBack{}, ""
		out.Replayed, err = once(t, key, &out, func() error {
			out, charge, err = t.refundDispute(staff, id, answer)
			return err
		})
		return err
	})
	if err == nil && !out.Replayed {
		d.tellNow(ctx, desk, charge)
	}
	return out, err
}

// refundDispute locks payment before case, as every verb does, so it reads which payment it is first.
func (t *tx) refundDispute(staff kaopass.StaffID, id kaopass.DisputeID, text string) (out DisputeGaveBack, charge kaopass.ChargeID, err error) {
	var row disputeRow
	if err := t.get(&row, t.q.Dispute.Read, id); err != nil {
		return out, "", err
	}
	if row.Kind == kaopass.WalletToppedUp {
		return t.refundDisputedTopUp(staff, row, text)
	}
	if row.Payment == "" {
		return out, "", &StateError{Status: string(row.Kind)}
	}
	p, err := t.lockPayment("", row.Payment)
	if err != nil {
		return out, "", err
	}
	c, err := t.lockDispute(id)
	if err != nil {
		return out, "", err
	}
	if c.State != kaopass.DisputeIsOpen {
		return out, "", &StateError{Status: string(c.State)}
	}
	paid := p.payment()
	a := t.instant().ask(kaopass.Key{}, "", p.ID)
	var answer verbAnswer
	switch did, _ := paid.CancelOf(); did {
	case kaopass.DidRefund:
		out.Amount = p.money(p.Captured - p.Refunded)
		answer, err = t.asStaff(staff, t.q.Payment.Refund, a, 0, p.Currency, string(id))
	case kaopass.DidRelease:
		out.Amount = p.money(p.Authorised)
		answer, err = t.asStaff(staff, t.q.Payment.Void, a)
	default:
		return out, "", &StateError{Status: string(p.Status)}
	}
	if err != nil {
		return out, "", err
	}
	done, charge, err := t.outcome(answer)
	if err != nil {
		return out, "", err
	}
	out.Refund = done.Refund
	return out, charge, t.endDispute(c, kaopass.DisputePaid, staff, text, out.Refund, string(staff))
}

// asStaff carries a payment's verb out within this transaction, in the name of a member of staff.
func (t *tx) asStaff(staff kaopass.StaffID, stmt *sqlx.Stmt, a ask, more ...any) (answer verbAnswer, err error) {
	var said string
	if err := t.get(&said, t.q.Dispute.ActAs, staff); err != nil {
		return answer, err
	}
	t.events += 2 // the verb's own event comes first, and that the money is owed where it cannot go back
	return answer, t.get(&answer, stmt, a.args(more)...)
}
