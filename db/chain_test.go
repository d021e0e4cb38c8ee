package db

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// sealAll seals until everything that was appended is covered: a transaction elsewhere on the server may hold it up.
func (d *DB) sealAll(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := d.SealEvents(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d.count(t, `SELECT count(*) FROM event WHERE seq > coalesce((SELECT max(upto) FROM event_link), 0)`) == 0 {
			return
		}
	}
	t.Fatal("events stay unsealed")
}

func (d *DB) verified(t testing.TB) ChainAudit {
	t.Helper()
	out, err := d.VerifyEvents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestChainOfAnUntouchedLog(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	if out := d.verified(t); !out.OK || out.Links != 0 || out.Head != "" || out.Breaches == nil {
		t.Errorf("an empty log: %+v", out)
	}
	var head string
	for i := range 3 {
		d.note(t, "a")
		d.note(t, "b")
		if out := d.verified(t); !out.OK || out.Unsealed != 2 {
			t.Errorf("not sealed yet: %+v", out)
		}
		d.sealAll(t)
		out := d.verified(t)
		if !out.OK || out.Events != int64(2*(i+1)) || out.Unsealed != 0 || out.Head == head {
			t.Errorf("%+v", out)
		}
		head = out.Head
	}
	if n, err := d.SealEvents(t.Context()); n != 0 || err != nil {
		t.Errorf("nothing to seal: %d %v", n, err)
	}
}

func TestChainTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	const open = `ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE event_link DISABLE TRIGGER ALL;`
	for done, breach := range map[string]string{
		`UPDATE event SET reason = 'admitted' WHERE subject = 'b'`:                "was changed",
		`UPDATE event SET at = at + interval '1 microsecond' WHERE subject = 'b'`: "was changed",
		`UPDATE event SET place = subject, subject = place WHERE subject = 'b'`:   "was changed",
		`DELETE FROM event WHERE subject = 'b'`:                                   "covered",
		`INSERT INTO event SELECT seq + 1, xid, id || 'x', at, kind, actor, visitor, device, place, zone, subject, purpose,
			decision, status, reason, currency, amount, took_us, direction FROM event WHERE subject = 'b'`: "covered",
		`DELETE FROM event_link WHERE n = 2`:                        "are gone",
		`UPDATE event_link SET seal = sha256('forged') WHERE n = 2`: "link 2",
	} {
		d := openTest(t)
		for _, text := range []string{"a", "b", "c"} {
			d.note(t, text)
			d.sealAll(t)
		}
		exec(t, d, open+done)
		out := d.verified(t)
		if out.OK || len(out.Breaches) == 0 || !strings.Contains(strings.Join(out.Breaches, "; "), breach) {
			t.Errorf("%s: %+v", done, out)
		}
	}
}

func TestChainIsSealedOnceByMany(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				d.note(t, "a")
				if _, err := d.SealEvents(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	d.sealAll(t)
	if out := d.verified(t); !out.OK || out.Events != 40 {
		t.Errorf("%+v", out)
	}
}
