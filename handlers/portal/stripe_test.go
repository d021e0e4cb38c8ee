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
