package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/card/stripe"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// stripes is a venue whose cards are with Stripe.
func stripes(t *testing.T) (*venue, *stripetest.Fake) {
	t.Helper()
	v, fake := open(t), stripetest.New()
	t.Cleanup(fake.Close)
	desk, err := stripe.New(v.DB, stripe.Config{Key: stripetest.Key, URL: fake.URL(), Forms: fake.URL()})
	if err != nil {
		t.Fatal(err)
	}
	v.Cards, v.Stripe = desk, desk
	return v, fake
}

func TestACardIsTypedInAtStripe(t *testing.T) {
	v, fake := stripes(t)
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForPayment)
	page := b.get("/wallet/card").is(200, "Go on to Stripe")
	if strings.Contains(page.body, "cc-number") || strings.Contains(page.body, "4242") {
		t.Error("the page asks for a number")
	}
	if policy := page.header.Get("Content-Security-Policy"); policy != strings.Replace(strict, "form-action 'self'", "form-action 'self' "+fake.URL(), 1) {
		t.Error(policy)
	}
	b.get("/wallet/card/done").leadsTo("/wallet") // nothing was typed in yet
	away := b.post("/wallet/card", "number", "4242424242424242").to
	_, form, found := strings.Cut(away, fake.URL()+"/pay?form=")
	if !found || fake.Forms[form].SuccessURL != "https://"+host+"/wallet/card/done" && fake.Forms[form].SuccessURL != "http://"+host+"/wallet/card/done" {
		t.Fatal(away, fake.Forms)
	}
	fake.Fill(form, stripetest.Pays)
	b.get("/wallet/card/done?form=of_somebody_else").leadsTo("/wallet")
	b.get("/wallet").is(200, "Visa ••4242 12/34")
	b.post("/wallet/topup", "amount", "5000", "method", b.method("4242"), "key", "k").leadsTo("/wallet?added=5000")
	fake.Close()
	b.post("/wallet/card").is(http.StatusServiceUnavailable, "does not answer right now")
	b.post("/wallet/topup", "amount", "5000", "method", b.method("4242"), "key", "l").is(422, "did not answer")
}

func TestASandboxHasNoPageToComeBackFrom(t *testing.T) {
	_, b := paying(t)
	b.get("/wallet/card/done").is(http.StatusNotFound)
}

// To Stripe's page and back, twice, in a real browser under the site's own policy; one of two cards is put first.
func TestBrowserCardsAtStripe(t *testing.T) {
	v, fake := stripes(t)
	tab := v.browseQuietly(t)
	tab.signsIn(v)
	v.signIn(t, "yuki@example.jp").agree(kaopass.ForPayment)
	for n := range 2 {
		tab.open("/wallet/card")
		tab.Click(`form[action="/wallet/card"] button`)
		tab.Click("#pays")
		tab.Sees(`form[action="/wallet/topup"]`)
		if cards := strings.Count(tab.says(), ": Visa ••4242 12/34"); cards < n+1 {
			t.Error(cards, "cards are shown:", tab.says())
		}
	}
	tab.Click(`form[action="/wallet/default"] button`)
	tab.Sees(`form[action="/wallet/topup"]`)
	if len(fake.Customers) != 1 || len(fake.Methods) != 2 {
		t.Error(len(fake.Customers), "customers,", len(fake.Methods), "cards")
	}
}

// The bank wants to hear from the owner of a card: the wallet says so and leads to Stripe's page, a letter brings it once,
// and then the same card fills the wallet.
func TestTheOwnerIsToldAndAnswersAtStripe(t *testing.T) {
	v, fake := stripes(t)
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForPayment)
	_, form, _ := strings.Cut(b.post("/wallet/card").to, "form=")
	fake.Fill(form, stripetest.AsksOwner)
	b.get("/wallet/card/done").leadsTo("/wallet")
	card := b.method("3184")
	b.post("/wallet/topup", "amount", "5000", "method", card, "key", "k").is(422, "The bank wants to hear from you first")
	b.get("/wallet").is(200, "The bank of Visa ••3184 12/34 wants to hear from you", `action="/wallet/card/owner"`)
	v.notices(t, 1)
	b.get("/me/uses").is(200, "Your bank wants to hear from you before a card pays again")
	_, form, found := strings.Cut(b.post("/wallet/card/owner", "method", card).to, fake.URL()+"/pay?form=")
	if !found {
		t.Fatal("not led to Stripe")
	}
	fake.Fill(form, stripetest.AsksOwner)
	b.post("/wallet/card/owner", "method", card).leadsTo("/wallet") // they come back by the button instead
	if page := b.get("/wallet").is(200, "Visa ••3184 12/34"); strings.Contains(page.body, "wants to hear from you") {
		t.Error("they are still asked")
	}
	b.post("/wallet/topup", "amount", "5000", "method", card, "key", "l").leadsTo("/wallet?added=5000")
	b.get("/me/uses").is(200, "You answered your bank: the card pays again")
	b.get("/wallet/card/owner?method=" + card).is(http.StatusNotFound)
	b.post("/wallet/card/answer", "method", card).is(http.StatusNotFound)
	v.notices(t, 1)
}

// notices has what is due written, and counts the notices in the inbox.
func (v *venue) notices(t *testing.T, want int) {
	t.Helper()
	for range 2 {
		if err := v.WriteToOwners(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range v.Inbox.Messages() {
		if m.Text != "" {
			got = append(got, m.Contact+" "+m.Text)
		}
	}
	if len(got) != want || want > 0 && got[0] != "yuki@example.jp Your bank wants to hear from you: Visa ••3184 12/34" && got[0] != "yuki@example.jp Your bank wants to hear from you: Visa ••3184" {
		t.Errorf("%q", got)
	}
}

// The same with the sandbox, whose bank asks on a page of ours.
func TestTheOwnerAnswersTheSandbox(t *testing.T) {
	v, b := paying(t)
	b.post("/wallet/card", "number", "4000 0027 6000 3184", "expiry", "12/39", "cvc", "123").leadsTo("/wallet")
	card := b.method("3184")
	b.post("/wallet/topup", "amount", "5000", "method", card, "key", "k").is(422, "The bank wants to hear from you first")
	v.notices(t, 1)
	other := v.signIn(t, "hana@example.jp")
	other.agree(kaopass.ForPayment)
	other.post("/wallet/card/owner", "method", card).leadsTo("/wallet") // none of hers
	other.post("/wallet/card/answer", "method", card).is(http.StatusNotFound)
	b.post("/wallet/card/owner", "method", card).leadsTo("/wallet/card/owner?method=" + card)
	b.get("/wallet/card/owner?method="+card).is(200, "is it you?", "Visa ••3184")
	b.post("/wallet/card/answer", "method", card).leadsTo("/wallet")
	b.post("/wallet/card/answer", "method", card).leadsTo("/wallet") // twice
	b.post("/wallet/topup", "amount", "5000", "method", card, "key", "l").leadsTo("/wallet?added=5000")
	b.get("/wallet/card/owner?method=" + card).leadsTo("/wallet")
}
