package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// stripeDay is a venue whose cards are with Stripe, and a man who is enrolled with a card there, besides his wallet.
type stripeDay struct {
	*venue
	*story
	fake  *stripetest.Fake
	him   kaopass.VisitorID
	later [][]byte // photos of him at another time
}

const webhookSecret = "whsec_web0123456789"

func openStripeDay(t *testing.T) *stripeDay {
	t.Helper()
	s := &stripeDay{fake: stripetest.New()}
	t.Cleanup(s.fake.Close)
	s.venue = open(t, func(c *Config) {
		c.StripeKey, c.StripeURL, c.StripeSecrets = stripetest.Key, s.fake.URL(), []string{webhookSecret}
	})
	s.story = s.venue.story(t)
	args := []string{"enrol", "--name", "Reporter", "--consent", "payment", "--code", "4821", "--wallet", "5000", "--consent-ref", "form 12",
		"--contact", "reporter@example.com"}
	folder := t.TempDir()
	for i, photo := range s.stranger {
		args = append(args, "--image", file(t, folder, string(rune('a'+i))+".jpg", photo))
	}
	enrolled, failed := s.script(t, args...)
	if failed {
		t.Fatal(enrolled)
	}
	s.him, s.code = kaopass.VisitorID(enrolled["visitor_id"].(string)), "4821"
	var err error
	if _, s.later, err = laptopLater(&s.venue.cfg); err != nil {
		t.Fatal(err)
	}
	s.saves(t, stripetest.Pays)
	return s
}

// saves has him type a card into Stripe's page.
func (s *stripeDay) saves(t *testing.T, card string) {
	t.Helper()
	address, err := s.stripe.Form(t.Context(), s.him, kaopass.Japanese, s.url+"/done", s.url+"/left")
	if err != nil {
		t.Fatal(err)
	}
	_, form, _ := strings.Cut(address, "form=")
	s.fake.Fill(form, card)
	if saved, err := s.stripe.Saved(t.Context(), s.him); err != nil || !saved {
		t.Fatal("not saved", err)
	}
}

// sells takes an amount over the till's own protocol: face, code, and the first card.
func (s *stripeDay) sells(t *testing.T, yen int64) demoPayment {
	t.Helper()
	p, err := s.show(t.Context(), yen, s.later)
	if err == nil && p.Status == kaopass.AwaitingCode {
		err = s.till.call(t.Context(), p.path("code"), map[string]string{"code": s.code}, &p)
	}
	if err != nil || p.Status != kaopass.AwaitingConfirmation {
		t.Fatal(p.says(), err)
	}
	for _, m := range p.Methods {
		if m.Kind == kaopass.Card {
			if err := s.till.call(t.Context(), p.path("confirm"), map[string]kaopass.MethodID{"method": m.ID}, &p); err != nil {
				t.Fatal(err)
			}
			return p
		}
	}
	t.Fatal("no card is offered")
	return p
}

// said is Stripe's message about a refund, signed.
func (s *stripeDay) said(t *testing.T, kind, refund string) int {
	t.Helper()
	body := fmt.Sprintf(`{"id":"evt_1","object":"event","type":%q,"data":{"object":{"id":%q,"object":"refund","status":"failed","currency":"jpy","metadata":{"kaopass_refund":"x"}}}}`, kind, refund)
	at := fmt.Sprint(time.Now().Unix())
	sum := hmac.New(sha256.New, []byte(webhookSecret))
	_, _ = sum.Write([]byte(at + "." + body))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/webhooks/stripe", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(sum.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// settleDay runs the real `kaopass settle` with a Stripe key for today, as JSON and as text.
func (s *stripeDay) settleDay(t *testing.T) (out settledOutput, text string, holds bool) {
	t.Helper()
	t.Setenv("KAOPASS_DATA", s.venue.cfg.Data)
	t.Setenv("DATABASE_URL", s.venue.cfg.Database)
	key := file(t, t.TempDir(), "stripe-key", []byte(stripetest.Key+"\n"))
	args := []string{"--stripe-key-file", key, "--stripe-url", s.fake.URL(), "--day", string(kaopass.TradeDayOf(time.Now()))}
	out, said, logged, err := settles(t, append(args, "--json")...)
	if err != nil && !errors.Is(err, errSaid) {
		t.Fatal(err)
	}
	_, words, log, again := settles(t, args...)
	if (again == nil) != (err == nil) {
		t.Error("as text it ends otherwise:", again)
	}
	silent(t, "settle", said+logged+words+log)
	return out, words + log, err == nil
}

// A venue with Stripe, from the till's first call to the reconciled day, over HTTP and by the real commands: created,
// confirmed by card, taken, given back, printed; the books agree. Then the bank sends the refund back, and a charge turns up
// that only Stripe has: both are named. No secret and no card number is in the log.
func TestATillTakesACardWithStripe(t *testing.T) {
	s := openStripeDay(t)
	p := s.sells(t, 1200)
	paid := string(p.ID)
	if p.Status != kaopass.Captured || p.Captured.Value != 1200 {
		t.Fatal(p.says())
	}
	var in *stripetest.Intent
	for _, there := range s.fake.Intents {
		in = there
	}
	if len(s.fake.Intents) != 1 || in.Received != 1200 || in.Held != 1 || !in.OffSession {
		t.Errorf("%+v", in)
	}
	if err := s.till.call(t.Context(), p.path("refunds"), demoAsk{Amount: kaopass.Yen(500), Reason: "cold noodles"}, &p); err != nil {
		t.Fatal(err)
	}
	if len(s.fake.Refunds) != 1 || s.fake.Refunds[0].Amount != 500 {
		t.Errorf("%+v", s.fake.Refunds)
	}
	for _, path := range []string{"receipt", "receipt?refund=" + s.fake.Refunds[0].Metadata["kaopass_refund"]} {
		receipt, err := s.till.get(t.Context(), "/v1/payments/"+paid+"/"+path)
		if err != nil || !strings.Contains(receipt, `"method_kind":"card"`) {
			t.Error(path, receipt, err)
		}
	}
	out, text, holds := s.settleDay(t)
	if !holds || !out.OK || out.ProviderAway || out.Card != (sidesOutput{1200, 500}) || out.Provider != out.Card || out.Found != 0 {
		t.Errorf("%+v\n%s", out, text)
	}
	for _, column := range []string{"cards, ledger", "cards, provider", "captured JPY 1200, refunded JPY 500"} {
		if !strings.Contains(text, column) {
			t.Errorf("no %q in\n%s", column, text)
		}
	}
	s.fake.Bounce(s.fake.Refunds[0].ID)
	if status := s.said(t, "refund.failed", s.fake.Refunds[0].ID); status != http.StatusNoContent {
		t.Error("the message:", status)
	}
	s.fake.Stray(900, "chg_stray")
	out, text, holds = s.settleDay(t)
	kinds := map[kaopass.DifferenceKind]int64{}
	for _, d := range out.Differences {
		kinds[d.Kind] = d.Ours - d.Theirs
	}
	if holds || len(kinds) != 2 || kinds[kaopass.RefundIsOwed] != 500 || kinds[kaopass.NotInLedger] != -900 || !strings.Contains(text, "chg_stray") {
		t.Errorf("%+v\n%s", out.Differences, text)
	}
	s.log.keepsQuiet(t, s.till.token)
	silent(t, "the log", s.log.String())
	for _, digits := range []string{"4242424242424242", "4242 4242", "card[number]"} {
		if strings.Contains(s.log.String(), digits) {
			t.Error("a card number is in the log")
		}
	}
}

// A bank that wants the owner: the till says so, the owner answers at Stripe, and the same card pays.
func TestATillWhoseBankWantsTheOwner(t *testing.T) {
	s := openStripeDay(t)
	if err := s.dropCards(t); err != nil {
		t.Fatal(err)
	}
	s.saves(t, stripetest.AsksOwner)
	for range 2 {
		if p := s.sells(t, 900); p.Status != kaopass.Declined || p.Reason != kaopass.CardNeedsOwner {
			t.Error(p.says())
		}
	}
	w, err := s.store.Wallet(t.Context(), s.him)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range w.Methods {
		if !m.Asked {
			continue
		}
		address, err := s.stripe.OwnerForm(t.Context(), s.him, m.ID, kaopass.English, s.url+"/done", s.url+"/left")
		if err != nil {
			t.Fatal(err)
		}
		_, form, _ := strings.Cut(address, "form=")
		s.fake.Fill(form, stripetest.AsksOwner)
		if _, err := s.stripe.Saved(t.Context(), s.him); err != nil {
			t.Fatal(err)
		}
	}
	if p := s.sells(t, 900); p.Status != kaopass.Captured {
		t.Error(p.says())
	}
	silent(t, "the log", s.log.String())
}

func (s *stripeDay) dropCards(t *testing.T) error {
	w, err := s.store.Wallet(t.Context(), s.him)
	for _, m := range w.Methods {
		if m.Kind == kaopass.Card {
			err = errors.Join(err, s.store.RemoveMethod(t.Context(), s.him, m.ID))
		}
	}
	return err
}

// While Stripe is away settle says so, and calls nothing equal.
func TestSettleWhileStripeIsAway(t *testing.T) {
	fake := stripetest.New()
	fake.Close()
	t.Setenv("DATABASE_URL", dbtest.URL(t))
	t.Setenv("KAOPASS_DATA", t.TempDir())
	t.Setenv("KAOPASS_STRIPE_KEY", stripetest.Key)
	out, text, log, err := settles(t, "--stripe-url", fake.URL(), "--day", "2026-07-01", "--json")
	if !errors.Is(err, errSaid) || !out.ProviderAway || out.OK {
		t.Error(text, log, err)
	}
	silent(t, "settle", text+log)
}
