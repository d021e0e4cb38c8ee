package db

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// card adds a card to the visitor's methods.
func (r *rig) card(who kaopass.VisitorID) kaopass.Method {
	r.Helper()
	m, err := r.AddCard(r.ctx, who, "tok_test", "Visa ••4242")
	r.ok(err)
	return m
}

func (r *rig) balance(who kaopass.VisitorID) int64 {
	r.Helper()
	w, err := r.Wallet(r.ctx, who)
	r.ok(err)
	return w.Balance.Value
}

// sound ends the test where the book does not balance.
func (r *rig) sound() {
	r.Helper()
	audit, err := r.AuditLedger(r.ctx)
	r.ok(err)
	if !audit.OK {
		r.Fatal(strings.Join(audit.Breaches, "\n"))
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 700)
	other, _ := r.visitor(2, "Hanako", 0)
	c := r.card(me)
	w, err := r.Wallet(r.ctx, me)
	r.ok(err)
	if len(w.Methods) != 2 || w.Methods[0].Kind != kaopass.EMoney || !w.Methods[0].Default || w.Methods[1].Token != "" || w.Balance != kaopass.Yen(700) {
		t.Errorf("%+v", w)
	}
	r.ok(r.SetDefault(r.ctx, me, c.ID))
	r.ok(r.SetDefault(r.ctx, me, c.ID))
	if w, _ = r.Wallet(r.ctx, me); !w.Methods[0].Default || w.Methods[0].ID != c.ID || w.Methods[1].Default {
		t.Errorf("%+v", w.Methods)
	}
	for _, err := range []error{r.SetDefault(r.ctx, other, c.ID), r.RemoveMethod(r.ctx, other, c.ID), r.SetDefault(r.ctx, me, "pm_none")} {
		if !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	if err := r.RemoveMethod(r.ctx, me, w.Methods[1].ID); stateOf(err) != "emoney" {
		t.Error("the wallet was removed:", err)
	}
	r.ok(r.RemoveMethod(r.ctx, me, c.ID))
	if w, _ = r.Wallet(r.ctx, me); len(w.Methods) != 1 || !w.Methods[0].Default {
		t.Errorf("the wallet is the default again: %+v", w.Methods)
	}
	if err := r.RemoveMethod(r.ctx, me, c.ID); !errors.Is(err, ErrNotFound) {
		t.Error("removed twice:", err)
	}
	for range CardsMax {
		r.card(me)
	}
	if _, err := r.AddCard(r.ctx, me, "tok", "one too many"); stateOf(err) != "full" {
		t.Error(err)
	}
}

func TestNoWalletWithoutPaymentConsent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	v, _ := r.newVisitor(t, "a@example.com")
	if _, err := r.Wallet(r.ctx, v.ID); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := r.AddCard(r.ctx, v.ID, "tok", "Visa"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, reason, err := r.IssueCode(r.ctx, v.ID, nil); err != nil || reason != kaopass.ConsentMissing {
		t.Error(reason, err)
	}
}

func TestTopUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	c := r.card(me)
	top := func(n int64, method kaopass.MethodID) ToppedUp {
		t.Helper()
		out, err := r.TopUp(r.ctx, r.desk, TopUp{Key: r.key(string(me)), Visitor: me, Method: method, Amount: kaopass.Yen(n)})
		r.ok(err)
		return out
	}
	if out := top(5000, c.ID); out.Reason != "" || out.Wallet.Balance != kaopass.Yen(5000) {
		t.Errorf("%+v", out)
	}
	if got := r.desk.calls(); !slices.Equal(got, []string{"authorise 5000", "capture 5000"}) {
		t.Error(got)
	}
	if e := r.lastEvent(); e.Kind != kaopass.WalletToppedUp || e.Amount != kaopass.Yen(5000) || e.Visitor != me {
		t.Errorf("%+v", e)
	}
	r.desk.next = []CardAnswer{CardRefused}
	if out := top(100, c.ID); out.Reason != kaopass.CardDeclined || out.Wallet.Balance != kaopass.Yen(5000) {
		t.Errorf("%+v", out)
	}
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	for method, want := range map[kaopass.MethodID]kaopass.Reason{"pm_none": kaopass.MethodGone, wallet: kaopass.MethodGone} {
		if out := top(100, method); out.Reason != want {
			t.Errorf("%s: %q", method, out.Reason)
		}
	}
	if out := top(kaopass.TopUpMax+1, c.ID); out.Reason != kaopass.LimitExceeded {
		t.Error(out.Reason)
	}
	for range 5 {
		top(kaopass.TopUpMax, c.ID)
	}
	if out := top(45_001, c.ID); out.Reason != kaopass.LimitExceeded || r.balance(me) != 255_000 {
		t.Error("a wallet above its limit:", out.Reason, r.balance(me))
	}
	if _, err := r.TopUp(r.ctx, r.desk, TopUp{Visitor: me, Method: c.ID, Amount: kaopass.Yen(-5)}); !errors.Is(err, ErrAmount) {
		t.Error(err)
	}
	r.sound()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTopUpOfALostAnswerIsGivenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	in := TopUp{Key: r.key(string(me)), Visitor: me, Method: r.card(me).ID, Amount: kaopass.Yen(3000)}
	r.desk.next = []CardAnswer{CardUnknown}
	for range 2 { // the second is the stored answer
		out, err := r.TopUp(r.ctx, r.desk, in)
		if r.ok(err); out.Reason != kaopass.CardUnreachable || out.Wallet.Balance.Value != 0 {
			t.Errorf("%+v", out)
		}
	}
	if _, err := r.Expire(r.ctx, r.desk); err != nil {
		t.Error(err)
	}
	if got := r.desk.calls(); !slices.Equal(got, []string{"authorise 3000", "release"}) {
		t.Error(got)
	}
	r.sound()
}

func TestTopUpAfterACrash(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	in := TopUp{Key: r.key(string(me)), Visitor: me, Method: r.card(me).ID, Amount: kaopass.Yen(3000)}
	r.crash(func(t *tx) error {
		var out ToppedUp
		_, err := t.beginTopUp(in, &out)
		return err
	})
	if _, err := r.TopUp(r.ctx, r.desk, in); !errors.Is(err, ErrInFlight) {
		t.Error("a moment later the first may still be at work:", err)
	}
	if _, err := r.EraseVisitor(r.ctx, me); stateOf(err) != "wallet_not_empty" {
		t.Error("erased with money on its way:", err)
	}
	r.clock.turn(chargeFresh)
	out, err := r.TopUp(r.ctx, r.desk, in)
	if r.ok(err); out.Reason != "" || out.Wallet.Balance != kaopass.Yen(3000) {
		t.Errorf("%+v", out)
	}
	if again := must(r.TopUp(r.ctx, r.desk, in)); !again.Replayed || r.balance(me) != 3000 {
		t.Errorf("%+v", again)
	}
	if got := r.desk.calls(); !slices.Equal(got, []string{"ask", "capture 3000"}) {
		t.Error(got)
	}
	r.sound()
}

// crash runs the first transaction of a verb, and nothing of what comes after.
func (r *rig) crash(first func(*tx) error) { r.Helper(); r.ok(r.tx(r.ctx, first)) }

func TestCodes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	code, reason, err := r.IssueCode(r.ctx, me, nil)
	if r.ok(err); reason != "" || !kaopass.IsPaymentCode(code) {
		t.Fatal(reason)
	}
	wrong := "0000"
	if code == wrong {
		wrong = "0001"
	}
	check := func(code string, want kaopass.Reason) {
		t.Helper()
		got, err := r.CheckCode(r.ctx, me, code)
		if r.ok(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check(code, "")
	for range CodePractice {
		check(wrong, kaopass.CodeWrong)
	}
	check(code, kaopass.TooManyTries)
	r.clock.turn(CodePracticeWithin + time.Second)
	check(code, "")
	if n := r.DB.count(t, "SELECT count(*) FROM payment_code WHERE visitor = $1 AND encode(hash, 'escape') NOT LIKE '%' || $2 || '%'", me, code); n != 1 {
		t.Error("the code is kept as such")
	}
	if e := r.lastEvent(); e.Kind != kaopass.CodeIssued {
		t.Errorf("%+v", e)
	}
	_, err = r.Withdraw(r.ctx, me, kaopass.ForPayment)
	r.ok(err)
	if _, err := r.CheckCode(r.ctx, me, code); !errors.Is(err, ErrNotFound) {
		t.Error("the code outlived the consent:", err)
	}
	if _, reason, _ := r.IssueCode(r.ctx, me, nil); reason != kaopass.ConsentWithdrawn {
		t.Error(reason)
	}
}

// Nobody is given a code that somebody near has. Whoever drew all there are would know theirs; and whoever drew until it was
// a pretty one would have chosen it.
func TestACodeIsNotDrawnWithoutEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	other, _ := r.visitor(2, "Jiro", 0)
	draw := func(who kaopass.VisitorID) kaopass.Reason {
		code, reason, err := r.IssueCode(r.ctx, who, nil)
		if r.ok(err); (code == "") != (reason != "") {
			t.Errorf("code of %d digits, %q", len(code), reason)
		}
		return reason
	}
	for n := range CodeDraws {
		if no := draw(me); no != "" {
			t.Fatalf("draw %d: %s", n+1, no)
		}
	}
	kept := must1(r, "SELECT encode(hash, 'hex') FROM payment_code WHERE visitor = $1", me)
	if no := draw(me); no != kaopass.TooManyTries || draw(other) != "" {
		t.Errorf("one more: %q", no)
	}
	if now := must1(r, "SELECT encode(hash, 'hex') FROM payment_code WHERE visitor = $1", me); now != kept {
		t.Error("the code that they have is gone")
	}
	r.clock.turn(CodeDrawsWithin)
	if no := draw(me); no != "" {
		t.Errorf("a day later: %s", no)
	}
}

func TestACodeHasNoMoreThanItsHolders(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	hash := must(r.DB.keys.Hash(useCode, "1234"))
	exec(t, r.DB, "INSERT INTO payment_code (visitor, hash, issued_at) SELECT 'vis_' || n, $1, now() FROM generate_series(1, $2) n", hash, kaopass.CodeHolders)
	err := r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(me, "1234", nil, "venue"); return err })
	if !errors.Is(err, errCodesFull) {
		t.Error(err)
	}
	exec(t, r.DB, "DELETE FROM payment_code WHERE visitor = 'vis_7'")
	r.ok(r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(me, "1234", nil, "venue"); return err }))
}

func TestErasureNeedsAnEmptyWallet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rich, _ := r.visitor(1, "Taro", 500)
	poor, _ := r.visitor(2, "Hanako", 0)
	k := r.ticket(kaopass.Season, poor)
	r.card(poor)
	if _, err := r.EraseVisitor(r.ctx, rich); stateOf(err) != "wallet_not_empty" {
		t.Error(err)
	}
	_, err := r.EraseVisitor(r.ctx, poor)
	r.ok(err)
	if n := r.DB.count(t, "SELECT count(*) FROM ticket WHERE id = $1 AND holder = ''", k.ID); n != 1 {
		t.Error("the ticket is not free")
	}
	if n := r.DB.count(t, "SELECT count(*) FROM method WHERE visitor = $1 AND token = 'tok_test'", poor); n != 0 {
		t.Error("the card's token is still here")
	}
	if out := r.admit(2, k.QR, ""); out.Verdict.Reason != kaopass.NotEnrolled {
		t.Error(out.Verdict)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	paid := r.pay(1000, false, enr, me)
	r.ok2(r.RefundPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, paid.ID, kaopass.Yen(300), "cold soup"))
	held := r.pay(200, true, enr, me)
	var got []string
	page := Page{Limit: 2}
	for {
		list, next, err := r.History(r.ctx, me, page)
		r.ok(err)
		for _, e := range list {
			got = append(got, string(e.Kind)+" "+e.Amount.String()+" "+string(e.Method)+" "+e.Place)
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	want := []string{"payment.authorised JPY -200 emoney Ramen 2", "payment.refunded JPY 300 emoney Ramen 2",
		"payment.captured JPY -1000 emoney Ramen 2", "wallet.topped_up JPY 5000 emoney "}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r.ok2(r.VoidPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, held.ID))
	if list, _, _ := r.History(r.ctx, me, Page{}); len(list) != 4 || slices.ContainsFunc(list, func(e Entry) bool { return e.Kind == kaopass.PaymentAuthorised }) {
		t.Errorf("what was released is not set aside: %+v", list)
	}
	w := must(r.Wallet(r.ctx, me))
	if w.Balance != kaopass.Yen(4300) || w.Held.Value != 0 {
		t.Errorf("%+v", w)
	}
}

// A form may name anything as the card. It is refused, and nothing of it stands in the log, which is never shortened, and which
// staff open as a table.
func TestATopUpByWhatIsNoCardLeavesNoText(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	for _, typed := range []kaopass.MethodID{`=HYPERLINK("http://evil.example")`, kaopass.MethodID(strings.Repeat("M", 1<<20)), ""} {
		out, err := r.TopUp(r.ctx, r.desk, TopUp{Visitor: me, Method: typed, Amount: kaopass.Yen(1000)})
		if err != nil || out.Reason != kaopass.MethodGone {
			t.Errorf("%.20q: %s, %v", typed, out.Reason, err)
		}
		if e := r.lastEvent(); e.Kind != kaopass.TopUpRefused || e.Subject != "" {
			t.Errorf("%s of %.40q", e.Kind, e.Subject)
		}
	}
}
