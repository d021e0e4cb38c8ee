package db

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// anyPayment draws a payment in any state that one may be in, with sums that go with it.
func anyPayment(t *rapid.T) (p kaopass.Payment) {
	yen := func(what string, from, to int64) kaopass.Money {
		return kaopass.Yen(rapid.Int64Range(from, to).Draw(t, what))
	}
	p.Status = rapid.SampledFrom([]kaopass.PaymentStatus{kaopass.AwaitingFace, kaopass.AwaitingCode, kaopass.AwaitingConfirmation,
		kaopass.Authorised, kaopass.Authorised, kaopass.Captured, kaopass.Captured, kaopass.PartiallyRefunded, kaopass.PartiallyRefunded,
		kaopass.Refunded, kaopass.Refused, kaopass.Declined, kaopass.Cancelled, kaopass.Expired, kaopass.Voided}).Draw(t, "status")
	p.Amount, p.Manual = yen("amount", 2, 40), rapid.Bool().Draw(t, "manual")
	p.Authorised, p.Captured, p.Refunded = kaopass.Yen(0), kaopass.Yen(0), kaopass.Yen(0)
	switch p.Status {
	case kaopass.Authorised, kaopass.Voided:
		p.Authorised = yen("authorised", 1, p.Amount.Value)
	case kaopass.Captured, kaopass.PartiallyRefunded, kaopass.Refunded:
		p.Authorised = yen("authorised", 2, p.Amount.Value)
		p.Captured = yen("captured", 2, p.Authorised.Value)
	case kaopass.Refused, kaopass.Declined:
		p.Reason = kaopass.FaceUnknown
		p.Retry = p.Status == kaopass.Refused && rapid.Bool().Draw(t, "retry")
	}
	switch p.Status {
	case kaopass.PartiallyRefunded:
		p.Refunded = yen("refunded", 1, p.Captured.Value-1)
	case kaopass.Refunded:
		p.Refunded = p.Captured
	}
	return p
}

// asked draws what a till may ask for, and what it may not.
func asked(t *rapid.T, p kaopass.Payment) kaopass.Money {
	left := p.Captured.Value - p.Refunded.Value
	return kaopass.Money{
		Value: rapid.OneOf(rapid.SampledFrom([]int64{0, 0, 1, -1, left, left + 1, left - 1, p.Authorised.Value, p.Authorised.Value + 1, 1 << 62}),
			rapid.Int64Range(-2, 45)).Draw(t, "asked"),
		Currency: rapid.SampledFrom([]string{kaopass.JPY, kaopass.JPY, kaopass.JPY, "USD"}).Draw(t, "currency"),
	}
}

// become is what a verb makes of a payment, by the root's rules or by the database's.
type become struct {
	Problem                        string
	Status                         kaopass.PaymentStatus
	Authorised, Captured, Refunded int64
	Did                            string
}

// byTheRoot is what the root says that a verb makes of a payment.
func byTheRoot(p kaopass.Payment, verb kaopass.PaymentVerb, ask kaopass.Money, free int64) become {
	is := become{Status: p.Status, Authorised: p.Authorised.Value, Captured: p.Captured.Value, Refunded: p.Refunded.Value}
	if !p.May(verb) {
		return become{Problem: "state", Status: p.Status}
	}
	ok := true
	switch verb {
	case kaopass.Capture:
		var take kaopass.Money
		take, _, ok = p.CaptureOf(ask)
		is.Captured, is.Status = take.Value, kaopass.Captured
	case kaopass.Refund:
		var back kaopass.Money
		back, is.Status, ok = p.RefundOf(ask)
		is.Refunded += back.Value
	case kaopass.Void:
		is.Status = kaopass.Voided
	case kaopass.Cancel:
		is.Did, is.Status = p.CancelOf()
		if is.Did == kaopass.DidRefund {
			is.Refunded = is.Captured
		}
	case kaopass.Confirm:
		switch {
		case free < p.Amount.Value:
			is.Status = kaopass.Declined
		case p.Manual:
			is.Status, is.Authorised = kaopass.Authorised, p.Amount.Value
		default:
			is.Status, is.Authorised, is.Captured = kaopass.Captured, p.Amount.Value, p.Amount.Value
		}
	}
	if !ok {
		return become{Problem: "amount"}
	}
	return is
}

// byTheDatabase is what the verb's own statement says.
func (d *DB) byTheDatabase(x *tx, verb kaopass.PaymentVerb, a ask, asked kaopass.Money, method kaopass.MethodID) (become, error) {
	q := x.q.Payment
	call := map[kaopass.PaymentVerb]struct {
		stmt *sqlx.Stmt
		more []any
	}{
		kaopass.Capture: {q.Capture, []any{asked.Value, asked.Currency}}, kaopass.Void: {q.Void, nil}, kaopass.Cancel: {q.Cancel, nil},
		kaopass.Refund:  {q.Refund, []any{asked.Value, asked.Currency, ""}},
		kaopass.Confirm: {q.Confirm, []any{method, payerLimits(), a.at.Add(kaopass.CaptureWithin)}},
	}[verb]
	var answer verbAnswer
	if err := x.get(&answer, call.stmt, a.args(call.more)...); err != nil {
		return become{}, err
	}
	switch answer.problem() {
	case "state":
		return become{Problem: "state", Status: kaopass.PaymentStatus(*answer.Status)}, nil
	case "":
	default:
		return become{Problem: answer.problem()}, nil
	}
	out, _, err := d.outcome(answer)
	return become{Status: out.Status, Authorised: out.Authorised.Value, Captured: out.Captured.Value, Refunded: out.Refunded.Value, Did: out.Did}, err
}

// stood puts a payment into the tables as if it had come so far, with the transfers that it has made.
func stood(x *tx, p kaopass.Payment, me kaopass.VisitorID, till kaopass.DeviceID, method kaopass.MethodID, balance int64) error {
	payer, list := me, "{}"
	switch p.Status {
	case kaopass.AwaitingFace, kaopass.Refused:
		payer, method = "", ""
	case kaopass.AwaitingCode:
		payer, method, list = "", "", "{enr_1}"
	case kaopass.AwaitingConfirmation:
		method = ""
	}
	kind := ""
	if method != "" {
		kind = "emoney"
	}
	transfer := func(id, state, of, resolves, refund string, yen int64) string {
		from, to := "wallet", "store"
		if of == "refund" {
			from, to = to, from
		}
		return fmt.Sprintf(`INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
			SELECT '%s', '%s', '%s', '%s', nullif('%s', ''), d.id, c.id, 'JPY', %d, '%s', '%s', 'pay_any', '%s', '', '' FROM account d, account c
			WHERE d.kind = '%s' AND c.kind = '%s'`, id, x.now.Format(time.RFC3339Nano), of, state, resolves, yen, me, till, refund, from, to)
	}
	held := int64(0)
	rows := []string{"SET LOCAL session_replication_role = replica", fmt.Sprintf(`INSERT INTO payment (id, till, till_name, store, status, reason, currency, amount,
		authorised, captured, refunded, order_ref, manual, payer, method, method_kind, retry, short_list, created_at, expires_at)
		VALUES ('pay_any', '%s', 't', 'food-hall', '%s', '%s', 'JPY', %d, %d, %d, %d, '', %v, '%s', '%s', '%s', %v, '%s', '%s', '%s')`, till, p.Status, p.Reason,
		p.Amount.Value, p.Authorised.Value, p.Captured.Value, p.Refunded.Value, p.Manual, payer, method, kind, p.Retry, list,
		x.now.Format(time.RFC3339Nano), kaopass.PaymentUntil(x.now).Format(time.RFC3339Nano))}
	if p.Authorised.Value > 0 {
		rows = append(rows, transfer("trf_held", "pending", "payment", "", "", p.Authorised.Value))
		held = p.Authorised.Value
	}
	if p.Captured.Value > 0 {
		rows, held = append(rows, transfer("trf_taken", "posted", "payment", "trf_held", "", p.Captured.Value)), 0
	}
	if p.Status == kaopass.Voided {
		rows, held = append(rows, transfer("trf_freed", "voided", "payment", "trf_held", "", p.Authorised.Value)), 0
	}
	if p.Refunded.Value > 0 {
		rows = append(rows, transfer("trf_back", "posted", "refund", "", "ref_before", p.Refunded.Value))
	}
	rows = append(rows, fmt.Sprintf("UPDATE account SET balance = %d, held = %d WHERE kind = 'wallet'", balance+held, held), "SET LOCAL session_replication_role = origin")
	for _, row := range rows {
		if _, err := x.sql.ExecContext(x.ctx, row); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(rows, ";\n"), err)
		}
	}
	return nil
}

// What the root says of capturing, refunding, voiding, cancelling and confirming, the database's statements do: of payments in
// any state, and of sums that may be asked for and that may not.
func TestTheDatabaseDoesWhatTheRootSays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 50_000)
	r.pay(1, false, enr, me) // so that the store has its account
	method := must(r.Wallet(r.ctx, me)).Methods[0].ID
	same := func(t *rapid.T) {
		p := anyPayment(t)
		verb := rapid.SampledFrom([]kaopass.PaymentVerb{kaopass.Capture, kaopass.Refund, kaopass.Refund, kaopass.Void, kaopass.Cancel, kaopass.Confirm}).Draw(t, "verb")
		if p.Status.May(kaopass.Refund) && rapid.Bool().Draw(t, "a refund") {
			verb = kaopass.Refund
		}
		ask, balance := asked(t, p), rapid.Int64Range(0, 60).Draw(t, "balance")
		err := r.tx(r.ctx, func(x *tx) error {
			if err := stood(x, p, me, r.till.ID, method, balance); err != nil {
				return err
			}
			does, err := r.byTheDatabase(x, verb, r.instant().ask(kaopass.Key{}, r.till.ID, "pay_any"), ask, method)
			if err != nil {
				return err
			}
			if says := byTheRoot(p, verb, ask, balance); does != says {
				t.Fatalf("%s of %+v in %+v: the root says %+v, the database does %+v", verb, ask, p, says, does)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 6 {
			same(t)
		}
	})
}

// Tries at a till, random ones up to the limit's edges: the count that locks it, the list that staff see of locked tills, and
// the rule in words (so many since so long, and since somebody let it go on) say the same.
func TestATillIsLockedAsTheRootSays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rapid.Check(t, func(t *rapid.T) {
		edge := []time.Duration{0, time.Microsecond, kaopass.CodeTillWithin - time.Microsecond, kaopass.CodeTillWithin, kaopass.CodeTillWithin + time.Microsecond}
		ago := rapid.OneOf(rapid.SampledFrom(edge), rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, 12*60).Draw(t, "seconds")) * time.Second
		}))
		tries := rapid.SliceOfN(ago, kaopass.CodeTillTries-2, kaopass.CodeTillTries+4).Draw(t, "tries")
		cleared := rapid.OneOf(rapid.Just(time.Hour), ago).Draw(t, "cleared")
		counted := 0
		for _, since := range tries {
			if since < kaopass.CodeTillWithin && since < cleared {
				counted++
			}
		}
		err := r.tx(r.ctx, func(x *tx) error {
			if err := x.must(x.q.Device.Clear, r.till.ID, x.now.Add(-cleared)); err != nil {
				return err
			}
			for i, since := range tries {
				if _, err := x.sql.ExecContext(x.ctx, `INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision,
					status, reason, direction, currency, amount, took_us) VALUES (event_number($1), $2, $3, 'payment.coded', $4, '', $4, '', '', '', 'payment', '', '',
					'code_wrong', '', '', 0, 0)`, i+1, x.newID(kaopass.PrefixEvent), x.now.Add(-since), r.till.ID); err != nil {
					return err
				}
			}
			locked, err := x.tooManyCodes(r.till.ID)
			if err != nil {
				return err
			}
			list, err := x.tillLocks(r.till.ID)
			if want := counted >= kaopass.CodeTillTries; err == nil && (locked != want || (len(list) > 0) != want || want && list[0].Tries != counted) {
				t.Fatalf("%d of %d tries count: locked %v, listed %+v", counted, len(tries), locked, list)
			}
			return errors.Join(err, errUndo)
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	})
}

// Wrong and right codes of one payment, one after the other, end where the root's rule ends them.
func TestCodesOfAPaymentAreCountedAsTheRootSays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 50_000)
	code, _, err := r.IssueCode(r.ctx, me, nil)
	r.ok(err)
	wrong := map[bool]string{true: "0001", false: "0000"}[code == "0000"]
	rapid.Check(t, func(t *rapid.T) {
		r.clock.turn(kaopass.CodeTillWithin) // the till has forgotten those of before
		p := r.open(1, false)
		r.showFace(p.ID, kaopass.AskCode, enr)
		status := kaopass.AwaitingCode
		for earlier := 0; status == kaopass.AwaitingCode; earlier++ {
			right := rapid.IntRange(0, 3).Draw(t, "right") == 0
			matches, typed := 0, wrong
			if right {
				matches, typed = 1, code
			}
			out, err := r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, typed)
			if err != nil {
				t.Fatal(err)
			}
			payer := kaopass.Payer{Consent: kaopass.Consent{SignedAt: opening}}
			var reason kaopass.Reason
			if status, reason = kaopass.CodeVerdict(matches, earlier, p.Amount, payer); out.Status != status || out.Reason != reason {
				t.Fatalf("after %d wrong ones, right %v: the root says %s %s, the database %s %s", earlier, right, status, reason, out.Status, out.Reason)
			}
		}
		if _, err := r.CancelPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, p.ID); err != nil {
			t.Fatal(err)
		}
	})
}
