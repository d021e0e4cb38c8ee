package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/db/embedded"
)

// soon is how long something may take to come back by itself on a busy machine.
const soon = 30 * time.Second

// TestADatabaseThatIsStopped is an outage of somebody's own PostgreSQL: everybody is told to wait a moment, and when it
// is back, everything goes on by itself, the followers of the feed included.
func TestADatabaseThatIsStopped(t *testing.T) {
	slow(t)
	place := embedded.Config{Dir: filepath.Join(dbtest.Dir(t), "postgres"), Binaries: demoConfig(t).Packages}
	server := postgres(t, place)
	v := open(t, func(c *Config) { c.Database = server.URL(embedded.Database) })
	d := v.story(t)
	sold := sell(t, d.till, 3)
	halted(t, server)

	key := rand.Text()
	status, body, header, err := d.till.send(t.Context(), http.MethodPost, "/v1/payments", "application/json", []byte(oneYen), key)
	var problem struct {
		Code      string
		Retryable bool
	}
	if err != nil || json.Unmarshal(body, &problem) != nil || status != 503 || !problem.Retryable || header.Get("Retry-After") == "" ||
		header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a till is told %d %s, %v", status, body, err)
	}
	if status, page := d.phone.page(t, http.MethodPost, "/signin", url.Values{"contact": {"a@example.com"}}); status != 503 ||
		!strings.Contains(page, "One moment") || strings.Contains(page, "postgres") {
		t.Errorf("a visitor is told %d %s", status, page)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/": 200} {
		if status, page := d.phone.page(t, http.MethodGet, path, nil); status != want {
			t.Errorf("%s: %d %s", path, status, page)
		}
	}

	postgres(t, place)
	begun := time.Now()
	eventually(t, "ready", func() bool { status, _ := d.phone.page(t, http.MethodGet, "/readyz", nil); return status == 200 })
	t.Logf("ready %v after the database", time.Since(begun).Round(time.Millisecond))
	keptSales(t, d.till, append(sold, sale{key: key}))
	v.followersGoOn(t, d)
}

// TestAStartWaitsForItsDatabase: both were started at once, as after a power cut, and the database is the slower one.
func TestAStartWaitsForItsDatabase(t *testing.T) {
	place := embedded.Config{Dir: filepath.Join(dbtest.Dir(t), "postgres"), Binaries: demoConfig(t).Packages, Volatile: true}
	server := postgres(t, place)
	cfg := &Config{Database: server.URL(embedded.Database), Data: t.TempDir()}
	halted(t, server)
	var s *store
	var err error
	var waiting sync.WaitGroup
	waiting.Go(func() { s, err = serveStore(t.Context(), cfg, t.Output()) })
	time.Sleep(2 * storeEvery)
	postgres(t, place)
	waiting.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Ready(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
}

// TestAStartGivesUpWhenItIsStopped does not wait on for a database that is nowhere.
func TestAStartGivesUpWhenItIsStopped(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), storeEvery)
	defer stop()
	cfg := &Config{Database: "postgres://kaopass@127.0.0.1:1/kaopass?sslmode=disable", Data: t.TempDir()}
	begun := time.Now()
	if _, err := serveStore(ctx, cfg, t.Output()); err == nil || time.Since(begun) > storeWithin/2 {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

// followersGoOn enrols somebody beside the server, who is found at the till.
func (v *venue) followersGoOn(t *testing.T, d *story) {
	t.Helper()
	enrolling, later, err := laptopLater(&v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"enrol", "--name", "Late", "--consent", "payment", "--consent-ref", "form 2", "--wallet", "2000"}
	for i, photo := range enrolling {
		args = append(args, "--image", file(t, t.TempDir(), strconv.Itoa(i)+".jpg", photo))
	}
	if answer, failed := v.script(t, args...); failed {
		t.Fatal(answer)
	}
	eventually(t, "found at the till", func() bool {
		p, err := d.show(t.Context(), demoMeal, later)
		return err == nil && p.Status != kaopass.Refused
	})
}

// TestADatabaseThatIsKilled: the embedded PostgreSQL dies in the middle of sales and is started again by the server.
func TestADatabaseThatIsKilled(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	ctx, stop := context.WithCancel(t.Context())
	selling := sellOn(ctx, d.till)
	time.Sleep(time.Second)
	killed := postmaster(t, v.cfg.Data)
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	eventually(t, "started again", func() bool { now := postmaster(t, v.cfg.Data); return now != killed && now != 0 })
	eventually(t, "ready", func() bool { status, _ := d.phone.page(t, http.MethodGet, "/readyz", nil); return status == 200 })
	t.Logf("ready again after %v", time.Since(begun).Round(time.Millisecond))
	stop()
	sold := <-selling
	keptSales(t, d.till, sold)
	t.Logf("%d sales, %d of them not acknowledged at first", len(sold), unanswered(sold))
}

const oneYen = `{"amount":{"currency":"JPY","value":1}}`

// sale is one payment that a till asked for: its key, and what was acknowledged, if it was.
type sale struct {
	key string
	id  kaopass.PaymentID
}

// sell opens payments; each must be acknowledged.
func sell(t *testing.T, till person, count int) (sold []sale) {
	t.Helper()
	for range count {
		s := sale{key: rand.Text()}
		var p demoPayment
		if err := till.told(t.Context(), "/v1/payments", "application/json", []byte(oneYen), s.key, &p); err != nil {
			t.Fatal(err)
		}
		s.id = p.ID
		sold = append(sold, s)
	}
	return sold
}

// sellOn opens payments, ten a second, until ctx ends, whether or not they are acknowledged.
func sellOn(ctx context.Context, till person) <-chan []sale {
	done := make(chan []sale, 1)
	go func() {
		var sold []sale
		for ctx.Err() == nil {
			s := sale{key: rand.Text()}
			var p demoPayment
			_ = till.told(context.WithoutCancel(ctx), "/v1/payments", "application/json", []byte(oneYen), s.key, &p)
			s.id = p.ID
			sold = append(sold, s)
			time.Sleep(100 * time.Millisecond)
		}
		done <- sold
	}()
	return done
}

// keptSales repeats every call, as a till does that does not know: what was acknowledged is answered again, the same;
// what was not is done now.
func keptSales(t *testing.T, till person, sold []sale) {
	t.Helper()
	for _, s := range sold {
		var p demoPayment
		if err := till.told(t.Context(), "/v1/payments", "application/json", []byte(oneYen), s.key, &p); err != nil {
			t.Fatalf("repeating %s: %v", s.id, err)
		}
		if s.id != "" && p.ID != s.id {
			t.Errorf("acknowledged %s, and now it is %s", s.id, p.ID)
		}
	}
}

func unanswered(sold []sale) (n int) {
	for _, s := range sold {
		if s.id == "" {
			n++
		}
	}
	return n
}

// page asks as a browser does.
func (p person) page(t *testing.T, method, path string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func postgres(t *testing.T, place embedded.Config) *embedded.Server {
	t.Helper()
	s, err := embedded.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { halted(t, s) })
	return s
}

func halted(t *testing.T, s *embedded.Server) {
	t.Helper()
	if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// postmaster is the process of the embedded server below a data folder; 0 where none runs.
func postmaster(t *testing.T, data string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "postgres", "data", "postmaster.pid"))
	if err != nil || len(found) == 0 {
		return 0
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(soon); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not %s within %v", what, soon)
		}
	}
}
