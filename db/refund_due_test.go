package db

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// due lists what is owed now.
func (r *rig) due() []kaopass.RefundDue {
	r.Helper()
	list, _, err := r.RefundsDue(r.ctx, true, "", Page{})
	r.ok(err)
	return list
}

// account is the sum of an account of the venue's own.
func (r *rig) accountSum(kind kaopass.AccountKind) int {
	r.Helper()
	return r.count("SELECT coalesce(sum(balance_of(id)), 0) FROM account WHERE kind = $1", kind)
}

// The store gives back, the wallet is gone: the refund is accepted, owed, and paid at the desk once.
func TestARefundAfterErasureIsOwed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 1000)
	p := r.pay(1000, false, enr, me)
	_, err := r.EraseVisitor(r.ctx, me)
	r.ok(err)
	back := r.ok2(r.refund(p.ID, 300))
	if back.Status != kaopass.PartiallyRefunded || back.Refunded != kaopass.Yen(300) {
		t.Fatalf("%+v", back)
	}
	if rest := r.ok2(r.CancelPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, p.ID)); rest.Did != kaopass.DidRefund || rest.Status != kaopass.Refunded {
		t.Fatalf("%+v", rest)
	}
	list := r.due()
	if len(list) != 2 || list[1].Refund != back.Refund || list[1].Amount != kaopass.Yen(300) || list[0].Amount != kaopass.Yen(700) {
		t.Fatalf("%+v", list)
	}
	if d := list[1]; d.Why != kaopass.WalletGone || d.Payment != p.ID || d.Charge != "" || d.Store != "food-hall" || d.Till != "Ramen 2" || d.OrderRef != "order 7" || !d.Paid.IsZero() {
		t.Errorf("%+v", d)
	}
	if n := r.count("SELECT balance FROM account WHERE kind = 'wallet'"); n != 0 {
		t.Error("the erased wallet has", n)
	}
	if w := must(r.DueWaiting(r.ctx)); w.Count != 2 || w.Sum != 1000 || r.accountSum(kaopass.DueAccount) != 1000 || r.accountSum(kaopass.StoreAccount) != 0 {
		t.Errorf("%+v", w)
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'refund.owed' AND subject = $1 AND id LIKE 'evt_%'", p.ID); n != 2 {
		t.Error("events:", n)
	}
	for i, d := range list { // each of one payment's by itself
		r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: d.Refund, Receipt: string(rune('A' + i))}))
	}
	if found, _, err := r.RefundsDue(r.ctx, false, " "+string(p.ID)+" ", Page{}); err != nil || len(found) != 2 {
		t.Error(found, err)
	}
	if found, _, err := r.RefundsDue(r.ctx, true, "pay_none", Page{}); err != nil || len(found) != 0 {
		t.Error(found, err)
	}
	r.sound()
}

func TestWhatIsOwedIsPaidOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 1000)
	p := r.pay(600, false, enr, me)
	q := r.pay(400, false, enr, me)
	_, err := r.EraseVisitor(r.ctx, me)
	r.ok(err)
	first, second := r.ok2(r.refund(p.ID, 0)), r.ok2(r.refund(q.ID, 0))
	in := Payout{Key: r.key("stf_1"), Staff: "stf_1", Refund: first.Refund, Receipt: " 2027-0001 ", Note: "came with the slip"}
	for name, wrong := range map[string]Payout{
		"receipt":  {Staff: "stf_1", Refund: first.Refund, Receipt: "  "},
		"receipt ": {Staff: "stf_1", Refund: first.Refund, Receipt: strings.Repeat("1", kaopass.PayoutReceiptMax+1)},
		"note":     {Staff: "stf_1", Refund: first.Refund, Receipt: "1", Note: strings.Repeat("1", kaopass.PayoutNoteMax+1)},
	} {
		var cannot *FieldError
		if _, err := r.PayOut(r.ctx, wrong); !errors.As(err, &cannot) || cannot.Field != strings.TrimSpace(name) {
			t.Error(name, err)
		}
	}
	paid := must(r.PayOut(r.ctx, in))
	if paid.Amount != kaopass.Yen(600) || paid.Replayed {
		t.Fatalf("%+v", paid)
	}
	if e := r.lastEvent(); e.Kind != kaopass.RefundPaidOut || e.Actor != "stf_1" || e.Subject != string(p.ID) || e.Zone != "food-hall" || e.Place != "Ramen 2" || e.Amount != kaopass.Yen(600) {
		t.Errorf("%+v", e)
	}
	if again := must(r.PayOut(r.ctx, in)); !again.Replayed || again.Amount != paid.Amount {
		t.Errorf("%+v", again)
	}
	in.Key = r.key("stf_2")
	if _, err := r.PayOut(r.ctx, in); stateOf(err) != "paid" {
		t.Error("paid twice:", err)
	}
	var cannot *FieldError
	if _, err := r.PayOut(r.ctx, Payout{Staff: "stf_2", Refund: second.Refund, Receipt: "2027-0001"}); !errors.As(err, &cannot) {
		t.Error("a receipt twice:", err)
	}
	if _, err := r.PayOut(r.ctx, Payout{Staff: "stf_2", Refund: "ref_none", Receipt: "2"}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	gone, _, err := r.RefundsDue(r.ctx, false, "", Page{})
	if err != nil || len(gone) != 1 || gone[0].Receipt != "2027-0001" || gone[0].PaidBy != "stf_1" || gone[0].Note == "" || gone[0].Paid.IsZero() {
		t.Errorf("%+v %v", gone, err)
	}
	if w := must(r.DueWaiting(r.ctx)); w.Count != 1 || w.Sum != 400 || r.accountSum(kaopass.DueAccount) != 400 || r.accountSum(kaopass.DeskAccount) != 600-1000 {
		t.Errorf("%+v", w)
	}
	r.sound()
}

// Two at two desks pay the same: one does.
func TestTwoDesksPayOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 1000)
	p := r.pay(1000, false, enr, me)
	_, err := r.EraseVisitor(r.ctx, me)
	r.ok(err)
	back := r.ok2(r.refund(p.ID, 0))
	answers := make(chan error)
	for _, staff := range []kaopass.StaffID{"stf_1", "stf_2", "stf_3", "stf_4"} {
		go func() {
			_, err := r.PayOut(r.ctx, Payout{Key: kaopass.Key{Owner: string(staff), Name: "k"}, Staff: staff, Refund: back.Refund, Receipt: string(staff)})
			answers <- err
		}()
	}
	done := 0
	for range 4 {
		switch err := <-answers; {
		case err == nil:
			done++
		case stateOf(err) != "paid":
			t.Error(err)
		}
	}
	if done != 1 || r.accountSum(kaopass.DueAccount) != 0 {
		t.Error("paid", done, "times")
	}
	r.sound()
}

// A refund and an erasure that meet: the money is in neither place twice, and never in an erased wallet.
func TestARefundMeetsAnErasure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 8 {
		me, enr := r.visitor(n+1, "Taro", 500)
		p := r.pay(500, false, enr, me)
		erased := make(chan error)
		go func() {
			_, err := r.EraseVisitor(r.ctx, me)
			erased <- err
		}()
		_, err := r.refund(p.ID, 0)
		r.ok(err)
		err = <-erased
		owed := r.count("SELECT count(*) FROM refund_due WHERE payment = $1", p.ID)
		balance := r.count("SELECT balance FROM account WHERE owner = $1", me)
		if err == nil && (owed != 1 || balance != 0) || err != nil && (stateOf(err) != "wallet_not_empty" || owed != 0 || balance != 500) {
			t.Errorf("%v: owed %d, balance %d", err, owed, balance)
		}
	}
	r.sound()
}

// A card's refund that failed, or was refused, is owed once however often it is heard.
func TestACardsRefundThatFailedIsOwed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	p := r.payByCard(800, false, enr, r.card(me).ID)
	back := r.ok2(r.refund(p.ID, 500))
	if _, err := r.OweRefund(r.ctx, "ref_none", kaopass.RefundFailed); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if more := r.ok2(r.refund(p.ID, 100)); !must(r.OweRefund(r.ctx, more.Refund, kaopass.RefundFailed)) {
		t.Error("another one of the same payment is not owed")
	} else {
		r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: more.Refund, Receipt: "6"}))
	}
	for i, fresh := range []bool{true, false, false} {
		if got := must(r.OweRefund(r.ctx, back.Refund, kaopass.RefundFailed)); got != fresh {
			t.Errorf("call %d: fresh %v", i, got)
		}
	}
	if e := r.lastEvent(); e.Kind != kaopass.RefundOwed || e.Subject != string(p.ID) || e.Visitor != me || e.Amount != kaopass.Yen(500) || e.Place != "Ramen 2" {
		t.Errorf("%+v", e)
	}
	list := r.due()
	if len(list) != 1 || list[0].Why != kaopass.RefundFailed || list[0].Charge == "" || list[0].Amount != kaopass.Yen(500) {
		t.Fatalf("%+v", list)
	}
	if r.accountSum(kaopass.CardAccount) != -800 || r.accountSum(kaopass.DueAccount) != 500 {
		t.Error("card", r.accountSum(kaopass.CardAccount), "due", r.accountSum(kaopass.DueAccount))
	}
	if _, err := r.PayOut(r.ctx, Payout{Key: r.key("stf_1"), Staff: "stf_1", Refund: back.Refund, Receipt: "7"}); err != nil {
		t.Fatal(err)
	}
	history, _, err := r.History(r.ctx, me, Page{})
	r.ok(err)
	var kinds []string
	for _, e := range history {
		kinds = append(kinds, string(e.Kind)+" "+e.Amount.String())
	}
	if got := strings.Join(kinds, ", "); got != "refund.paid_out JPY 500, refund.owed JPY -500, refund.paid_out JPY 100, refund.owed JPY -100, payment.refunded JPY 100, payment.refunded JPY 500, payment.captured JPY -800" {
		t.Error(got)
	}
	r.sound()
}

// refuser is a card company that gives nothing back.
type refuser struct{ *fakeDesk }

func (refuser) Refund(context.Context, string, string, kaopass.Money) (CardAnswer, error) {
	return CardRefused, nil
}

func TestARefundThatTheCompanyRefusesIsOwed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	p := r.payByCard(800, false, enr, r.card(me).ID)
	back, err := r.RefundPayment(r.ctx, refuser{r.desk}, r.key(string(r.till.ID)), r.till.ID, p.ID, kaopass.Yen(800), "cold")
	r.ok(err)
	if list := r.due(); len(list) != 1 || list[0].Refund != back.Refund || list[0].Why != kaopass.RefundRefused {
		t.Fatalf("%+v", list)
	}
	r.sound() // it is a piece of work, not a breach
}

// A colleague with psql tries to help themselves to what is owed.
func TestNobodyHelpsThemselvesToWhatIsOwed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 1000)
	other, hers := r.visitor(2, "Hanako", 50)
	gone, kept := r.pay(700, false, enr, me), r.pay(300, false, enr, me)
	_, err := r.EraseVisitor(r.ctx, me)
	r.ok(err)
	owed := r.ok2(r.refund(gone.ID, 700))
	card := r.payByCard(400, false, hers, r.card(other).ID)
	back := r.ok2(r.refund(card.ID, 100))
	acc := func(kind string) string { return must1(r, "SELECT id FROM account WHERE kind = $1 LIMIT 1", kind) }
	wallet := must1(r, "SELECT id FROM account WHERE owner = $1", me)
	r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: owed.Refund, Receipt: "1"}))
	const insert = "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" VALUES ('trf_fraud', '2027-05-04', $1, 'posted', $2, $3, 'JPY', $4, $5, '', $6, $7, $8, '')"
	const due = "INSERT INTO refund_due (refund, transfer, why, visitor, payment, charge, currency, amount, at) VALUES ($1, 'trf_fraud', $2, $3, $4, $5, 'JPY', $6, '2027-05-04')"
	for name, fraud := range map[string]struct {
		sentence string
		sql      string
		args     []any
	}{
		"pay out what nobody is owed":  {"a_payout_is_of_a_refund_that_is_owed", insert, []any{"payout", acc("due"), acc("desk"), 5, other, "", "", ""}},
		"bounce what arrived":          {"a_bounce_is_of_a_refund_that_did_not_arrive", insert, []any{"bounce", acc("card"), acc("due"), 100, other, card.ID, "", "chg"}},
		"refund into an erased wallet": {"nothing_goes_into_an_erased_wallet", insert, []any{"refund", acc("store"), wallet, 300, me, kept.ID, "ref_f", ""}},
		"top an erased wallet up":      {"nothing_goes_into_an_erased_wallet", insert, []any{"topup", acc("desk"), wallet, 300, me, "", "", ""}},
		"owe without saying why":       {"a_refund_goes_back_the_way_it_came", insert, []any{"refund", acc("store"), acc("due"), 300, me, kept.ID, "ref_f", ""}},
		"a purse of what is due":       {"fees_losses_and_what_is_due_are_the_venues_own", "INSERT INTO account VALUES ('acc_f', 'due', 'me', 'JPY', NULL, NULL, now())", nil},
		"owe it twice":                 {"a_refund_is_owed_once", due, []any{owed.Refund, "wallet_gone", me, gone.ID, "", 700}},
		"owe for a whim":               {"a_refund_is_owed_for_a_known_reason", due, []any{"ref_f", "kindness", me, gone.ID, "", 700}},
		"owe nothing":                  {"something_is_owed", due, []any{"ref_f", "wallet_gone", me, gone.ID, "", 0}},
		"owe without a transfer":       {"what_is_owed_was_booked", due, []any{back.Refund, "refund_failed", other, card.ID, "chg", 100}},
		"pay what is not owed":         {"only_what_is_owed_is_paid_out", "INSERT INTO refund_paid VALUES ('ref_f', 'trf_f', '9', '', 'stf_1', now())", nil},
		"pay it twice":                 {"an_owed_refund_is_paid_once", "INSERT INTO refund_paid VALUES ($1, 'trf_f', '9', '', 'stf_1', now())", []any{owed.Refund}},
		"unsay what is owed":           {"refund_due is only ever appended to", "DELETE FROM refund_due", nil},
		"say another paid":             {"", "UPDATE refund_paid SET paid_by = 'stf_2'", nil},
	} {
		_, err := r.pool.ExecContext(r.ctx, fraud.sql, fraud.args...)
		var refused *pq.Error
		if !errors.As(err, &refused) || fraud.sentence != "" && refused.Constraint != fraud.sentence && refused.Message != fraud.sentence {
			t.Errorf("%s: %v, not %q", name, err, fraud.sentence)
		}
	}
	r.sound()
}

// What was owed or paid past the database's rules is found by the audit.
func TestTheAuditFindsFalseDebts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ forge, found string }{
		"owed more":       {"UPDATE refund_due SET amount = amount + 1", "is owed, and transfer"},
		"paid to another": {"UPDATE transfer SET debit = (SELECT id FROM account WHERE kind = 'store') WHERE kind = 'payout'", "was paid out by stf_1"},
		"a debt lost":     {"DELETE FROM refund_due", "moves what is due, and no refund is owed"},
		"a payout lost":   {"DELETE FROM refund_paid", "moves what is due, and no refund is owed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			me, enr := r.visitor(1, "Taro", 1000)
			p := r.pay(1000, false, enr, me)
			_, err := r.EraseVisitor(r.ctx, me)
			r.ok(err)
			back := r.ok2(r.refund(p.ID, 0))
			r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: back.Refund, Receipt: "1"}))
			r.sound()
			r.forge("ALTER TABLE refund_due DISABLE TRIGGER USER", "ALTER TABLE refund_paid DISABLE TRIGGER USER", c.forge)
			audit := must(r.AuditLedger(r.ctx))
			if found := strings.Join(audit.Breaches, "\n"); audit.OK || !strings.Contains(found, c.found) {
				t.Errorf("%q is not in\n%s", c.found, found)
			}
		})
	}
}

func (r *rig) ok2due(out PaidOut, err error) PaidOut {
	r.Helper()
	r.ok(err)
	return out
}
