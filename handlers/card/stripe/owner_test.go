package stripe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// asked is a visitor whose bank wants to hear from them: one try to fill the wallet said so.
func asked(t *testing.T) (s *shop, card kaopass.MethodID) {
	t.Helper()
	s = openShop(t)
	token := s.save(stripetest.AsksOwner)
	card = s.methods()[len(s.methods())-1].ID
	if out := s.topUp(card); out.Reason != kaopass.CardNeedsOwner || !s.method(card).Asked {
		t.Fatalf("%+v %+v %s", out, s.method(card), token)
	}
	return s, card
}

func (s *shop) topUp(card kaopass.MethodID) db.ToppedUp {
	s.Helper()
	out, err := s.db.TopUp(s.Context(), s.desk, db.TopUp{Key: s.key(string(s.me)), Visitor: s.me, Method: card, Amount: yen(900)})
	s.ok(err)
	return out
}

func (v *venue) method(id kaopass.MethodID) kaopass.Method {
	v.Helper()
	for _, m := range v.methods() {
		if m.ID == id {
			return m
		}
	}
	return kaopass.Method{}
}

// answers sends the owner to Stripe's page and has them type a card in.
func (s *shop) answers(asked kaopass.MethodID, card string) (form string) {
	s.Helper()
	address, err := s.desk.OwnerForm(s.Context(), s.me, asked, kaopass.Korean, "https://venue.example/done", "https://venue.example/left")
	s.ok(err)
	_, form, _ = strings.Cut(address, "form=")
	if s.fake.Forms[form].Asks != "challenge" {
		s.Error("the bank is not asked to ask")
	}
	if card != "" {
		s.fake.Fill(form, card)
	}
	return form
}

// formSaid is Stripe's message that a page was filled in.
func (s *shop) formSaid(form string) string {
	return fmt.Sprintf(`{"id":%q,"object":"checkout.session","mode":"setup","status":"complete","customer":%q}`, form, s.fake.Forms[form].Customer)
}

// The bank asks, the visitor is told once, the bank is left alone until they answered, and then the same card pays.
func TestTheOwnerAnswersTheBank(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]func(s *shop, form string){
		"by coming back": func(s *shop, _ string) {
			saved, err := s.desk.Saved(s.Context(), s.me)
			if s.ok(err); !saved {
				s.Error("not saved")
			}
		},
		"by a message": func(s *shop, form string) { s.tell("checkout.session.completed", "evt_1", s.formSaid(form)) },
		"by both, twice": func(s *shop, form string) {
			for i := range 2 {
				s.tell("checkout.session.completed", fmt.Sprintf("evt_%d", i), s.formSaid(form))
				_, err := s.desk.Saved(s.Context(), s.me)
				s.ok(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, card := asked(t)
			before := len(s.fake.Requests)
			if out := s.topUp(card); out.Reason != kaopass.CardNeedsOwner || len(s.fake.Requests) != before {
				t.Error("the bank is asked again:", out.Reason, s.fake.Requests[before:])
			}
			form, many := s.answers(card, stripetest.AsksOwner), len(s.methods())
			hears(s, form)
			if m := s.method(card); m.Asked || m.Label != "Visa ••3184 12/34" || len(s.methods()) != many {
				t.Errorf("%+v of %d", m, len(s.methods()))
			}
			if out := s.topUp(card); out.Reason != "" {
				t.Error("it does not pay again:", out.Reason)
			}
			if got := s.events("card."); got != "card.owner_asked,card.owner_answered" {
				t.Error(got)
			}
			s.forgetAll()
			if kept := s.keptCards(); kept != many-1 {
				t.Error(kept, "cards are kept at Stripe")
			}
		})
	}
}

func (s *shop) keptCards() (n int) {
	for _, m := range s.fake.Methods {
		if m.Customer != "" {
			n++
		}
	}
	return n
}

// Another card is typed in: it is added, and the first still waits for its owner.
func TestAnAnswerWithAnotherCard(t *testing.T) {
	t.Parallel()
	s, card := asked(t)
	s.answers(card, stripetest.Pays)
	many := len(s.methods())
	if saved, err := s.desk.Saved(t.Context(), s.me); err != nil || !saved || !s.method(card).Asked || len(s.methods()) != many+1 {
		t.Errorf("%t %v %+v", saved, err, s.methods())
	}
}

// A message that comes again days later revives neither a card that was removed since nor an answer that was given before
// the bank asked once more.
func TestAnOldAnswerIsNoAnswer(t *testing.T) {
	t.Parallel()
	s, card := asked(t)
	form := s.answers(card, stripetest.AsksOwner)
	s.tell("checkout.session.completed", "evt_1", s.formSaid(form))
	for _, m := range s.fake.Methods { // the bank asks once more
		if m.Card.Last4 == "3184" {
			s.fake.Becomes(m, stripetest.AsksOwner)
		}
	}
	if out := s.topUp(card); out.Reason != kaopass.CardNeedsOwner {
		t.Fatal(out.Reason)
	}
	s.tell("checkout.session.completed", "evt_2", s.formSaid(form))
	if !s.method(card).Asked {
		t.Error("an old answer counts")
	}
	s.ok(s.db.RemoveMethod(t.Context(), s.me, card))
	many := len(s.methods())
	s.tell("checkout.session.completed", "evt_3", s.formSaid(form))
	s.tell("checkout.session.completed", "evt_4", s.formSaid(s.answers(card, stripetest.AsksOwner)))
	if len(s.methods()) != many+1 { // the last form was filled in after the card had gone: it is a card like any other
		t.Errorf("%+v", s.methods())
	}
}

// Stripe is away while it is asked what the page came to: nothing is taken, and the next one who asks takes it.
func TestAnAnswerWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	s, card := asked(t)
	s.answers(card, stripetest.AsksOwner)
	for fault := stripetest.None + 1; fault < stripetest.Faults; fault++ {
		calls := 0
		s.desk = s.newDesk()
		s.fails(func() stripetest.Fault { calls++; return fault })
		if saved, err := s.desk.Saved(t.Context(), s.me); (err == nil) != saved && fault != stripetest.Twice {
			t.Error(fault, saved, err)
		}
		if !s.method(card).Asked {
			break // a fault that repeats what happened: answered
		}
	}
	s.fails(nil)
	s.desk = s.newDesk()
	_, err := s.desk.Saved(t.Context(), s.me)
	if s.ok(err); s.method(card).Asked {
		t.Error("it waits for ever")
	}
	if got := s.events("card."); got != "card.owner_asked,card.owner_answered" {
		t.Error(got)
	}
}

// The process dies with the bank's answer in its hands: whoever asks what came of it hears that the bank wants the owner,
// and they are told then.
func TestABankThatAsksADyingProcess(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.save(stripetest.AsksOwner)
	card := s.methods()[len(s.methods())-1].ID
	func() {
		defer func() { _ = recover() }()
		_, _ = s.db.TopUp(t.Context(), dying{s.desk}, db.TopUp{Key: s.key(string(s.me)), Visitor: s.me, Method: card, Amount: yen(900)})
	}()
	if s.method(card).Asked {
		t.Fatal("somebody knows already")
	}
	s.rest()
	if !s.method(card).Asked || s.events("card.") != "card.owner_asked" {
		t.Errorf("%+v %s", s.method(card), s.events("card."))
	}
}
