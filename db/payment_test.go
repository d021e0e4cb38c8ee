package db

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// ok2 ends the test at an error and hands the outcome on.
func (r *rig) ok2(out Outcome, err error) Outcome { r.Helper(); r.ok(err); return out }

func (r *rig) open(yen int64, manual bool) Outcome {
	r.Helper()
	return r.ok2(r.CreatePayment(r.ctx, NewPayment{Key: r.key(string(r.till.ID)), Till: r.till.ID, Amount: kaopass.Yen(yen),
		OrderRef: "order 7", Manual: manual}))
}

func (r *rig) showFace(id kaopass.PaymentID, how kaopass.Identity, who ...kaopass.EnrolmentID) Outcome {
	r.Helper()
	return r.ok2(r.PaymentFace(r.ctx, PaymentFace{Key: r.key(string(r.till.ID)), Till: r.till.ID, Payment: id,
		Identification: kaopass.Identification{Identity: how, ShortList: who}, Started: r.clock.now()}))
}

func (r *rig) confirm(id kaopass.PaymentID, method kaopass.MethodID) Outcome {
	r.Helper()
	return r.ok2(r.ConfirmPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, id, method))
}

// pay goes from the amount to the paid (or held) payment, with the payer's default method.
func (r *rig) pay(yen int64, manual bool, enr kaopass.EnrolmentID, who kaopass.VisitorID) Outcome {
	r.Helper()
	p := r.open(yen, manual)
	r.showFace(p.ID, kaopass.Enough, enr)
	return r.confirm(p.ID, must(r.Wallet(r.ctx, who)).Methods[0].ID)
}

func TestAPaymentByFace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 5000)
	card := r.card(me)
	p := r.open(1200, false)
	if p.Status != kaopass.AwaitingFace || p.Amount != kaopass.Yen(1200) || p.Store != "food-hall" || p.OrderRef != "order 7" ||
		!p.Expires.Equal(opening.Add(kaopass.PaymentWithin)) || !kaopass.PrefixPayment.Is(string(p.ID)) {
		t.Errorf("%+v", p)
	}
	faced := r.showFace(p.ID, kaopass.Enough, enr)
	if faced.Status != kaopass.AwaitingConfirmation || faced.PayerName != "T. Y." || len(faced.Methods) != 2 || !faced.Methods[0].Default ||
		!faced.Methods[0].Covers || faced.Methods[1].ID != card.ID || faced.Methods[1].Token != "" {
		t.Errorf("%+v", faced)
	}
	paid := r.confirm(p.ID, faced.Methods[0].ID)
	if paid.Status != kaopass.Captured || paid.Captured != kaopass.Yen(1200) || paid.MethodKind != kaopass.EMoney || paid.Methods != nil ||
		!paid.Decided.Equal(opening) || r.balance(me) != 3800 {
		t.Errorf("%+v", paid)
	}
	if e := r.lastEvent(); e.Kind != kaopass.PaymentCaptured || e.Visitor != me || e.Zone != "food-hall" || e.Amount != kaopass.Yen(1200) || e.Place != "Ramen 2" {
		t.Errorf("%+v", e)
	}
	if got := must(r.Payment(r.ctx, r.till.ID, p.ID)); got.Status != kaopass.Captured || got.PayerName != "T. Y." {
		t.Errorf("%+v", got)
	}
	s := must(r.TillStatus(r.ctx, r.till.ID))
	if s.Today != totals(1, 1200, 0, 0) || len(s.Recent) != 1 {
		t.Errorf("%+v", s)
	}
	if len(r.desk.calls()) != 0 {
		t.Error("a card company was asked about a wallet")
	}
	r.sound()
}

func TestPaymentsAreTheirTillsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := r.device(kaopass.Till, "Cafe 1", "cafe")
	p := r.open(100, false)
	for _, err := range []error{
		second(r.Payment(r.ctx, other.ID, p.ID)),
		second(r.CancelPayment(r.ctx, r.desk, kaopass.Key{}, other.ID, p.ID)),
		second(r.CreatePayment(r.ctx, NewPayment{Till: r.gate.ID, Amount: kaopass.Yen(5)})),
		second(r.TillStatus(r.ctx, r.gate.ID)),
		second(r.Payment(r.ctx, r.till.ID, "pay_none")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	for _, bad := range []kaopass.Money{kaopass.Yen(0), kaopass.Yen(-1), {Currency: "USD", Value: 5}, {}} {
		if _, err := r.CreatePayment(r.ctx, NewPayment{Till: r.till.ID, Amount: bad}); !errors.Is(err, ErrAmount) {
			t.Error(bad, err)
		}
	}
	long := r.ok2(r.CreatePayment(r.ctx, NewPayment{Till: r.till.ID, Amount: kaopass.Yen(1), OrderRef: strings.Repeat("注", 50) + "\x00"}))
	if len(long.OrderRef) != 63 {
		t.Errorf("%q", long.OrderRef)
	}
	r.clock.turn(time.Minute)
	r.open(300, false)
	list, next, err := r.Payments(r.ctx, r.till.ID, opening, Page{Limit: 2})
	if r.ok(err); len(list) != 2 || list[0].Amount != kaopass.Yen(300) || next == "" {
		t.Errorf("%+v", list)
	}
	if list, _, _ := r.Payments(r.ctx, r.till.ID, opening.Add(time.Second), Page{}); len(list) != 1 {
		t.Error(len(list), "since then")
	}
	r.ok(r.RevokeDevice(r.ctx, r.till.ID, "venue"))
	if _, err := r.CreatePayment(r.ctx, NewPayment{Till: r.till.ID, Amount: kaopass.Yen(5)}); !errors.Is(err, ErrNotFound) {
		t.Error("a revoked till:", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestARefusedFaceMayBeShownAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	p := r.open(100, false)
	for i := range kaopass.FaceTries {
		out := r.ok2(r.PaymentFace(r.ctx, PaymentFace{Till: r.till.ID, Payment: p.ID,
			Identification: kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnclear}}))
		if out.Status != kaopass.Refused || out.Reason != kaopass.FaceUnclear || out.Retry != (i < kaopass.FaceTries-1) || out.PayerName != "" {
			t.Errorf("face %d: %+v", i, out)
		}
	}
	if e := r.lastEvent(); e.Kind != kaopass.PaymentEnded || e.Status != kaopass.Refused {
		t.Errorf("%+v", e)
	}
	if err := second(r.PaymentFace(r.ctx, PaymentFace{Till: r.till.ID, Payment: p.ID})); stateOf(err) != "refused" {
		t.Error("a sixth face:", err)
	}
	q := r.open(100, false)
	r.showFace(q.ID, kaopass.Nobody)
	out := r.showFace(q.ID, kaopass.Enough, enr)
	if out.Status != kaopass.AwaitingConfirmation || out.Reason != "" || out.Retry {
		t.Errorf("%+v", out)
	}
	if paid := r.confirm(q.ID, out.Methods[0].ID); paid.Status != kaopass.Captured || r.balance(me) != 4900 {
		t.Errorf("%+v", paid)
	}
}

func TestWhoMayNotPay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	frozen, frozenFace := r.visitor(1, "Taro", 100)
	taken, takenFace := r.visitor(2, "Hanako", 100)
	_, erasedFace := r.visitor(3, "Jiro", 100)
	_, limitFace := r.visitor(4, "Yuki", 100)
	r.ok(r.Freeze(r.ctx, frozen, true, "stf_1"))
	_, err := r.Withdraw(r.ctx, taken, kaopass.ForPayment)
	r.ok(err)
	for name, c := range map[string]struct {
		face   kaopass.EnrolmentID
		yen    int64
		reason kaopass.Reason
		retry  bool
	}{
		"frozen":                 {frozenFace, 50, kaopass.PayerFrozen, false},
		"took consent back":      {takenFace, 50, kaopass.ConsentWithdrawn, false},
		"more than a till takes": {limitFace, kaopass.PaymentMax + 1, kaopass.LimitExceeded, false},
		"a face of nobody":       {"enr_gone", 50, kaopass.FaceUnknown, true},
	} {
		out := r.showFace(r.open(c.yen, false).ID, kaopass.Enough, c.face)
		if out.Status != kaopass.Refused || out.Reason != c.reason || out.Retry != c.retry || out.PayerName != "" || out.Payer != "" {
			t.Errorf("%s: %+v", name, out.Payment)
		}
	}
	if out := r.showFace(r.open(50, false).ID, kaopass.Enough, erasedFace); out.Status != kaopass.AwaitingConfirmation {
		t.Errorf("%+v", out)
	}
}

func TestADayHasALimit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 250_000)
	code, _, err := r.IssueCode(r.ctx, me, nil)
	r.ok(err)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	buy := func(yen int64) Outcome {
		t.Helper()
		p := r.open(yen, false)
		if out := r.showFace(p.ID, kaopass.Enough, enr); out.Status == kaopass.AwaitingCode {
			if out := r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, code)); out.Status == kaopass.Refused {
				return out
			}
		} else if out.Status == kaopass.Refused {
			return out
		}
		return r.confirm(p.ID, wallet)
	}
	var last Outcome
	for range kaopass.PaymentDayMax / kaopass.PaymentMax {
		r.clock.turn(time.Hour) // else it would be the hour's limit
		if last = buy(kaopass.PaymentMax); last.Status != kaopass.Captured {
			t.Fatalf("%+v", last)
		}
	}
	if out := buy(1); out.Status != kaopass.Refused || out.Reason != kaopass.LimitExceeded {
		t.Errorf("a yen over the day's limit: %+v", out.Payment)
	}
	r.ok2(r.RefundPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, last.ID, kaopass.Yen(1000), ""))
	a, b := r.open(800, false), r.open(800, false) // both seen before either is confirmed
	r.showFace(a.ID, kaopass.Enough, enr)
	r.showFace(b.ID, kaopass.Enough, enr)
	if out := r.confirm(a.ID, wallet); out.Status != kaopass.Captured {
		t.Errorf("%+v", out.Payment)
	}
	if out := r.confirm(b.ID, wallet); out.Status != kaopass.Declined || out.Reason != kaopass.LimitExceeded {
		t.Errorf("%+v", out.Payment)
	}
	r.clock.turn(24 * time.Hour)
	if out := buy(100); out.Status != kaopass.Captured {
		t.Errorf("on the next day: %+v", out.Payment)
	}
	r.sound()
}

func TestCodeWithinTheShortList(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, mine := r.visitor(1, "Taro", 500)
	_, twin := r.visitor(2, "Jiro", 500)
	outsider, _ := r.visitor(3, "Hanako", 500)
	set := func(who kaopass.VisitorID, code string) {
		r.ok(r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(who, code, nil, "venue"); return err }))
	}
	set(me, "1111")
	set(outsider, "2222")
	twinID := kaopass.VisitorID(must1(r, "SELECT visitor FROM enrolment WHERE id = $1", twin))
	set(twinID, "3333")
	enter := func(id kaopass.PaymentID, code string) Outcome {
		t.Helper()
		return r.ok2(r.PaymentCode(r.ctx, r.key(string(r.till.ID)), r.till.ID, id, code))
	}
	p := r.open(100, false)
	if out := r.showFace(p.ID, kaopass.AskCode, twin, mine); out.Status != kaopass.AwaitingCode || out.PayerName != "" || out.Methods != nil {
		t.Errorf("%+v", out)
	}
	if out := enter(p.ID, "2222"); out.Status != kaopass.AwaitingCode || out.Reason != kaopass.CodeWrong {
		t.Errorf("somebody's code who is not on the list: %+v", out.Payment)
	}
	if out := enter(p.ID, "1111"); out.Status != kaopass.AwaitingConfirmation || out.Payer != me || out.Reason != "" {
		t.Errorf("%+v", out.Payment)
	}
	if n := r.DB.count(t, "SELECT count(*) FROM payment WHERE short_list <> '{}'"); n != 0 {
		t.Error("the short list outlived its question")
	}
	set(twinID, "1111") // now two of the list have it
	q := r.open(100, false)
	r.showFace(q.ID, kaopass.AskCode, twin, mine)
	for i := range kaopass.CodeTries {
		want := kaopass.AwaitingCode
		if i == kaopass.CodeTries-1 {
			want = kaopass.Refused
		}
		if out := enter(q.ID, "1111"); out.Status != want || out.Reason != kaopass.CodeWrong || out.Retry {
			t.Errorf("try %d: %+v", i, out.Payment)
		}
	}
	if err := second(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, q.ID, "1111")); stateOf(err) != "refused" {
		t.Error(err)
	}
	big := r.open(kaopass.CodeAbove, false) // sure of the face: then only that person's code counts
	r.showFace(big.ID, kaopass.Enough, mine, twin)
	if out := enter(big.ID, "1111"); out.Status != kaopass.AwaitingConfirmation || out.Payer != me {
		t.Errorf("%+v", out.Payment)
	}
	if reason := must(r.CheckCode(r.ctx, me, "1111")); reason != "" {
		t.Error("wrong codes at tills counted against a person:", reason)
	}
}

func must1(r *rig, query string, args ...any) (s string) {
	r.Helper()
	r.ok(r.pool.GetContext(r.ctx, &s, query, args...))
	return s
}

func TestATillThatGuessesCodesIsStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, enr := r.visitor(1, "Taro", 500)
	for i := 0; ; i++ {
		p := r.open(100, false)
		r.showFace(p.ID, kaopass.AskCode, enr)
		out := r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, "abcd"))
		if out.Reason == kaopass.TooManyTries {
			if i != kaopass.CodeTillTries || out.Status != kaopass.Refused {
				t.Error(i, out.Status)
			}
			return
		}
		if i > kaopass.CodeTillTries {
			t.Fatal("nobody stopped it")
		}
	}
}

func TestTheSameRequestPaysOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	p := r.open(1000, false)
	wallet := r.showFace(p.ID, kaopass.Enough, enr).Methods[0].ID
	key := r.key(string(r.till.ID))
	var all sync.WaitGroup
	var mu sync.Mutex
	var captured, replayed int
	for range 8 {
		all.Go(func() {
			out, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, wallet)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, ErrInFlight):
			case err != nil:
				t.Error(err)
			case out.Replayed:
				replayed++
			default:
				captured++
			}
		})
	}
	all.Wait()
	again := r.ok2(r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, wallet))
	if captured != 1 || !again.Replayed || again.Status != kaopass.Captured || r.balance(me) != 4000 {
		t.Error(captured, replayed, r.balance(me))
	}
	key.Body[3]++
	if _, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, wallet); !errors.Is(err, ErrKeyReused) {
		t.Error(err)
	}
	r.sound()
}

func TestTwoTillsOneWallet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 2500)
	tills := []kaopass.Device{r.till, r.device(kaopass.Till, "Cafe 1", "cafe"), r.device(kaopass.Till, "Cafe 2", "cafe")}
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	outcomes := make([]Outcome, 6)
	var all sync.WaitGroup
	for i := range outcomes {
		till := tills[i%len(tills)]
		all.Go(func() {
			p, err := r.CreatePayment(r.ctx, NewPayment{Till: till.ID, Amount: kaopass.Yen(1000), Manual: i%2 == 0})
			if err == nil {
				_, err = r.PaymentFace(r.ctx, PaymentFace{Till: till.ID, Payment: p.ID,
					Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{enr}}})
			}
			if err == nil {
				outcomes[i], err = r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, till.ID, p.ID, wallet)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	paid := 0
	for _, out := range outcomes {
		switch {
		case out.Authorised.Value == 1000:
			paid++
		case out.Status != kaopass.Declined || out.Reason != kaopass.FundsShort:
			t.Errorf("%+v", out.Payment)
		}
	}
	if paid != 2 || r.balance(me) != 500 {
		t.Error(paid, "were paid;", r.balance(me), "is left")
	}
	r.sound()
}

func TestAPaymentLargerThanTheBalance(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 999)
	p := r.open(1000, false)
	out := r.showFace(p.ID, kaopass.Enough, enr)
	if out.Methods[0].Covers {
		t.Error("999 does not cover 1000")
	}
	out = r.confirm(p.ID, out.Methods[0].ID)
	if out.Status != kaopass.Declined || out.Reason != kaopass.FundsShort || r.balance(me) != 999 {
		t.Errorf("%+v", out.Payment)
	}
	for _, c := range []struct {
		method kaopass.MethodID
		reason kaopass.Reason
	}{{"pm_none", kaopass.MethodGone}, {must(r.Wallet(r.ctx, me)).Methods[0].ID, ""}} {
		q := r.open(999, false)
		r.showFace(q.ID, kaopass.Enough, enr)
		if out := r.confirm(q.ID, c.method); out.Reason != c.reason {
			t.Errorf("%+v", out.Payment)
		}
	}
	if r.balance(me) != 0 {
		t.Error(r.balance(me))
	}
}

func TestFrozenBetweenFaceAndConfirmation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 999)
	p, q := r.open(100, false), r.open(100, false)
	wallet := r.showFace(p.ID, kaopass.Enough, enr).Methods[0].ID
	r.showFace(q.ID, kaopass.Enough, enr)
	r.ok(r.Freeze(r.ctx, me, true, string(me)))
	if out := r.confirm(p.ID, wallet); out.Status != kaopass.Declined || out.Reason != kaopass.PayerFrozen {
		t.Errorf("%+v", out.Payment)
	}
	r.ok(r.Freeze(r.ctx, me, false, string(me)))
	_, err := r.Withdraw(r.ctx, me, kaopass.ForPayment)
	r.ok(err)
	if out := r.confirm(q.ID, wallet); out.Status != kaopass.Declined || out.Reason != kaopass.ConsentWithdrawn || r.balance(me) != 999 {
		t.Errorf("%+v", out.Payment)
	}
}

func TestErasedBetweenFaceAndConfirmation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	p := r.open(100, false)
	r.showFace(p.ID, kaopass.Enough, enr)
	_, err := r.EraseVisitor(r.ctx, me)
	r.ok(err)
	if out := r.confirm(p.ID, card); out.Status != kaopass.Declined || out.Reason != kaopass.ConsentWithdrawn || out.PayerName != "" {
		t.Errorf("%+v", out.Payment)
	}
	if out := r.showFace(r.open(100, false).ID, kaopass.Enough, enr); out.Reason != kaopass.FaceUnknown {
		t.Errorf("%+v", out.Payment)
	}
	if len(r.desk.calls()) != 0 {
		t.Error("the card of somebody who is gone was charged")
	}
}
