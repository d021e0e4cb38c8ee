package stripe

import (
	"context"
	"slices"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// booksWithin is how long reading one period may take.
const booksWithin = 2 * time.Minute

// Entries lists what Stripe booked in [from, until), oldest first: the balance transactions of charges and refunds that
// carry our ids. Stripe's times are whole seconds.
func (d *Desk) Entries(ctx context.Context, from, until time.Time) (out []db.CardEntry, err error) {
	ctx, done := context.WithTimeout(ctx, booksWithin)
	defer done()
	for _, kind := range []string{"charge", "refund"} {
		list := func(ctx context.Context, after *string) *api.V1List[*api.BalanceTransaction] {
			params := &api.BalanceTransactionListParams{Type: api.String(kind), CreatedRange: &api.RangeQueryParams{
				GreaterThanOrEqual: ceiling(from), LesserThan: ceiling(until)}}
			params.Limit, params.StartingAfter, params.Single = api.Int64(pageMax), after, true
			params.AddExpand("data.source")
			return d.client.V1BalanceTransactions.List(ctx, params)
		}
		err := pages(ctx, d, list, func(b *api.BalanceTransaction) string { return b.ID }, func(b *api.BalanceTransaction) bool {
			if e, ours := entry(b); ours {
				out = append(out, e)
			}
			return false
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b db.CardEntry) int { return a.At.Compare(b.At) })
	return out, nil
}

// ceiling is the first whole second at or after a moment.
func ceiling(at time.Time) int64 { return at.Add(time.Second - 1).Unix() }

// entry reads a booking; ours is false for what did not come from here. The sums are the charge's, not the balance's,
// which may be of another currency.
func entry(b *api.BalanceTransaction) (e db.CardEntry, ours bool) {
	e.At = time.Unix(b.Created, 0).UTC()
	if b.Source == nil {
		return e, false
	}
	switch {
	case b.Source.Charge != nil:
		c := b.Source.Charge
		e.Charge, e.Amount = kaopass.ChargeID(c.Metadata[ofCharge]), money(c.AmountCaptured, c.Currency)
	case b.Source.Refund != nil:
		r := b.Source.Refund
		e.Charge, e.Refund = kaopass.ChargeID(r.Metadata[ofCharge]), kaopass.RefundID(r.Metadata[ofRefund])
		e.Amount = money(r.Amount, r.Currency)
	}
	return e, e.Charge != ""
}

func money(value int64, currency api.Currency) kaopass.Money {
	return kaopass.Money{Currency: strings.ToUpper(string(currency)), Value: value}
}
