package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// banker is a card company whose bank wants to hear from the owner of each card called "asks".
type banker struct {
	CardDesk
	called int
}

func (b *banker) Authorise(ctx context.Context, id, token string, amount kaopass.Money) (CardAnswer, error) {
	b.called++
	if token == "asks" {
		return CardNeedsOwner, nil
	}
	return CardApproved, nil
}

func (b *banker) Capture(context.Context, string, kaopass.Money) (CardAnswer, error) {
	return CardApproved, nil
}

// The letter to an owner: once for each time that a bank asks, later where the gateway is away, never for ever, and not
// about a card that pays again or is gone.
func TestTheOwnerIsWrittenTo(t *testing.T) {
	r := newRig(t)
	me, _ := r.visitor(1, "Yuki", 0)
	card, err := r.AddCard(t.Context(), me, "asks", "Visa ••3184")
	r.ok(err)
	desk := &banker{}
	ask := func() {
		t.Helper()
		out, err := r.TopUp(t.Context(), desk, TopUp{Key: r.key(string(me)), Visitor: me, Method: card.ID, Amount: kaopass.Yen(500)})
		if err != nil || out.Reason != kaopass.CardNeedsOwner {
			t.Fatal(out.Reason, err)
		}
	}
	var got []OwnerLetter
	var fails error
	post := func() error {
		return r.OwnerLetters(t.Context(), func(_ context.Context, l OwnerLetter) error { got = append(got, l); return fails })
	}
	ask()
	ask() // told at once, without asking the bank
	if desk.called != 1 {
		t.Error(desk.called, "questions")
	}
	fails = errors.New("the gateway is away")
	if err := post(); !errors.Is(err, fails) || len(got) != 1 {
		t.Error(err, got)
	}
	if err := post(); err != nil || len(got) != 1 {
		t.Error("again at once", err, got)
	}
	r.clock.turn(2 * ownerPauseMin)
	fails = nil
	r.ok(post())
	r.clock.turn(24 * time.Hour)
	r.ok(post())
	if len(got) != 2 || got[1] != (OwnerLetter{Contact: "visitor1@example.com", Language: got[1].Language, Card: "Visa ••3184"}) {
		t.Errorf("%+v", got)
	}
	r.ok(r.AnswerOwner(t.Context(), me, card.ID, func(string) (string, bool) { return "asks", true }))
	ask()
	fails, got = errors.New("for ever"), nil
	for range 3 * ownerTries {
		_ = post()
		r.clock.turn(ownerPauseMax + time.Minute)
	}
	if len(got) != ownerTries {
		t.Error(len(got), "tries")
	}
	r.ok(r.AnswerOwner(t.Context(), me, card.ID, func(string) (string, bool) { return "asks", true }))
	ask()
	r.ok(r.RemoveMethod(t.Context(), me, card.ID))
	fails, got = nil, nil
	if r.ok(post()); len(got) != 0 {
		t.Error("written about a card that is gone")
	}
}

// An outcome that is learnt late does not undo what the owner answered since.
func TestALateOutcomeDoesNotAskAgain(t *testing.T) {
	r := newRig(t)
	me, _ := r.visitor(1, "Yuki", 0)
	card, err := r.AddCard(t.Context(), me, "asks", "Visa ••3184")
	r.ok(err)
	_, err = r.KeepCustomer(t.Context(), me, "cus_1")
	r.ok(err)
	early := charge{ID: "chg_early", Visitor: me, Method: card.ID, AskedAt: r.clock.now()}
	r.clock.turn(time.Minute)
	r.ok(r.OpenForm(t.Context(), me, "cs_1", card.ID))
	for i, want := range []bool{true, false} {
		kept, err := r.CloseForm(t.Context(), me, "cs_1", CardGiven{Token: "new", Label: "Visa ••3184", Same: true})
		if err != nil || kept != want {
			t.Error(i, kept, err)
		}
	}
	r.ok(r.tx(t.Context(), func(tx *tx) error { return tx.askOwner(early) }))
	w, err := r.Wallet(t.Context(), me)
	r.ok(err)
	for _, m := range w.Methods {
		if m.Asked {
			t.Errorf("%+v", m)
		}
	}
	if _, err := r.CloseForm(t.Context(), "vis_nobody", "cs_1", CardGiven{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// A till does not offer a card whose bank waits for its owner: it comes last, with why, and what was the default is not; a till
// that sends it all the same is declined without a question to the bank; and answered, in the middle of a payment too, it is
// back.
func TestATillDoesNotOfferACardThatWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 500)
	visa := r.card(me)
	r.ok(r.SetDefault(r.ctx, me, visa.ID))
	r.desk.next = []CardAnswer{CardNeedsOwner}
	if out := r.pay(300, false, enr, me); out.Status != kaopass.Declined || out.Reason != kaopass.CardNeedsOwner {
		t.Fatalf("%+v", out.Payment)
	}
	asked := len(r.desk.calls())
	p := r.showFace(r.open(300, false).ID, kaopass.Enough, enr)
	if first, last := p.Methods[0], p.Methods[1]; len(p.Methods) != 2 || first.Kind != kaopass.EMoney || !first.Default || !first.Covers ||
		last.ID != visa.ID || last.Default || last.Covers || last.Reason != kaopass.CardNeedsOwner {
		t.Errorf("%+v", p.Methods)
	}
	if out := r.confirm(p.ID, p.Methods[0].ID); out.Status != kaopass.Captured || out.MethodKind != kaopass.EMoney {
		t.Errorf("%+v", out.Payment)
	}
	deaf := r.showFace(r.open(300, false).ID, kaopass.Enough, enr)
	if why := kaopass.NoOffer(deaf.Methods); why != kaopass.CardNeedsOwner { // 200 yen are left
		t.Error(why)
	}
	if out := r.confirm(deaf.ID, visa.ID); out.Status != kaopass.Declined || out.Reason != kaopass.CardNeedsOwner || len(r.desk.calls()) != asked {
		t.Errorf("%+v after %v", out.Payment, r.desk.calls())
	}
	open := r.showFace(r.open(300, false).ID, kaopass.Enough, enr)
	r.ok(r.AnswerOwner(r.ctx, me, visa.ID, func(string) (string, bool) { return "tok_renewed", true }))
	back := must(r.Payment(r.ctx, r.till.ID, open.ID))
	if first := back.Methods[0]; first.ID != visa.ID || !first.Default || !first.Covers || first.Reason != "" {
		t.Errorf("%+v", back.Methods)
	}
	if out := r.confirm(open.ID, visa.ID); out.Status != kaopass.Captured || out.MethodKind != kaopass.Card {
		t.Errorf("%+v", out.Payment)
	}
	r.sound()
}
