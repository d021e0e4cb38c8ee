package db

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// The rule that the database applies within a verb is the root's, whatever the person did before.
func TestTheDatabaseRefusesWhomTheRootRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	forget := "UPDATE consent SET withdrawn_at = now()"
	rapid.Check(t, func(t *rapid.T) {
		consent := rapid.SampledFrom([]string{forget, "UPDATE consent SET withdrawn_at = NULL",
			"UPDATE consent SET withdrawn_at = NULL", "UPDATE consent SET purpose = 'admission', withdrawn_at = now() WHERE purpose = 'payment'"}).Draw(t, "consent")
		spent := rapid.Int64Range(0, kaopass.PaymentDayMax).Draw(t, "spent")
		amount := rapid.OneOf(rapid.Int64Range(1, kaopass.PaymentMax+1),
			rapid.SampledFrom([]int64{kaopass.PaymentMax, kaopass.PaymentMax + 1, kaopass.PaymentDayMax - spent, kaopass.PaymentDayMax - spent + 1})).Draw(t, "amount")
		earlier := time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "earlier"))
		frozen := rapid.SampledFrom([]bool{false, false, true}).Draw(t, "frozen")
		err := r.tx(r.ctx, func(x *tx) error {
			for _, fact := range []struct {
				sql  string
				args []any
			}{
				{consent, nil},
				{"UPDATE visitor SET frozen = $1", []any{frozen}},
				{"INSERT INTO payment (id, till, till_name, store, status, currency, amount, authorised, captured, order_ref, manual, payer," +
					" method, created_at, expires_at) SELECT 'pay_x', 't', 't', 's', 'captured', 'JPY', $1, $1, $1, '', false, $2, 'm', $3, $3 WHERE $1::bigint > 0",
					[]any{spent, me, x.now.Add(-earlier)}},
			} {
				if _, err := x.sql.ExecContext(x.ctx, fact.sql, fact.args...); err != nil {
					return err
				}
			}
			payer, err := x.payer(me)
			if err != nil {
				return err
			}
			if from, _ := kaopass.VenueDay(x.now); (payer.Today.Value == spent) != (spent == 0 || !x.now.Add(-earlier).Before(from)) {
				t.Fatalf("%d spent %s ago counts as %d today", spent, earlier, payer.Today.Value)
			}
			var said kaopass.Reason
			if err := x.get(&said, x.q.Payment.Refusal, me, x.now, amount, payerLimits()); err != nil {
				return err
			}
			if want := payer.Refusal(kaopass.Yen(amount)); said != want {
				t.Fatalf("the database says %q, the root %q of %+v", said, want, payer)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	})
}

// errUndo takes back what a test tried.
var errUndo = errors.New("undone")

// Of somebody who was never there everything is known that there is to know: nothing, and no consent.
func TestNobodyMayNotPay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.tx(r.ctx, func(x *tx) error {
		payer, err := x.payer("vis_nobody")
		if got := payer.Refusal(kaopass.Yen(1)); got != kaopass.ConsentMissing {
			t.Error(got)
		}
		return err
	}))
}
