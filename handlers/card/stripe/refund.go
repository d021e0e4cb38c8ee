package stripe

import (
	"context"
	"errors"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// Refund gives back a part or all of what was captured, once for a refund's id. Its key lasts a day at Stripe, and our
// task may wait longer, so the charge's refunds are looked through first.
func (d *Desk) Refund(ctx context.Context, id, refund string, amount kaopass.Money) (db.CardAnswer, error) {
	in, err := d.db.FindIntent(ctx, kaopass.ChargeID(id))
	if errors.Is(err, db.ErrNotFound) || err == nil && in.Ref == "" {
		return db.CardRefused, nil
	}
	if err != nil {
		return lost("refund", id, err)
	}
	done, err := d.refundOf(ctx, in.Ref, refund)
	if err == nil && done == nil {
		done, err = d.refund(ctx, in, refund, amount)
	}
	switch {
	case declined(err):
		return db.CardRefused, nil
	case err != nil:
		return lost("refund", id, err)
	case done.Amount != amount.Value:
		return db.CardRefused, nil
	case bounced(done):
		return db.CardBounced, nil
	}
	return db.CardApproved, nil // also while it is on its way to the bank
}

func (d *Desk) refund(ctx context.Context, in db.Intent, refund string, amount kaopass.Money) (made *api.Refund, err error) {
	params := &api.RefundCreateParams{PaymentIntent: &in.Ref, Amount: &amount.Value,
		Metadata: map[string]string{ofCharge: string(in.Charge), ofRefund: refund}}
	params.IdempotencyKey = &refund
	err = d.call(ctx, func(ctx context.Context) (err error) {
		made, err = d.client.V1Refunds.Create(ctx, params)
		return err
	})
	return made, err
}

// refundOf finds a refund by our id: nil where there is none yet.
func (d *Desk) refundOf(ctx context.Context, ref, refund string) (found *api.Refund, err error) {
	list := func(ctx context.Context, after *string) *api.V1List[*api.Refund] {
		params := &api.RefundListParams{PaymentIntent: &ref}
		params.Limit, params.StartingAfter, params.Single = api.Int64(pageMax), after, true
		return d.client.V1Refunds.List(ctx, params)
	}
	err = pages(ctx, d, list, func(r *api.Refund) string { return r.ID }, func(r *api.Refund) bool {
		if r.Metadata[ofRefund] == refund {
			found = r
		}
		return found != nil
	})
	return found, err
}

// bounced reports whether a refund came back: the payer has not got the money.
func bounced(r *api.Refund) bool {
	return r.Status == api.RefundStatusFailed || r.Status == api.RefundStatusCanceled
}

func (d *Desk) lookRefund(ctx context.Context, ref string) (now *api.Refund, err error) {
	err = d.call(ctx, func(ctx context.Context) (err error) {
		now, err = d.client.V1Refunds.Retrieve(ctx, ref, &api.RefundRetrieveParams{})
		return err
	})
	return now, err
}

// bouncesBack is how far back refunds that came back are looked for: Stripe says that a bank may take thirty days.
const bouncesBack = 35 * 24 * time.Hour

// Bounces asks Stripe for our refunds that came back, and has each owed, once; web calls it on a timer, since a message may
// be lost and not every venue takes them.
func (d *Desk) Bounces(ctx context.Context) error {
	if d.line.broken(false) {
		return nil
	}
	ctx, done := context.WithTimeout(ctx, booksWithin)
	defer done()
	back, err := d.cameBack(ctx, time.Now().Add(-bouncesBack))
	failed := []error{err}
	for _, id := range back {
		if _, err := d.db.OweRefund(ctx, id, kaopass.RefundFailed); !errors.Is(err, db.ErrNotFound) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// cameBack lists our refunds whose money came back into the account since a moment.
func (d *Desk) cameBack(ctx context.Context, since time.Time) (back []kaopass.RefundID, err error) {
	list := func(ctx context.Context, after *string) *api.V1List[*api.BalanceTransaction] {
		params := &api.BalanceTransactionListParams{Type: api.String(string(api.BalanceTransactionTypeRefundFailure)),
			CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
		params.Limit, params.StartingAfter, params.Single = api.Int64(pageMax), after, true
		params.AddExpand("data.source")
		return d.client.V1BalanceTransactions.List(ctx, params)
	}
	err = pages(ctx, d, list, func(b *api.BalanceTransaction) string { return b.ID }, func(b *api.BalanceTransaction) bool {
		if b.Source != nil && b.Source.Refund != nil && b.Source.Refund.Metadata[ofRefund] != "" && bounced(b.Source.Refund) {
			back = append(back, kaopass.RefundID(b.Source.Refund.Metadata[ofRefund]))
		}
		return false
	})
	return back, err
}
