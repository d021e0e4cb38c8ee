package db

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// rig is a small venue with a clock that a test can turn.
type rig struct {
	*DB
	testing.TB
	ctx    context.Context
	clock  *clock
	url    string
	folder string // of the keys
	gate   kaopass.Device
	till   kaopass.Device
	desk   *fakeDesk
	keys   int
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) turn(by time.Duration) { c.mu.Lock(); c.at = c.at.Add(by); c.mu.Unlock() }

// opening is the moment at which every rig's clock starts: noon in Japan.
var opening = time.Date(2027, 5, 3, 3, 0, 0, 0, time.UTC)

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{TB: t, ctx: t.Context(), clock: &clock{at: opening}, url: migrated(t), folder: t.TempDir(), desk: newFakeDesk()}
	d, err := Open(r.ctx, Config{URL: r.url, Keys: r.folder, Now: r.clock.now})
	r.ok(err)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	r.DB = d
	r.gate = r.device(kaopass.Gate, "east-07", "east")
	r.till = r.device(kaopass.Till, "Ramen 2", "food-hall")
	return r
}

// ok ends the test at an error.
func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// device adds and claims a terminal.
func (r *rig) device(role kaopass.Role, name string, zone kaopass.Zone) kaopass.Device {
	r.Helper()
	_, code, err := r.AddDevice(r.ctx, role, name, zone, "venue")
	r.ok(err)
	d, _, err := r.ClaimDevice(r.ctx, code, "tablet", "test")
	r.ok(err)
	return d
}

// faceOf makes a template that is one person's own.
func faceOf(n int) kaopass.Template {
	v := make([]float32, 64)
	v[n%64] = 1
	return kaopass.Template{Model: "test", Frames: [][]float32{v}}
}

// visitor makes a person who consented to everything, gave a face and has yen in the wallet.
func (r *rig) visitor(n int, name string, yen int64) (kaopass.VisitorID, kaopass.EnrolmentID) {
	r.Helper()
	in := Import{Name: name, Contact: fmt.Sprintf("visitor%d@example.com", n), Language: kaopass.Japanese, Template: faceOf(n),
		Consents: consents(kaopass.ForAdmission, kaopass.ForPayment), Wallet: kaopass.Yen(yen), ConsentRef: "form"}
	out, err := r.Import(r.ctx, in)
	r.ok(err)
	if out.Reason != "" {
		r.Fatal(out.Reason)
	}
	return out.Visitor, out.Enrolment
}

func consents(purposes ...kaopass.Purpose) (out []kaopass.Consent) {
	for _, p := range purposes {
		out = append(out, kaopass.Consent{Purpose: p, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"})
	}
	return out
}

// ticket issues a ticket and binds it.
func (r *rig) ticket(kind kaopass.TicketKind, to kaopass.VisitorID) HeldTicket {
	r.Helper()
	issued, err := r.IssueTickets(r.ctx, IssueTickets{Kind: kind, Count: 1, Actor: "venue"})
	r.ok(err)
	if to != "" {
		bound, err := r.BindTicket(r.ctx, to, issued[0].QR)
		r.ok(err)
		if bound.Reason != "" {
			r.Fatal(bound.Reason)
		}
	}
	return issued[0]
}

// key makes a fresh request key of a device or person.
func (r *rig) key(owner string) kaopass.Key {
	r.keys++
	name := fmt.Sprintf("key-%d", r.keys)
	return kaopass.Key{Owner: owner, Name: name, Body: sha256.Sum256([]byte(name))}
}

// count reads a number out of the database, past every verb.
func (r *rig) count(query string, args ...any) (n int) {
	r.Helper()
	r.ok(r.pool.GetContext(r.ctx, &n, query, args...))
	return n
}

// lastEvent is the newest entry of the log.
func (r *rig) lastEvent() kaopass.Event {
	r.Helper()
	list, _, err := r.Events(r.ctx, EventFilter{}, Page{Limit: 1})
	r.ok(err)
	return list[0]
}

// fakeDesk is a card company of a test's own: it does what the next answer says.
type fakeDesk struct {
	mu      sync.Mutex
	next    []CardAnswer // answers of Authorise; none left: approved
	ask     CardAnswer   // of Ask
	fail    bool         // Capture, Release and Refund do not answer
	said    []string     // every call, in order
	pause   chan struct{}
	inCall  chan struct{}
	charges map[string]int64
}

func newFakeDesk() *fakeDesk { return &fakeDesk{ask: CardApproved, charges: map[string]int64{}} }

func (f *fakeDesk) note(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func (f *fakeDesk) Authorise(ctx context.Context, id, token string, amount kaopass.Money) (CardAnswer, error) {
	if f.inCall != nil {
		f.inCall <- struct{}{}
		<-f.pause
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("authorise %d", amount.Value)
	answer := CardApproved
	if len(f.next) > 0 {
		answer, f.next = f.next[0], f.next[1:]
	}
	f.charges[id] = amount.Value
	if answer == CardUnknown {
		return answer, context.DeadlineExceeded
	}
	return answer, nil
}

func (f *fakeDesk) answer(format string, args ...any) (CardAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(format, args...)
	if f.fail {
		return CardUnknown, context.DeadlineExceeded
	}
	return CardApproved, nil
}

func (f *fakeDesk) Capture(_ context.Context, _ string, amount kaopass.Money) (CardAnswer, error) {
	return f.answer("capture %d", amount.Value)
}

func (f *fakeDesk) Release(_ context.Context, _ string) (CardAnswer, error) {
	return f.answer("release")
}

func (f *fakeDesk) Refund(_ context.Context, _, _ string, amount kaopass.Money) (CardAnswer, error) {
	return f.answer("refund %d", amount.Value)
}

func (f *fakeDesk) Ask(_ context.Context, _ string) (CardAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("ask")
	return f.ask, nil
}

func (f *fakeDesk) calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.said...)
}
