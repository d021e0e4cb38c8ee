// Package stripe is Stripe as the venue's card company: the visitor types the number into Stripe's own page, so no card
// number ever reaches this program.
//
// Start at [New]; [Desk] is a [db.CardDesk] like the sandbox beside it. What stays true:
//
//   - A charge moves money once. The intent is made first and its name kept ([db.Intent]); only then is it confirmed,
//     both under our charge's id as the idempotency key. So whatever was lost, we know whom to ask.
//   - An outcome is never guessed: a cut connection, 409, 429 and 5xx are unknown, and are resolved by reading the intent.
//   - The key is in no log, error or answer, and neither is what Stripe says about a card beyond its brand, its last four
//     digits and its expiry.
package stripe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass/db"
)

// Config is how to reach Stripe.
type Config struct {
	Key      string   // secret or restricted: sk_test_…, rk_live_…
	URL      string   // where Stripe's API is; empty: Stripe's own
	Forms    string   // origin of Stripe's form, where it is not Stripe's own
	Webhooks []string // the signing secrets, whsec_…: two while one is rolled; empty: no messages are taken
}

// Desk is a Stripe account. It is safe for concurrent use.
type Desk struct {
	db      *db.DB
	client  *api.Client
	secrets []string
	live    bool
	forms   string // origin of the page on which a card is typed in
	line    line
}

var (
	_ db.CardDesk  = (*Desk)(nil)
	_ db.CardBooks = (*Desk)(nil)
)

// Errors of a configuration that must not be served with. None of them repeats the key.
var (
	ErrKey        = errors.New("stripe: not a secret key (sk_test_…, sk_live_…, rk_test_… or rk_live_…)")
	ErrKeyRefused = errors.New("stripe: the key was refused")
	ErrAccount    = errors.New("stripe: the key is of another account or mode than this venue's cards; their charges could not be asked for")
	ErrSecret     = errors.New("stripe: not a webhook's signing secret (whsec_…)")
)

// New makes the desk without calling anybody.
func New(d *db.DB, c Config) (*Desk, error) {
	kind, rest, _ := strings.Cut(c.Key, "_")
	mode, body, _ := strings.Cut(rest, "_")
	if kind != "sk" && kind != "rk" || mode != "test" && mode != "live" || body == "" || strings.ContainsAny(c.Key, " \t\r\n") {
		return nil, ErrKey
	}
	for _, s := range c.Webhooks {
		if !strings.HasPrefix(s, "whsec_") {
			return nil, ErrSecret
		}
	}
	backends := api.NewBackendsWithConfig(&api.BackendConfig{
		HTTPClient: &http.Client{}, LeveledLogger: &api.LeveledLogger{}, // it logs nothing
		MaxNetworkRetries: api.Int64(0), // they are ours: Stripe's client waits without looking at the deadline
		EnableTelemetry:   api.Bool(false),
		URL:               optional(c.URL),
	})
	return &Desk{db: d, client: api.NewClient(c.Key, api.WithBackends(backends)), secrets: c.Webhooks, live: mode == "live",
		forms: cmp.Or(c.Forms, checkout), line: newLine()}, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Live reports whether real money moves.
func (d *Desk) Live() bool { return d.live }

// checkWithin is how long the start waits for Stripe.
const checkWithin = 5 * time.Second

// Check asks Stripe whether the key is good, and of the account that our customers are of: ErrKeyRefused or ErrAccount
// where it is not, another error where Stripe could not be asked.
func (d *Desk) Check(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, checkWithin)
	defer done()
	err := d.call(ctx, func(ctx context.Context) error {
		_, err := d.client.V1Balance.Retrieve(ctx, &api.BalanceRetrieveParams{})
		return err
	})
	if status(err) == http.StatusUnauthorized {
		return fmt.Errorf("%w: %w", ErrKeyRefused, err)
	}
	if err != nil {
		return err
	}
	return d.checkAccount(ctx)
}

// checkAccount looks for one of our customers. With the key of another account, or of the same one's other mode, each
// charge that is still open would be asked for where it never was.
func (d *Desk) checkAccount(ctx context.Context) error {
	ref, err := d.db.NewestCustomer(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = d.call(ctx, func(ctx context.Context) error {
			_, err := d.client.V1Customers.Retrieve(ctx, ref, &api.CustomerRetrieveParams{}) // also one that was deleted
			return err
		})
	}
	if status(err) == http.StatusNotFound {
		return ErrAccount
	}
	return err
}
