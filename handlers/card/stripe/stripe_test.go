package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// venue is a real venue's memory beside a small Stripe, with one visitor who agreed to payment.
type venue struct {
	*testing.T
	db   *db.DB
	url  string // of the database
	fake *stripetest.Fake
	way  *stripetest.Proxy
	desk *Desk
	me   kaopass.VisitorID
	late atomic.Int64 // the venue's clock is ahead by so many nanoseconds
	n    int

	mu   sync.Mutex
	next func() stripetest.Fault // what goes wrong; nil: nothing
}

// fails says what goes wrong with the requests from now on; next is called by one request at a time.
func (v *venue) fails(next func() stripetest.Fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.next = next
}

// fault is what goes wrong with one request.
func (v *venue) fault() stripetest.Fault {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next == nil {
		return stripetest.None
	}
	return v.next()
}

const secret, older = "whsec_new0123456789", "whsec_old0123456789"

func open(t *testing.T) *venue {
	t.Helper()
	v := &venue{T: t, fake: stripetest.New()}
	t.Cleanup(v.fake.Close)
	v.way = stripetest.Through(v.fake, func(*http.Request) stripetest.Fault { return v.fault() })
	t.Cleanup(v.way.Close)
	v.db, v.url = memory(t, func() time.Time { return time.Now().Add(time.Duration(v.late.Load())) })
	v.desk = v.newDesk()
	v.me = visitor(t, v.db)
	return v
}

// newDesk is the same account for a process that starts anew.
func (v *venue) newDesk() *Desk {
	v.Helper()
	d, err := New(v.db, Config{Key: stripetest.Key, URL: v.way.URL(), Webhooks: []string{secret, older}})
	if err != nil {
		v.Fatal(err)
	}
	d.line.within, d.line.pause = v.way.Late*2/3, time.Millisecond
	return d
}

func memory(t *testing.T, now func() time.Time) (*db.DB, string) {
	t.Helper()
	url := dbtest.Migrated(t, db.SchemaSum(), func(url string) error { return db.Migrate(context.Background(), url) })
	d, err := db.Open(t.Context(), db.Config{URL: url, Keys: dbtest.Dir(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, url
}

func visitor(t *testing.T, d *db.DB) kaopass.VisitorID {
	t.Helper()
	out, err := d.Import(t.Context(), db.Import{Name: "Taro Yamada", Contact: "taro@example.jp", Language: kaopass.Japanese, ConsentRef: "form 12",
		Template: kaopass.Template{Model: "test", Frames: [][]float32{{1, 0}}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || out.Reason != "" {
		t.Fatal(out.Reason, err)
	}
	return out.Visitor
}

func (v *venue) ok(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// save has the visitor fill a card into Stripe's form, and answers its token.
func (v *venue) save(card string) string {
	v.Helper()
	address, err := v.desk.Form(v.Context(), v.me, kaopass.Japanese, "https://venue.example/done", "https://venue.example/left")
	v.ok(err)
	_, form, _ := strings.Cut(address, "form=")
	m := v.fake.Fill(form, card)
	saved, err := v.desk.Saved(v.Context(), v.me)
	if v.ok(err); !saved {
		v.Fatal("no card was saved")
	}
	return tokenOf(m.Customer, m.ID)
}

func (v *venue) charge() string { v.n++; return fmt.Sprintf("chg_%d", v.n) }

// is checks an answer.
func (v *venue) is(what string, want db.CardAnswer) func(db.CardAnswer, error) {
	v.Helper()
	return func(got db.CardAnswer, err error) {
		v.Helper()
		if got != want || (err != nil) != (want == db.CardUnknown) {
			v.Errorf("%s: %s, not %s (%v)", what, got, want, err)
		}
	}
}

func yen(n int64) kaopass.Money { return kaopass.Yen(n) }

func TestAChargeThroughItsLife(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	s, good, id := v.desk, v.save(stripetest.Pays), v.charge()
	v.is("authorise", db.CardApproved)(s.Authorise(ctx, id, good, yen(1000)))
	v.is("again", db.CardApproved)(s.Authorise(ctx, id, good, yen(1000)))
	v.is("ask", db.CardApproved)(s.Ask(ctx, id))
	v.is("refund before capture", db.CardRefused)(s.Refund(ctx, id, "ref_0", yen(1)))
	v.is("capture too much", db.CardHoldShort)(s.Capture(ctx, id, yen(1001)))
	v.is("capture", db.CardApproved)(s.Capture(ctx, id, yen(900)))
	v.is("capture again", db.CardApproved)(s.Capture(ctx, id, yen(900)))
	v.is("capture otherwise", db.CardTakenOther)(s.Capture(ctx, id, yen(100)))
	v.is("release", db.CardRefused)(s.Release(ctx, id))
	v.is("refund", db.CardApproved)(s.Refund(ctx, id, "ref_1", yen(500)))
	v.is("refund again", db.CardApproved)(s.Refund(ctx, id, "ref_1", yen(500)))
	v.is("refund otherwise", db.CardRefused)(s.Refund(ctx, id, "ref_1", yen(400)))
	v.is("refund too much", db.CardRefused)(s.Refund(ctx, id, "ref_2", yen(401)))
	v.is("refund the rest", db.CardApproved)(s.Refund(ctx, id, "ref_3", yen(400)))
	v.is("ask at the end", db.CardApproved)(s.Ask(ctx, id))
	if in := v.intentOf(id); in.Held != 1 || !in.OffSession || in.Received != 900 {
		t.Errorf("%+v", in)
	}
}

// intentOf is what Stripe knows of a charge.
func (v *venue) intentOf(charge string) *stripetest.Intent {
	v.Helper()
	var found *stripetest.Intent
	for _, in := range v.fake.Intents {
		if in.Metadata[ofCharge] != charge {
			continue
		}
		if found != nil {
			v.Fatal("two intents of", charge)
		}
		found = in
	}
	if found == nil {
		v.Fatal("no intent of", charge)
	}
	return found
}

func TestARelease(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	s, good := v.desk, v.save(stripetest.Pays)
	v.is("authorise", db.CardApproved)(s.Authorise(ctx, "chg_1", good, yen(1000)))
	v.is("release", db.CardApproved)(s.Release(ctx, "chg_1"))
	v.is("release again", db.CardApproved)(s.Release(ctx, "chg_1"))
	v.is("capture", db.CardHoldCancelled)(s.Capture(ctx, "chg_1", yen(1000)))
	v.is("ask", db.CardRefused)(s.Ask(ctx, "chg_1"))
}

func TestWhatWasNeverHeardOfNeverComesIntoBeing(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	s, good := v.desk, v.save(stripetest.Pays)
	v.is("ask", db.CardRefused)(s.Ask(ctx, "chg_1"))
	v.is("authorise after", db.CardRefused)(s.Authorise(ctx, "chg_1", good, yen(1000)))
	v.is("release", db.CardRefused)(s.Release(ctx, "chg_2"))
	v.is("authorise after", db.CardRefused)(s.Authorise(ctx, "chg_2", good, yen(1000)))
	v.is("capture", db.CardRefused)(s.Capture(ctx, "chg_3", yen(1)))
	v.is("refund", db.CardRefused)(s.Refund(ctx, "chg_3", "ref_1", yen(1)))
	if len(v.fake.Intents) != 0 {
		t.Error("Stripe was asked for what must not be")
	}
}

func TestCardsThatSayNo(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	for card, want := range map[string]db.CardAnswer{stripetest.Declines: db.CardRefused, stripetest.Short: db.CardRefused,
		stripetest.AsksOwner: db.CardNeedsOwner} {
		token, id := v.save(card), v.charge()
		v.is(card, want)(v.desk.Authorise(ctx, id, token, yen(1000)))
		v.is(card+" again", want)(v.desk.Authorise(ctx, id, token, yen(1000)))
		v.is(card+", asked", want)(v.desk.Ask(ctx, id))
	}
	v.is("a card of another company", db.CardRefused)(v.desk.Authorise(ctx, v.charge(), "sandbox.pays.4242", yen(1000)))
	v.is("a card that is not there", db.CardRefused)(v.desk.Authorise(ctx, v.charge(), "cus_1/pm_1", yen(1000)))
	v.is("nothing", db.CardRefused)(v.desk.Authorise(ctx, v.charge(), "cus_1/pm_1", yen(0)))
}

func TestConfigurationsThatAreNotServed(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "pk_test_123", "sk_test_", "sk_other_1", "sk_test_1\n", "nonsense"} {
		if _, err := New(nil, Config{Key: key}); !errors.Is(err, ErrKey) || len(key) > 8 && strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if _, err := New(nil, Config{Key: stripetest.Key, Webhooks: []string{"sk_test_1"}}); !errors.Is(err, ErrSecret) {
		t.Error(err)
	}
	if d, err := New(nil, Config{Key: "rk_live_1"}); err != nil || !d.Live() || d.Notices() {
		t.Error(err)
	}
}

// At the start: a key that Stripe refuses, one of another account than our customers are of, and a good one.
func TestTheKeyIsAskedAbout(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	check := func(key, url string) error {
		d, err := New(v.db, Config{Key: key, URL: url})
		v.ok(err)
		return d.Check(ctx)
	}
	if err := check("sk_test_wrong0123456789", v.fake.URL()); !errors.Is(err, ErrKeyRefused) || strings.Contains(err.Error(), "0123") {
		t.Error(err)
	}
	v.ok(check(stripetest.Key, v.fake.URL()))
	v.save(stripetest.Pays)
	v.ok(check(stripetest.Key, v.fake.URL()))
	other := stripetest.New()
	defer other.Close()
	if err := check(stripetest.Key, other.URL()); !errors.Is(err, ErrAccount) {
		t.Error(err)
	}
	if err := check(stripetest.Key, "http://127.0.0.1:1"); err == nil || errors.Is(err, ErrKeyRefused) || errors.Is(err, ErrAccount) {
		t.Error("away:", err)
	}
}

func TestTheBooks(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	good := v.save(stripetest.Pays)
	day := time.Date(2027, 5, 3, 0, 0, 0, 0, time.UTC)
	at := day
	v.fake.Now = func() time.Time { return at }
	const many = pageMax + 7
	for range many {
		id := v.charge()
		v.is("authorise", db.CardApproved)(v.desk.Authorise(ctx, id, good, yen(1000)))
		v.is("capture", db.CardApproved)(v.desk.Capture(ctx, id, yen(900)))
		at = at.Add(time.Minute)
	}
	v.is("refund", db.CardApproved)(v.desk.Refund(ctx, "chg_1", "ref_1", yen(300)))
	v.is("held only", db.CardApproved)(v.desk.Authorise(ctx, "chg_held", good, yen(1000)))
	all, err := v.desk.Entries(ctx, day, day.Add(24*time.Hour))
	v.ok(err)
	if len(all) != many+1 || all[0] != (db.CardEntry{Charge: "chg_1", Amount: yen(900), At: day}) ||
		all[many] != (db.CardEntry{Charge: "chg_1", Refund: "ref_1", Amount: yen(300), At: at}) {
		t.Errorf("%d entries: %+v … %+v", len(all), all[0], all[len(all)-1])
	}
	some, err := v.desk.Entries(ctx, day.Add(time.Millisecond), day.Add(2*time.Minute))
	if v.ok(err); len(some) != 1 || some[0].Charge != "chg_2" {
		t.Errorf("%+v", some)
	}
}
