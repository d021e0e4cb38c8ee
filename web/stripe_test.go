package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/card/stripe"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// hush is what must be read nowhere.
var hush = []string{"fake0123456789", "whsec_web0123456789"}

func silent(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range hush {
		if strings.Contains(text, secret) {
			t.Errorf("%s: a secret can be read", where)
		}
	}
}

func TestStripesKeyComesFromAFileAndIsNotShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(stripetest.Key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{StripeKeyFile: path, StripeSecrets: []string{"whsec_web0123456789"}}
	if err := c.readStripeKey(); err != nil || c.StripeKey != stripetest.Key || c.cards() != "Stripe" {
		t.Error(err)
	}
	shown, err := json.Marshal(c.Printable())
	if silent(t, "config", string(shown)); err != nil || !strings.Contains(string(shown), hidden) || c.StripeSecrets[0] == hidden {
		t.Errorf("%s %v", shown, err)
	}
	for _, c := range []Config{{StripeKeyFile: path + ".not"}, {StripeSecrets: []string{"whsec_1"}}, {StripeURL: "http://localhost"}} {
		if err := c.readStripeKey(); err == nil {
			t.Errorf("%+v is served", c)
		}
	}
	if c := (Config{}); c.readStripeKey() != nil || !strings.Contains(c.cards(), "sandbox") {
		t.Error("the sandbox is not what is there without a key")
	}
}

// With Stripe configured there is no sandbox, the start says which company is in force, and the key is nowhere to be read.
func TestAVenueWithStripe(t *testing.T) {
	fake := stripetest.New()
	t.Cleanup(fake.Close)
	v := open(t, func(c *Config) {
		c.StripeKey, c.StripeURL, c.StripeSecrets = stripetest.Key, fake.URL(), []string{"whsec_web0123456789"}
	})
	v.greet(output{stdout: v.log, stderr: v.log})
	says(t, v.log, "Stripe, test mode (no real money moves)", "/v1/webhooks/stripe")
	if v.sandbox != nil || v.stripe == nil {
		t.Error("the sandbox is there too")
	}
	for path, want := range map[string]int{"/v1/webhooks/stripe": http.StatusBadRequest, "/v1/webhooks/other": http.StatusNotFound} {
		res, err := http.Post(v.url+path, "application/json", strings.NewReader(`{}`))
		if err != nil || res.StatusCode != want {
			t.Error(path, res, err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		silent(t, path, string(body))
	}
	fake.Close()
	if _, err := v.stripe.Authorise(t.Context(), "chg_1", "cus_1/pm_1", kaopass.Yen(100)); err == nil {
		t.Error("an answer from nobody")
	}
	res, err := http.Get(v.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if silent(t, "metrics", string(metrics)); !strings.Contains(string(metrics), `kaopass_cards_waiting{what="unknown"} 0`) {
		t.Error("the queues are not measured")
	}
	silent(t, "the log", v.log.String())
	said, err := v.store.NameIntent(t.Context(), "chg_1", "pi_1")
	if err != nil || said.Ref != "pi_1" {
		t.Fatal(said, err)
	}
	if err := (&program{cfg: &Config{Data: v.cfg.Data}, store: v.store}).openSandbox(t.Context()); !errors.Is(err, errSandbox) {
		t.Error("a sandbox stands in for real charges:", err)
	}
}

func TestAKeyThatStripeRefusesIsNotServed(t *testing.T) {
	fake := stripetest.New()
	t.Cleanup(fake.Close)
	for want, c := range map[error]Config{
		stripe.ErrKeyRefused: {StripeKey: "sk_test_other", StripeURL: fake.URL()},
		stripe.ErrKey:        {StripeKey: "other", StripeURL: fake.URL()},
		errLive:              {StripeKey: "sk_live_1", StripeURL: fake.URL()},
	} {
		if err := (&program{cfg: &c, store: &store{}}).openStripe(t.Context()); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
}
