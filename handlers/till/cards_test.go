package till_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/card/stripe"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
	"github.com/kaopass/kaopass/handlers/till"
)

// cardholder is a venue whose cards are with Stripe, and a visitor with three of them.
type cardholder struct {
	counter
	fake *stripetest.Fake
	desk *stripe.Desk
}

func openCards(t *testing.T) cardholder {
	t.Helper()
	h := cardholder{fake: stripetest.New()}
	t.Cleanup(h.fake.Close)
	h.counter = counter{Venue: apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		var err error
		if h.desk, err = stripe.New(v.DB, stripe.Config{Key: stripetest.Key, URL: h.fake.URL()}); err != nil {
			t.Fatal(err)
		}
		(&till.Till{Faces: v.Faces, DB: v.DB, Desk: h.desk}).Routes(r, v.Access)
	})}
	h.till = h.Device(t, kaopass.Till, "ramen-1", "Ramen East")
	h.person = h.Enrol(t, "Taro Yamada", "4821", 5000, apitest.Photo(t, apitest.Franck), apitest.Photo(t, apitest.Franck2),
		apitest.Photo(t, "franck_02221.jpg"))
	h.face = apitest.Form(nil, apitest.Photo(t, apitest.Franck3), apitest.Photo(t, "franck_02888.jpg"), apitest.Photo(t, "franck_04117.jpg"))
	for _, card := range []string{stripetest.Pays, stripetest.Declines, stripetest.AsksOwner} {
		h.save(t, card)
	}
	h.Secret("cus_fake")
	h.Secret("pm_fake")
	return h
}

func (h cardholder) save(t *testing.T, card string) {
	t.Helper()
	address, err := h.desk.Form(t.Context(), h.person.ID, kaopass.Japanese, "https://pass.example/done", "https://pass.example/left")
	if err != nil {
		t.Fatal(err)
	}
	_, form, _ := strings.Cut(address, "form=")
	h.fake.Fill(form, card)
	if saved, err := h.desk.Saved(t.Context(), h.person.ID); err != nil || !saved {
		t.Fatal("not saved", err)
	}
}

// with pays with the method whose label has the digits.
func (h cardholder) with(t *testing.T, p payment, digits string) payment {
	t.Helper()
	for _, m := range p.Methods {
		if strings.Contains(m.Label, digits) {
			return h.post(t, p.ID, "confirm", apitest.JSON(map[string]string{"method": m.ID}))
		}
	}
	t.Fatalf("no %s among %+v", digits, p.Methods)
	return p
}

// Several cards: the payer's first comes first, any other may be chosen, and each answers for itself.
func TestPaysWithTheCardThatIsChosen(t *testing.T) {
	h := openCards(t)
	p := h.shown(t, 1200, "")
	if len(p.Methods) != 4 || !p.Methods[0].Default || p.Methods[0].Kind != "emoney" {
		t.Fatalf("%+v", p.Methods)
	}
	if p = h.with(t, p, "0002"); p.Status != kaopass.Declined || p.Reason != kaopass.CardDeclined {
		t.Errorf("%+v", p)
	}
	if p = h.with(t, h.shown(t, 1200, ""), "3184"); p.Status != kaopass.Declined || p.Reason != kaopass.CardNeedsOwner || p.Message == "" {
		t.Errorf("%+v", p)
	}
	h.answered(t)
	paid := h.with(t, h.shown(t, 1200, ""), "4242")
	if paid.Status != kaopass.Captured || h.balance(t) != 5000 {
		t.Errorf("%+v", paid)
	}
	var back struct{ ID string }
	h.till.Post(t, "/v1/payments/"+paid.ID+"/refunds", apitest.JSON(money{Amount: kaopass.Yen(500), Reason: "wrong dish"})).Into(t, 201, &back)
	if len(h.fake.Refunds) != 1 || h.fake.Refunds[0].Amount != 500 || h.fake.Refunds[0].Metadata["kaopass_refund"] != back.ID {
		t.Errorf("%+v", h.fake.Refunds)
	}
	h.first(t, "4242")
	held := h.shown(t, 900, "manual")
	if !held.Methods[0].Default || !strings.Contains(held.Methods[0].Label, "4242") {
		t.Errorf("%+v", held.Methods)
	}
	if held = h.confirm(t, held); held.Status != kaopass.Authorised {
		t.Fatalf("%+v", held)
	}
	if held = h.post(t, held.ID, "capture", apitest.JSON(money{Amount: kaopass.Yen(600)})); held.Status != kaopass.Captured || held.Captured.Value != 600 {
		t.Errorf("%+v", held)
	}
	var taken []int64
	for _, in := range h.fake.Intents {
		if in.Received > 0 {
			taken = append(taken, in.Received)
		}
	}
	if len(taken) != 2 || taken[0]+taken[1] != 1800 {
		t.Error(taken)
	}
}

// answered: the bank of a card wants to hear from its owner, and is left alone until they answered on their phone.
func (h cardholder) answered(t *testing.T) {
	t.Helper()
	before := len(h.fake.Requests)
	h.first(t, "3184")
	h.asked(t)
	p := h.with(t, h.shown(t, 1200, ""), "3184") // a till that does not look at what it is told
	if p.Status != kaopass.Declined || p.Reason != kaopass.CardNeedsOwner || len(h.fake.Requests) != before || !strings.Contains(p.Message, "phone") && !strings.Contains(p.Message, "スマートフォン") {
		t.Errorf("%+v, %d more calls", p, len(h.fake.Requests)-before)
	}
	open := h.shown(t, 200, "") // the wallet covers it, and it waits for a choice meanwhile
	w, err := h.DB.Wallet(t.Context(), h.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range w.Methods {
		if !m.Asked {
			continue
		}
		address, err := h.desk.OwnerForm(t.Context(), h.person.ID, m.ID, kaopass.Japanese, "https://pass.example/done", "https://pass.example/left")
		if err != nil {
			t.Fatal(err)
		}
		_, form, _ := strings.Cut(address, "form=")
		h.fake.Fill(form, stripetest.AsksOwner)
		if saved, err := h.desk.Saved(t.Context(), h.person.ID); err != nil || !saved {
			t.Fatal("not answered", err)
		}
	}
	var again payment
	h.till.Get(t, "/v1/payments/"+open.ID).Into(t, 200, &again)
	if back := again.Methods[0]; again.Status != kaopass.AwaitingConfirmation || !strings.Contains(back.Label, "3184") || !back.Covers || back.Reason != "" {
		t.Errorf("read again, it is not offered: %+v", again)
	}
	h.post(t, open.ID, "cancel", apitest.Ask{})
	p = h.shown(t, 100, "manual")
	if back := p.Methods[0]; !strings.Contains(back.Label, "3184") || !back.Covers || !back.Default || back.Reason != "" {
		t.Errorf("answered, and not back: %+v", p.Methods)
	}
	held := h.with(t, p, "3184")
	if held.Status != kaopass.Authorised {
		t.Fatalf("%+v", held)
	}
	h.post(t, held.ID, "void", apitest.Ask{})
}

// asked: the card that waits for its owner is the visitor's first, and cannot be chosen: it comes last, with why, and another
// is the default. Where there is no other, the payer is told so in the language of the till.
func (h cardholder) asked(t *testing.T) {
	t.Helper()
	p := h.shown(t, 1200, "")
	first, last := p.Methods[0], p.Methods[3]
	if first.Kind != "emoney" || !first.Default || !first.Covers || first.Reason != "" {
		t.Errorf("the next: %+v", first)
	}
	if !strings.Contains(last.Label, "3184") || last.Covers || last.Default || last.Reason != kaopass.CardNeedsOwner {
		t.Errorf("the one that waits: %+v", last)
	}
	h.post(t, p.ID, "cancel", apitest.Ask{})
	p = h.shown(t, 6000, "") // more than the wallet holds
	if first, next := p.Methods[0], p.Methods[1]; first.Default || first.Reason != kaopass.FundsShort || !next.Default || !next.Covers {
		t.Errorf("%+v", p.Methods)
	}
	h.post(t, p.ID, "cancel", apitest.Ask{})
}

// first has the visitor choose what a till offers first.
func (h cardholder) first(t *testing.T, digits string) {
	t.Helper()
	w, err := h.DB.Wallet(t.Context(), h.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range w.Methods {
		if strings.Contains(m.Label, digits) {
			if err := h.DB.SetDefault(t.Context(), h.person.ID, m.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Nothing that the payer has can be chosen: they are told why, in whatever language is asked for, before anything is declined.
func TestNothingCanBeChosen(t *testing.T) {
	h := openCards(t)
	h.with(t, h.shown(t, 1200, ""), "3184")
	w, err := h.DB.Wallet(t.Context(), h.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range w.Methods {
		if m.Kind == kaopass.Card && !m.Asked {
			if err := h.DB.RemoveMethod(t.Context(), h.person.ID, m.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := h.shown(t, 6000, "")
	for _, l := range kaopass.Languages() {
		var said payment
		h.till.Do(t, http.MethodGet, "/v1/payments/"+p.ID, apitest.Ask{Key: "-"}.With("Accept-Language", string(l))).Into(t, 200, &said)
		if want := apitest.Words(l).Reason(kaopass.CardNeedsOwner); said.Message != want || said.Reason != "" || len(said.Methods) != 2 {
			t.Errorf("%s: %+v", l, said)
		}
	}
	if p = h.confirm(t, p); p.Status != kaopass.Declined || p.Reason != kaopass.FundsShort || h.balance(t) != 5000 {
		t.Errorf("%+v", p)
	}
}

// The card company is away: the till is told, nothing was taken, and the wallet still pays.
func TestACardCompanyThatIsAway(t *testing.T) {
	h := openCards(t)
	h.fake.Close()
	if p := h.with(t, h.shown(t, 1200, ""), "4242"); p.Status != kaopass.Declined || p.Reason != kaopass.CardUnreachable || p.Captured.Value != 0 {
		t.Errorf("%+v", p)
	}
	if p := h.confirm(t, h.shown(t, 1200, "")); p.Status != kaopass.Captured || h.balance(t) != 3800 {
		t.Errorf("%+v", p)
	}
}
