package db

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func (r *rig) capture(id kaopass.PaymentID, yen int64) (Outcome, error) {
	return r.CapturePayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, id, kaopass.Yen(yen))
}

func (r *rig) void(id kaopass.PaymentID) (Outcome, error) {
	return r.VoidPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, id)
}

func (r *rig) cancel(id kaopass.PaymentID) Outcome {
	r.Helper()
	return r.ok2(r.CancelPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, id))
}

func (r *rig) refund(id kaopass.PaymentID, yen int64) (Outcome, error) {
	return r.RefundPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, id, kaopass.Yen(yen), "cold soup")
}

func TestPartialCaptureReleasesTheRest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	p := r.pay(3000, true, enr, me)
	if p.Status != kaopass.Authorised || p.Authorised != kaopass.Yen(3000) || p.Captured.Value != 0 ||
		!p.Expires.Equal(opening.Add(kaopass.CaptureWithin)) {
		t.Errorf("%+v", p.Payment)
	}
	if w := must(r.Wallet(r.ctx, me)); w.Balance != kaopass.Yen(2000) || w.Held != kaopass.Yen(3000) {
		t.Errorf("%+v", w)
	}
	if _, err := r.EraseVisitor(r.ctx, me); stateOf(err) != "wallet_not_empty" {
		t.Error(err)
	}
	for _, tooMuch := range []int64{3001, -1} {
		if _, err := r.capture(p.ID, tooMuch); !errors.Is(err, ErrAmount) {
			t.Error(tooMuch, err)
		}
	}
	out := r.ok2(r.capture(p.ID, 1000))
	if out.Status != kaopass.Captured || out.Captured != kaopass.Yen(1000) || out.Authorised != kaopass.Yen(3000) {
		t.Errorf("%+v", out.Payment)
	}
	if w := must(r.Wallet(r.ctx, me)); w.Balance != kaopass.Yen(4000) || w.Held.Value != 0 {
		t.Errorf("%+v", w)
	}
	if _, err := r.capture(p.ID, 1000); stateOf(err) != "captured" {
		t.Error("captured twice:", err)
	}
	if s := must(r.TillStatus(r.ctx, r.till.ID)); s.Today != totals(1, 1000, 0, 0) {
		t.Errorf("%+v", s)
	}
	r.sound()
}

func TestRefundsUpToWhatWasCaptured(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	p := r.pay(3000, false, enr, me)
	first := r.ok2(r.refund(p.ID, 1000))
	if first.Status != kaopass.PartiallyRefunded || first.Refunded != kaopass.Yen(1000) || !kaopass.PrefixRefund.Is(string(first.Refund)) {
		t.Errorf("%+v", first)
	}
	if e := r.lastEvent(); e.Kind != kaopass.PaymentRefunded || e.Amount != kaopass.Yen(1000) {
		t.Errorf("%+v", e)
	}
	if _, err := r.refund(p.ID, 2001); !errors.Is(err, ErrAmount) {
		t.Error("more than is left:", err)
	}
	rest := r.ok2(r.refund(p.ID, 0))
	if rest.Status != kaopass.Refunded || rest.Refunded != kaopass.Yen(3000) || rest.Refund == first.Refund || r.balance(me) != 5000 {
		t.Errorf("%+v", rest)
	}
	if _, err := r.refund(p.ID, 1); stateOf(err) != "refunded" {
		t.Error(err)
	}
	if s := must(r.TillStatus(r.ctx, r.till.ID)); s.Today != totals(1, 3000, 2, 3000) {
		t.Errorf("%+v", s)
	}
	r.sound()
}

func TestVoid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	p := r.pay(3000, true, enr, me)
	if out := r.ok2(r.void(p.ID)); out.Status != kaopass.Voided || r.balance(me) != 5000 {
		t.Errorf("%+v", out.Payment)
	}
	for verb, do := range map[string]func() error{
		"void":    func() error { return second(r.void(p.ID)) },
		"capture": func() error { return second(r.capture(p.ID, 1)) },
		"refund":  func() error { return second(r.refund(p.ID, 1)) },
		"face":    func() error { return second(r.PaymentFace(r.ctx, PaymentFace{Till: r.till.ID, Payment: p.ID})) },
		"code":    func() error { return second(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, "1234")) },
		"confirm": func() error {
			return second(r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, p.ID, "pm_1"))
		},
	} {
		if err := do(); stateOf(err) != "voided" {
			t.Error(verb, err)
		}
	}
	r.sound()
}

// Cancel is never refused, and says what it did.
func TestCancelInEveryState(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 50_000)
	for name, c := range map[string]struct {
		make   func() kaopass.PaymentID
		did    string
		status kaopass.PaymentStatus
	}{
		"before a face": {func() kaopass.PaymentID { return r.open(100, false).ID }, "nothing", kaopass.Cancelled},
		"code awaited": {func() kaopass.PaymentID {
			return r.showFace(r.open(100, false).ID, kaopass.AskCode, enr).ID
		}, "nothing", kaopass.Cancelled},
		"confirmation awaited": {func() kaopass.PaymentID {
			return r.showFace(r.open(100, false).ID, kaopass.Enough, enr).ID
		}, "nothing", kaopass.Cancelled},
		"face refused": {func() kaopass.PaymentID { return r.showFace(r.open(100, false).ID, kaopass.Nobody).ID }, "nothing", kaopass.Cancelled},
		"authorised":   {func() kaopass.PaymentID { return r.pay(100, true, enr, me).ID }, "released", kaopass.Cancelled},
		"captured":     {func() kaopass.PaymentID { return r.pay(100, false, enr, me).ID }, "refunded", kaopass.Refunded},
		"partly refunded": {func() kaopass.PaymentID {
			return r.ok2(r.refund(r.pay(100, false, enr, me).ID, 40)).ID
		}, "refunded", kaopass.Refunded},
		"voided": {func() kaopass.PaymentID { return r.ok2(r.void(r.pay(100, true, enr, me).ID)).ID }, "nothing", kaopass.Voided},
		"declined": {func() kaopass.PaymentID {
			return r.confirm(r.showFace(r.open(100, false).ID, kaopass.Enough, enr).ID, "pm_none").ID
		}, "nothing", kaopass.Declined},
	} {
		id := c.make()
		out := r.cancel(id)
		if out.Did != c.did || out.Status != c.status || (out.Refund != "") != (c.did == "refunded") {
			t.Errorf("%s: %s %s %s", name, out.Did, out.Status, out.Refund)
		}
		if again := r.cancel(id); again.Did != "nothing" || again.Status != c.status {
			t.Errorf("%s, again: %s %s", name, again.Did, again.Status)
		}
	}
	if r.balance(me) != 50_000 {
		t.Error(r.balance(me), "is left of 50,000")
	}
	r.sound()
}

func TestCancelAfterItsTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.open(100, false)
	r.clock.turn(kaopass.PaymentWithin)
	if out := r.cancel(p.ID); out.Did != "nothing" || out.Status != kaopass.Expired {
		t.Errorf("%+v", out)
	}
}

// A server that was down when a hold's time was over does not take it for whoever comes first.
func TestAHoldIsNotTakenAfterItsTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	card := r.card(me)
	held, part, byCard, kept := r.pay(1000, true, enr, me), r.pay(500, true, enr, me), r.payByCard(700, true, enr, card.ID), r.pay(300, true, enr, me)
	r.clock.turn(kaopass.CaptureWithin - time.Microsecond)
	if out := r.ok2(r.capture(kept.ID, 300)); out.Status != kaopass.Captured {
		t.Errorf("in time: %+v", out.Payment)
	}
	r.clock.turn(time.Microsecond)
	key := r.key(string(r.till.ID))
	for range 2 { // the same answer again
		out := r.ok2(r.CapturePayment(r.ctx, r.desk, key, r.till.ID, held.ID, kaopass.Money{}))
		if out.Status != kaopass.Expired || out.Reason != kaopass.PaymentExpired || out.Captured.Value != 0 {
			t.Errorf("%+v", out.Payment)
		}
	}
	if out := r.ok2(r.capture(byCard.ID, 700)); out.Status != kaopass.Expired || r.desk.calls()[len(r.desk.calls())-1] != "release" {
		t.Errorf("%+v, %v", out.Payment, r.desk.calls())
	}
	if out := r.cancel(part.ID); out.Status != kaopass.Cancelled || out.Did != "released" {
		t.Errorf("a cancellation is never refused: %+v", out)
	}
	if left := r.balance(me); left != 4700 {
		t.Error(left)
	}
	r.sound()
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	open, coded, refused := r.open(100, false), r.open(100, false), r.open(100, false)
	r.showFace(coded.ID, kaopass.AskCode, enr)
	r.showFace(refused.ID, kaopass.Nobody)
	held, late := r.pay(1000, true, enr, me), r.open(100, false)
	expire := func(want int) {
		t.Helper()
		if n, err := r.Expire(r.ctx, r.desk); err != nil || n != want {
			t.Error(n, err, "want", want)
		}
	}
	expire(0)
	r.clock.turn(kaopass.PaymentWithin)
	if out := r.showFace(late.ID, kaopass.Enough, enr); out.Status != kaopass.Expired || out.Reason != kaopass.PaymentExpired {
		t.Errorf("a face that comes too late: %+v", out.Payment)
	}
	expire(3)
	expire(0)
	for id, want := range map[kaopass.PaymentID]kaopass.PaymentStatus{open.ID: kaopass.Expired, coded.ID: kaopass.Expired,
		refused.ID: kaopass.Refused, held.ID: kaopass.Authorised} {
		if p := must(r.Payment(r.ctx, r.till.ID, id)); p.Status != want || p.Retry || p.Methods != nil {
			t.Errorf("%+v", p)
		}
	}
	r.clock.turn(kaopass.CaptureWithin)
	expire(1)
	if p := must(r.Payment(r.ctx, r.till.ID, held.ID)); p.Status != kaopass.Expired || r.balance(me) != 5000 {
		t.Errorf("%+v", p)
	}
	r.sound()
}

func (r *rig) payByCard(yen int64, manual bool, enr kaopass.EnrolmentID, card kaopass.MethodID) Outcome {
	r.Helper()
	p := r.open(yen, manual)
	r.showFace(p.ID, kaopass.Enough, enr)
	return r.confirm(p.ID, card)
}

func TestCardThroughItsLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	paid := r.payByCard(1000, false, enr, card)
	if paid.Status != kaopass.Captured || paid.MethodKind != kaopass.Card || r.balance(me) != 0 {
		t.Errorf("%+v", paid.Payment)
	}
	r.ok2(r.refund(paid.ID, 400))
	held := r.payByCard(900, true, enr, card)
	r.ok2(r.capture(held.ID, 500))
	r.ok2(r.void(r.payByCard(300, true, enr, card).ID))
	r.cancel(paid.ID)
	want := []string{"authorise 1000", "capture 1000", "refund 400", "authorise 900", "capture 500", "authorise 300", "release", "refund 600"}
	if got := r.desk.calls(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	r.desk.next = []CardAnswer{CardRefused}
	if out := r.payByCard(100, false, enr, card); out.Status != kaopass.Declined || out.Reason != kaopass.CardDeclined {
		t.Errorf("%+v", out.Payment)
	}
	r.sound()
}

func TestALostAnswerOfTheCardCompanyIsReleased(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	r.desk.next = []CardAnswer{CardUnknown}
	out := r.payByCard(1000, false, enr, r.card(me).ID)
	if out.Status != kaopass.Declined || out.Reason != kaopass.CardUnreachable {
		t.Errorf("%+v", out.Payment)
	}
	r.desk.fail = true // still away: the release is tried again, less and less often
	for range 3 {
		_, err := r.Expire(r.ctx, r.desk)
		r.ok(err)
	}
	if got := r.desk.calls(); !slices.Equal(got, []string{"authorise 1000", "release"}) {
		t.Errorf("%q", got)
	}
	r.clock.turn(10 * time.Second)
	r.desk.fail = false
	for range 3 {
		_, err := r.Expire(r.ctx, r.desk)
		r.ok(err)
	}
	if got := r.desk.calls(); len(got) != 3 || r.count("SELECT count(*) FROM card_task WHERE state = 'done'") != 1 {
		t.Errorf("%q", got)
	}
	r.sound()
}

// A crash between the question and the answer, and the three ways in which it is found.
func TestAfterACrash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		find   func(r *rig, p Outcome, key kaopass.Key, card kaopass.MethodID)
		answer CardAnswer
		status kaopass.PaymentStatus
		reason kaopass.Reason
	}{
		"the till repeats": {func(r *rig, p Outcome, key kaopass.Key, card kaopass.MethodID) {
			if _, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, card); !errors.Is(err, ErrInFlight) {
				t.Error("a moment later:", err)
			}
			r.clock.turn(chargeFresh)
			r.ok2(r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, card))
		}, CardApproved, kaopass.Captured, ""},
		"the timer asks": {func(r *rig, _ Outcome, _ kaopass.Key, _ kaopass.MethodID) {
			r.clock.turn(chargeFresh + time.Second)
			r.ok(second(r.Expire(r.ctx, r.desk)))
		}, CardApproved, kaopass.Captured, ""},
		"it was declined": {func(r *rig, _ Outcome, _ kaopass.Key, _ kaopass.MethodID) {
			r.clock.turn(chargeFresh + time.Second)
			r.ok(second(r.Expire(r.ctx, r.desk)))
		}, CardRefused, kaopass.Declined, kaopass.CardDeclined},
		"found when nobody waits any more": {func(r *rig, _ Outcome, _ kaopass.Key, _ kaopass.MethodID) {
			r.clock.turn(time.Hour)
			r.ok(second(r.Expire(r.ctx, r.desk)))
		}, CardApproved, kaopass.Declined, kaopass.CardUnreachable},
		"the till cancelled": {func(r *rig, p Outcome, _ kaopass.Key, _ kaopass.MethodID) {
			if out := r.cancel(p.ID); out.Status != kaopass.Cancelled || out.Did != "nothing" {
				t.Errorf("%+v", out)
			}
			r.clock.turn(chargeFresh + time.Second)
			r.ok(second(r.Expire(r.ctx, r.desk)))
		}, CardApproved, kaopass.Cancelled, kaopass.PaymentCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			me, enr := r.visitor(1, "Taro", 0)
			card := r.card(me).ID
			p := r.open(1000, false)
			r.showFace(p.ID, kaopass.Enough, enr)
			key := r.key(string(r.till.ID))
			r.crash(func(t *tx) error {
				row, err := t.lockPayment(r.till.ID, p.ID)
				if err == nil {
					_, err = t.confirm(key, &row, card)
				}
				return err
			})
			r.desk.ask = c.answer
			c.find(r, p, key, card)
			if got := must(r.Payment(r.ctx, r.till.ID, p.ID)); got.Status != c.status || got.Reason != c.reason {
				t.Errorf("%+v", got)
			}
			again, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, p.ID, card)
			if r.ok(err); !again.Replayed || again.Status != c.status {
				t.Errorf("the key's outcome: %+v", again)
			}
			kept := r.count("SELECT count(*) FROM card_task WHERE verb = 'capture'") == 1
			freed := r.count("SELECT count(*) FROM card_task WHERE verb = 'release'") == 1
			if kept != (c.status == kaopass.Captured) || freed != (c.answer == CardApproved && !kept) {
				t.Error("kept", kept, "given back", freed)
			}
			r.sound()
		})
	}
}

// While the card company thinks, a twin is told to wait, and a cancellation is not held up.
func TestCancelWhileTheCardCompanyThinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	p := r.open(1000, false)
	r.showFace(p.ID, kaopass.Enough, enr)
	r.desk.inCall, r.desk.pause = make(chan struct{}), make(chan struct{})
	done := make(chan Outcome)
	go func() {
		out, err := r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, p.ID, card)
		if err != nil {
			t.Error(err)
		}
		done <- out
	}()
	<-r.desk.inCall
	if _, err := r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, p.ID, card); !errors.Is(err, ErrInFlight) {
		t.Error(err)
	}
	if out := r.cancel(p.ID); out.Status != kaopass.Cancelled {
		t.Errorf("%+v", out)
	}
	close(r.desk.pause)
	if out := <-done; out.Status != kaopass.Cancelled {
		t.Errorf("a cancelled payment was revived: %+v", out.Payment)
	}
	if got := r.desk.calls(); !slices.Equal(got, []string{"authorise 1000", "release"}) {
		t.Errorf("%q", got)
	}
	r.sound()
}
