package stripe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// mockVersion is the server that Stripe makes from its own description of the API: it checks every parameter, and
// remembers nothing.
const mockVersion = "github.com/stripe/stripe-mock@v0.203.0"

// built is the mock's binary, made by Go once a machine and kept in the user's cache.
var built = sync.OnceValues(func() (path string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "kaopass", strings.ReplaceAll(filepath.Base(mockVersion), "@", "-"))
	path = filepath.Join(dir, "stripe-mock")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	build := exec.Command("go", "install", mockVersion)
	build.Env, build.Dir = append(os.Environ(), "GOBIN="+dir), os.TempDir() // not in our module: the mock has a go.mod of its own
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, said)
	}
	return path, nil
})

// mockBinary skips the test, saying so, where the mock cannot be had; with KAOPASS_REQUIRE_STRIPE_MOCK it fails.
func mockBinary(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil && os.Getenv("KAOPASS_REQUIRE_STRIPE_MOCK") != "" {
		t.Fatalf("%s cannot be built: %v", mockVersion, err)
	}
	if err != nil {
		t.Skipf("%s cannot be built here, so nothing was tried against it: %v", mockVersion, err)
	}
	return path
}

// mock starts it and answers where it listens.
func mock(t *testing.T) string {
	t.Helper()
	path := mockBinary(t)
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, path, "-http-addr", "127.0.0.1:", "-https-addr", "127.0.0.1:")
	out, in := io.Pipe()
	server.Stdout, server.Stderr = in, in
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = server.Wait(); _ = in.Close() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, found := strings.Cut(lines.Text(), "Listening for HTTP at address: "); found {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://" + strings.TrimSpace(address)
		}
	}
	t.Fatal("stripe-mock ended")
	return ""
}

// mocked is a desk before the mock. Each request that we make is one that Stripe's own description allows: an unknown
// parameter, a missing one or a wrong type would be a 400.
func mocked(t *testing.T) (*Desk, *db.DB, kaopass.VisitorID) {
	t.Helper()
	url := mock(t)
	d, _ := memory(t, time.Now)
	desk, err := New(d, Config{Key: "sk_test_123", URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return desk, d, visitor(t, d)
}

func TestMockTakesWhatWeAsk(t *testing.T) {
	t.Parallel()
	desk, d, me := mocked(t)
	ctx := t.Context()
	if err := desk.Check(ctx); err != nil {
		t.Error("balance:", err)
	}
	address, err := desk.Form(ctx, me, kaopass.Japanese, "https://venue.example/done", "https://venue.example/left")
	if err != nil || !strings.HasPrefix(address, "https://") {
		t.Error("customer and form:", address, err)
	}
	if address, err = desk.OwnerForm(ctx, me, "mth_1", kaopass.Korean, "https://venue.example/done", "https://venue.example/left"); err != nil || address == "" {
		t.Error("a form for the owner:", address, err)
	}
	if _, err := desk.same(ctx, "cus_1/pm_1", &api.PaymentMethodCard{}); err != nil {
		t.Error("comparing cards:", err)
	}
	c, err := d.CardCustomer(ctx, me)
	if err != nil || !strings.HasPrefix(c.Ref, "cus_") || !strings.HasPrefix(c.Form, "cs_") {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := desk.Saved(ctx, me); errors.Is(err, ErrAway) { // the mock's own form is somebody's
		t.Error("asking for a form:", err)
	}
	token := tokenOf(c.Ref, "pm_1")
	if got, err := desk.Authorise(ctx, "chg_1", token, kaopass.Yen(1000)); err != nil {
		t.Error("authorise:", got, err)
	}
	in, err := d.FindIntent(ctx, "chg_1")
	if err != nil || !strings.HasPrefix(in.Ref, "pi_") {
		t.Errorf("%+v %v", in, err)
	}
	for what, call := range map[string]func() (db.CardAnswer, error){
		"capture": func() (db.CardAnswer, error) { return desk.Capture(ctx, "chg_1", kaopass.Yen(900)) },
		"release": func() (db.CardAnswer, error) { return desk.Release(ctx, "chg_1") },
		"refund":  func() (db.CardAnswer, error) { return desk.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(500)) },
		"ask":     func() (db.CardAnswer, error) { return desk.Ask(ctx, "chg_1") },
	} {
		if got, err := call(); err != nil {
			t.Error(what, got, err)
		}
	}
	if _, err := desk.Entries(ctx, time.Now().Add(-24*time.Hour), time.Now()); err != nil {
		t.Error("books:", err)
	}
	if _, err := desk.lookRefund(ctx, "re_1"); err != nil {
		t.Error("a refund:", err)
	}
	if err := desk.Bounces(ctx); err != nil {
		t.Error("refunds that came back:", err)
	}
}

func TestMockForgets(t *testing.T) {
	t.Parallel()
	desk, d, me := mocked(t)
	ctx := t.Context()
	if _, err := desk.Form(ctx, me, kaopass.English, "https://venue.example/done", "https://venue.example/left"); err != nil {
		t.Fatal(err)
	}
	c, err := d.CardCustomer(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CloseForm(ctx, me, c.Form, db.CardGiven{Token: tokenOf(c.Ref, "pm_1"), Label: "Visa ••4242 12/34"}); err != nil {
		t.Fatal(err)
	}
	w, err := d.Wallet(ctx, me)
	if err != nil || len(w.Methods) != 2 {
		t.Fatal(w, err)
	}
	if err := d.RemoveMethod(ctx, me, w.Methods[1].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Withdraw(ctx, me, kaopass.ForPayment); err != nil {
		t.Fatal(err)
	}
	if err := desk.Forget(ctx); err != nil {
		t.Error(err)
	}
	if q, err := d.CardsWaiting(ctx); err != nil || q.Farewells != 0 {
		t.Error(q, err)
	}
}

// The mock would notice a mistake: an unknown parameter and a missing one are refused.
func TestMockWouldNotice(t *testing.T) {
	t.Parallel()
	desk, _, _ := mocked(t)
	ctx := t.Context()
	wrong := &api.PaymentIntentCreateParams{Amount: api.Int64(5), Currency: api.String("jpy")}
	wrong.AddExtra("no_such_parameter", "1")
	_, err := desk.client.V1PaymentIntents.Create(ctx, wrong)
	if status(err) != http.StatusBadRequest {
		t.Error("an unknown parameter:", err)
	}
	_, err = desk.client.V1PaymentIntents.Create(ctx, &api.PaymentIntentCreateParams{Currency: api.String("jpy")})
	if status(err) != http.StatusBadRequest {
		t.Error("no amount:", err)
	}
}
