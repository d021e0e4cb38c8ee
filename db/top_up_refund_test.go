package db

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// putIn tops a wallet up by card and answers the transfer.
func (r *rig) putIn(me kaopass.VisitorID, card kaopass.MethodID, yen int64) kaopass.TransferID {
	r.Helper()
	out := must(r.TopUp(r.ctx, r.desk, TopUp{Key: r.key(string(me)), Visitor: me, Method: card, Amount: kaopass.Yen(yen)}))
	if out.Reason != "" {
		r.Fatal(out.Reason)
	}
	return kaopass.TransferID(must1(r, "SELECT id FROM transfer WHERE kind = 'topup' ORDER BY seq DESC LIMIT 1"))
}

// back gives a part of a top-up back, or (0) all there is.
func (r *rig) back(topUp kaopass.TransferID, yen int64) TopUpRefunded {
	r.Helper()
	return must(r.RefundTopUp(r.ctx, r.desk, TopUpRefund{Key: r.key("stf_1"), Staff: "stf_1", TopUp: topUp, Amount: kaopass.Yen(yen), Why: "asked at the desk"}))
}

func TestATopUpGoesBackToItsCard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	in := r.putIn(me, r.card(me).ID, 3000)
	r.pay(500, false, enr, me)
	r.pay(400, true, enr, me) // held: it is not free
	first := r.back(in, 1000)
	if first.Reason != "" || first.Amount != kaopass.Yen(1000) || first.Cash || !slices.Contains(r.desk.calls(), "refund 1000") {
		t.Fatalf("%+v %v", first, r.desk.calls())
	}
	if e := r.lastEvent(); e.Kind != kaopass.TopUpReturned || e.Actor != "stf_1" || e.Visitor != me || e.Subject != string(in) || e.Amount != kaopass.Yen(1000) {
		t.Errorf("%+v", e)
	}
	if no := r.back(in, 1500); no.Reason != kaopass.FundsShort || no.Refund != "" {
		t.Errorf("more than the wallet has: %+v", no)
	}
	if no := r.back(in, 2001); no.Reason != kaopass.TopUpGone {
		t.Errorf("more than is left of it: %+v", no)
	}
	if rest := r.back(in, 0); rest.Amount != kaopass.Yen(3000-500-400-1000) {
		t.Errorf("%+v", rest)
	}
	if no := r.back(in, 0); no.Reason != kaopass.FundsShort {
		t.Errorf("an empty wallet: %+v", no)
	}
	if w := must(r.Wallet(r.ctx, me)); w.Balance != kaopass.Yen(0) || w.Held != kaopass.Yen(400) || r.accountSum(kaopass.TopUpAccount) != -900 {
		t.Errorf("%+v", w)
	}
	history, _, err := r.History(r.ctx, me, Page{})
	if r.ok(err); history[0].Kind != kaopass.TopUpReturned || history[0].Amount != kaopass.Yen(-1100) || history[0].Method != kaopass.Card {
		t.Errorf("%+v", history[0])
	}
	r.sound()
}

// What was paid at the desk is handed out there, also while payments are stopped; afterwards the account can be deleted.
func TestATopUpOfTheDeskGoesBackInCash(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 2000)
	in := kaopass.TransferID(must1(r, "SELECT id FROM transfer WHERE kind = 'topup'"))
	r.ok(r.Freeze(r.ctx, me, true, string(me)))
	seen := must(r.TopUps(r.ctx, kaopass.Staff{ID: "stf_1"}, me))
	if seen.Wallet != kaopass.Yen(2000) || len(seen.List) != 1 || seen.List[0].ID != in || seen.List[0].Card || seen.List[0].Left != kaopass.Yen(2000) || seen.Visitor.Name != "Taro" {
		t.Errorf("%+v", seen)
	}
	if e := r.lastEvent(); e.Kind != kaopass.StaffLooked || e.Visitor != me {
		t.Errorf("%+v", e)
	}
	key := r.key("stf_1")
	ask := TopUpRefund{Key: key, Staff: "stf_1", TopUp: in, Amount: kaopass.Yen(2000)}
	out := must(r.RefundTopUp(r.ctx, r.desk, ask))
	if !out.Cash || out.Amount != kaopass.Yen(2000) || len(r.desk.calls()) != 0 || r.accountSum(kaopass.DeskAccount) != 0 {
		t.Errorf("%+v", out)
	}
	if again := must(r.RefundTopUp(r.ctx, r.desk, ask)); !again.Replayed || again.Refund != out.Refund {
		t.Errorf("%+v", again)
	}
	ask.Amount = kaopass.Yen(1)
	ask.Key.Body[0]++
	if _, err := r.RefundTopUp(r.ctx, r.desk, ask); !errors.Is(err, ErrKeyReused) {
		t.Error(err)
	}
	if _, err := r.EraseVisitor(r.ctx, me); err != nil {
		t.Error(err)
	}
	ask.Key = r.key("stf_1")
	if _, err := r.RefundTopUp(r.ctx, r.desk, ask); !errors.Is(err, ErrNotFound) {
		t.Error("of somebody erased:", err)
	}
	r.sound()
}

func TestWhatCannotGoBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 2000)
	in := kaopass.TransferID(must1(r, "SELECT id FROM transfer WHERE kind = 'topup'"))
	for name, c := range map[string]struct {
		in    TopUpRefund
		field string
	}{
		"below zero":    {TopUpRefund{TopUp: in, Amount: kaopass.Yen(-1)}, "amount"},
		"other money":   {TopUpRefund{TopUp: in, Amount: kaopass.Money{Currency: "USD", Value: 1}}, "amount"},
		"a long reason": {TopUpRefund{TopUp: in, Why: strings.Repeat("x", 201)}, "why"},
	} {
		var cannot *FieldError
		if _, err := r.RefundTopUp(r.ctx, r.desk, c.in); !errors.As(err, &cannot) || cannot.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.RefundTopUp(r.ctx, r.desk, TopUpRefund{Staff: "stf_1", TopUp: "trf_none"}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	// Twenty at once get no more than there is.
	done := make(chan TopUpRefunded)
	for range 20 {
		go func() {
			out, err := r.RefundTopUp(r.ctx, r.desk, TopUpRefund{Staff: "stf_1", TopUp: in, Amount: kaopass.Yen(300)})
			if err != nil {
				t.Error(err)
			}
			done <- out
		}()
	}
	back := 0
	for range 20 {
		if out := <-done; out.Reason == "" {
			back++
		} else if out.Reason != kaopass.TopUpGone {
			t.Error(out.Reason)
		}
	}
	if w := must(r.Wallet(r.ctx, me)); back != 6 || w.Balance != kaopass.Yen(200) {
		t.Error(back, w.Balance)
	}
	r.sound()
}

// "That wasn't me" about money that was put in: what is there goes back to the card, the rest was spent.
func TestADisputedTopUpGoesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	in := r.putIn(me, r.card(me).ID, 3000)
	r.pay(800, false, enr, me)
	c := must(r.OpenDispute(r.ctx, me, string(in)))
	if c.Reason != "" || c.Amount != kaopass.Yen(3000) {
		t.Fatalf("%+v", c)
	}
	back := must(r.RefundDispute(r.ctx, r.desk, r.key("stf_1"), "stf_1", c.ID, "Sent back what was left."))
	if back.Amount != kaopass.Yen(2200) || back.Refund == "" || back.Reason != "" || !slices.Contains(r.desk.calls(), "refund 2200") {
		t.Fatalf("%+v", back)
	}
	cases := must(r.Cases(r.ctx, me)).Disputes
	if len(cases) != 1 || cases[0].State != kaopass.DisputePaid || cases[0].Refund != back.Refund || cases[0].Answer != "Sent back what was left." {
		t.Errorf("%+v", cases)
	}
	if _, err := r.RefundDispute(r.ctx, r.desk, r.key("stf_2"), "stf_2", c.ID, ""); stateOf(err) != string(kaopass.DisputePaid) {
		t.Error(err)
	}
	again := must(r.OpenDispute(r.ctx, me, string(in)))
	if no := must(r.RefundDispute(r.ctx, r.desk, r.key("stf_1"), "stf_1", again.ID, "")); no.Reason != kaopass.FundsShort || no.Refund != "" {
		t.Errorf("%+v", no)
	}
	if cases := must(r.Cases(r.ctx, me)).Disputes; cases[0].State != kaopass.DisputeIsOpen {
		t.Error("a case that nothing came of has ended")
	}
	r.sound()
}

// A refund of a top-up that the card company refuses is owed like another, by its own id.
func TestATopUpsRefundThatIsRefusedIsOwed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	in := r.putIn(me, r.card(me).ID, 3000)
	out := must(r.RefundTopUp(r.ctx, refuser{r.desk}, TopUpRefund{Staff: "stf_1", TopUp: in}))
	list := r.due()
	if len(list) != 1 || list[0].Refund != out.Refund || list[0].Payment != "" || list[0].Charge == "" || list[0].Amount != kaopass.Yen(3000) {
		t.Fatalf("%+v", list)
	}
	if e := r.lastEvent(); e.Kind != kaopass.RefundOwed || e.Subject != string(out.Refund) {
		t.Errorf("%+v", e)
	}
	r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: out.Refund, Receipt: "1"}))
	if r.accountSum(kaopass.DueAccount) != 0 || r.accountSum(kaopass.TopUpAccount) != -3000 || r.accountSum(kaopass.DeskAccount) != 3000 {
		t.Error("due", r.accountSum(kaopass.DueAccount), "top-ups", r.accountSum(kaopass.TopUpAccount), "desk", r.accountSum(kaopass.DeskAccount))
	}
	r.sound()
}

// A colleague with psql, and what the audit says of a forged book.
func TestNobodyTakesTopUpsOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 2000)
	in := kaopass.TransferID(must1(r, "SELECT id FROM transfer WHERE kind = 'topup'"))
	if out := r.back(in, 500); out.Reason != "" {
		t.Fatal(out.Reason)
	}
	desk, wallet := must1(r, "SELECT id FROM account WHERE kind = 'desk'"), must1(r, "SELECT id FROM account WHERE kind = 'wallet'")
	fraud := func(amount int, to, refund string) error {
		both, err := r.pool.BeginTxx(r.ctx, nil)
		r.ok(err)
		defer func() { r.ok(both.Rollback()) }()
		if _, err = both.ExecContext(r.ctx, "INSERT INTO topup_refund VALUES ('ref_f', $1, 'trf_f', $2, 'me', '2027-05-04')", in, amount); err == nil {
			_, err = both.ExecContext(r.ctx, "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)"+
				" VALUES ('trf_f', '2027-05-04', 'topup_refund', 'posted', $1, $2, 'JPY', $3, $4, '', '', $5, '', '')", wallet, to, amount, me, refund)
		}
		return err
	}
	_, err := r.account(kaopass.FeesAccount)
	r.ok(err)
	other := must1(r, "SELECT id FROM account WHERE kind = 'fees'")
	for sentence, err := range map[string]error{
		"no_more_goes_back_than_was_put_in":   fraud(1501, desk, "ref_f"),
		"a_top_up_goes_back_the_way_it_came":  fraud(100, other, "ref_f"),
		"something_of_a_top_up_goes_back":     fraud(0, desk, "ref_f"),
		"a_top_up_goes_back_the_way_it_came ": fraud(100, desk, "ref_other"),
	} {
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Constraint != strings.TrimSpace(sentence) {
			t.Errorf("%v, not %q", err, sentence)
		}
	}
	r.sound()
	r.forge("ALTER TABLE topup_refund DISABLE TRIGGER USER", "UPDATE topup_refund SET amount = 5000")
	audit := must(r.AuditLedger(r.ctx))
	if found := strings.Join(audit.Breaches, "\n"); !strings.Contains(found, "of it went back") || !strings.Contains(found, "does not say so") {
		t.Error(found)
	}
	r.forge("ALTER TABLE topup_refund DISABLE TRIGGER USER", "DELETE FROM topup_refund")
	audit = must(r.AuditLedger(r.ctx))
	if found := strings.Join(audit.Breaches, "\n"); !strings.Contains(found, "nothing says which") {
		t.Error(found)
	}
}

// account opens one of the venue's own.
func (r *rig) account(kind kaopass.AccountKind) (id kaopass.AccountID, err error) {
	err = r.tx(r.ctx, func(t *tx) error {
		id, err = t.account(kind, "", kaopass.JPY)
		return err
	})
	return id, err
}
