package db

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// note appends one event whose subject is the text.
func (d *DB) note(t testing.TB, text string) kaopass.Event {
	t.Helper()
	var out kaopass.Event
	err := d.tx(t.Context(), func(t *tx) (err error) {
		out, err = t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// follower collects the subjects of the events after seq.
type follower struct {
	mu   sync.Mutex
	seen []string
}

func follow(t testing.TB, d *DB, seq int64) *follower {
	t.Helper()
	f := &follower{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- d.Follow(ctx, seq, func(e kaopass.Event) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.seen = append(f.seen, e.Subject)
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("follower ended with %v", err)
		}
	})
	return f
}

func (f *follower) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// wait waits until the follower has seen exactly what is wanted.
func (f *follower) wait(t testing.TB, want ...string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if slices.Equal(f.all(), want) {
			return
		}
	}
	t.Fatalf("seen %v, wanted %v", f.all(), want)
}

func TestEventIsKeptAsItWas(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	in := kaopass.Event{Kind: kaopass.AdmissionDecided, Actor: "dev_1", Visitor: "vis_1", Device: "dev_1",
		Place: `<script>alert("x")</script> '; DROP TABLE event; --`, Zone: "東ゲート", Subject: "adm_1",
		Purpose: kaopass.ForAdmission, Decision: kaopass.Refuse, Status: kaopass.Captured, Reason: kaopass.FaceMismatch, Direction: kaopass.Exit,
		Amount: kaopass.Yen(1200), Took: 83 * time.Millisecond}
	var out kaopass.Event
	err := d.tx(t.Context(), func(t *tx) (err error) { out, err = t.event(in); return err })
	if err != nil {
		t.Fatal(err)
	}
	if out.Seq == 0 || !kaopass.PrefixEvent.Is(string(out.ID)) || out.At.IsZero() {
		t.Errorf("%+v", out)
	}
	got, next, err := d.Events(t.Context(), EventFilter{}, Page{})
	if err != nil || len(got) != 1 || got[0] != out || next != "" {
		t.Errorf("%+v\n%+v %q %v", got, out, next, err)
	}
}

func TestEventsAreOnlyAppended(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	d.note(t, "a")
	for _, text := range []string{`UPDATE event SET reason = ''`, `DELETE FROM event`, `TRUNCATE event`,
		`UPDATE event SET reason = '' WHERE false`, `SET session_replication_role = replica; DELETE FROM event`} {
		_, err := d.pool.ExecContext(t.Context(), text)
		var answered *pq.Error
		if !errors.As(err, &answered) || answered.Code != "23001" && answered.Code != "42501" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEventsByPage(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	for _, text := range []string{"a", "b", "c", "d", "e"} {
		d.note(t, text)
	}
	var seen []string
	page := Page{Limit: 2}
	for range 3 {
		got, next, err := d.Events(t.Context(), EventFilter{Kind: "ticket"}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			seen = append(seen, e.Subject)
		}
		page.Cursor = next
	}
	if !slices.Equal(seen, []string{"e", "d", "c", "b", "a"}) || page.Cursor != "" {
		t.Error(seen, page.Cursor)
	}
	for what, filter := range map[string]EventFilter{
		"kind": {Kind: "admission"}, "part of a kind": {Kind: "tick"}, "device": {Device: "dev_1"},
		"reason": {Reason: kaopass.Admitted}, "since": {Since: time.Now().Add(time.Hour)},
	} {
		if got, _, err := d.Events(t.Context(), filter, Page{}); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	got, _, err := d.Events(t.Context(), EventFilter{Subject: "c", Kind: "ticket.issued"}, Page{Cursor: "not ours"})
	if err != nil || len(got) != 1 {
		t.Errorf("by subject: %v %v", got, err)
	}
}

// Two writers at once, of which the one with the lower number commits last: a follower that went by number alone would
// never see it.
func TestFollowerSeesWhatCommitsLate(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	start := d.note(t, "start")
	f := follow(t, d, start.Seq)
	numbered, commit := make(chan int64), make(chan bool)
	var early sync.WaitGroup
	early.Go(func() {
		err := d.tx(t.Context(), func(t *tx) error {
			e, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: "low"})
			numbered <- e.Seq
			<-commit
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	low := <-numbered
	if high := d.note(t, "high"); high.Seq <= low {
		t.Fatalf("numbers %d, then %d", low, high.Seq)
	}
	time.Sleep(3 * wakeEvery)
	if seen := f.all(); len(seen) != 0 {
		t.Errorf("read past a running transaction: %v", seen)
	}
	if seq, err := d.LastSeq(t.Context()); err != nil || seq > start.Seq {
		t.Errorf("the newest that may be read is %d, above %d: %v", seq, start.Seq, err)
	}
	commit <- true
	early.Wait()
	f.wait(t, "low", "high")
}

func TestFollowerMissesNothingOfManyWriters(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	f := follow(t, d, 0)
	var writers sync.WaitGroup
	const each = 40
	for w := range 8 {
		writers.Go(func() {
			for i := range each {
				err := d.tx(t.Context(), func(t *tx) error {
					if _, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: string(rune('a' + w))}); err != nil {
						return err
					}
					if i%7 == 0 {
						return errors.New("undone")
					}
					_, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: string(rune('A' + w))})
					return err
				})
				if err != nil && err.Error() != "undone" {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	const want = 8 * 2 * (each - each/7 - 1)
	for end := time.Now().Add(20 * time.Second); len(f.all()) < want && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	if got := len(f.all()); got != want {
		t.Errorf("seen %d of %d", got, want)
	}
}

func TestFollowerIsWokenSoon(t *testing.T) {
	t.Parallel()
	url, keys := migrated(t), t.TempDir()
	here, there := openAt(t, url, keys), openAt(t, url, keys)
	first, second := follow(t, here, 0), follow(t, there, 0)
	here.note(t, "a")
	first.wait(t, "a")
	second.wait(t, "a")
	there.note(t, "b")
	first.wait(t, "a", "b")
	second.wait(t, "a", "b")
}

func TestFollowerEndsWithItsReader(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	d.note(t, "a")
	enough := errors.New("enough")
	if err := d.Follow(t.Context(), 0, func(kaopass.Event) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}

// After a restore into a younger cluster transaction ids begin again below the numbers that are in the log.
func TestNumbersGoOnAfterARestore(t *testing.T) {
	t.Parallel()
	url, keys := migrated(t), t.TempDir()
	d := openAt(t, url, keys)
	old := d.note(t, "old")
	exec(t, d, `INSERT INTO event SELECT (((seq >> 16) + 1000000) << 16) | 1, xid, id || 'x', at, kind, actor, visitor, device,
		place, zone, subject, purpose, decision, status, reason, currency, amount, took_us, direction FROM event`)
	if _, err := Open(t.Context(), Config{URL: url, Keys: keys}); !errors.Is(err, ErrSchema) {
		t.Errorf("numbers lie ahead: %v", err)
	}
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, url, keys)
	f := follow(t, again, old.Seq)
	if e := again.note(t, "new"); e.Seq>>16 <= old.Seq>>16+1000000 {
		t.Errorf("number %d after the restored ones", e.Seq)
	}
	f.wait(t, "old", "new")
}
