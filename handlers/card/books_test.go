package card

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// The books hold what moved money, when it did, also after a restart, and nothing else.
func TestTheBooks(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "cards"), time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	s := sandbox(t, path)
	s.now = func() time.Time { return now }
	for _, id := range []string{"chg_1", "chg_2"} {
		if a, err := s.Authorise(t.Context(), id, good, kaopass.Yen(900)); a != db.CardApproved || err != nil {
			t.Fatal(a, err)
		}
	}
	_, _ = s.Release(t.Context(), "chg_2")
	for range 2 {
		_, _ = s.Capture(t.Context(), "chg_1", kaopass.Yen(700))
	}
	now = now.Add(time.Hour)
	_, _ = s.Refund(t.Context(), "chg_1", "ref_1", kaopass.Yen(200))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = sandbox(t, path)
	if read, err := OpenBooks(path); err != nil || len(read.(*Sandbox).books) != 2 {
		t.Error(read, err)
	}
	if none, err := OpenBooks(path + ".none"); err != nil || len(none.(*Sandbox).books) != 0 {
		t.Error(none, err)
	}
	from := now.Add(-time.Hour)
	captured := db.CardEntry{Charge: "chg_1", Amount: kaopass.Yen(700), At: from}
	refunded := db.CardEntry{Charge: "chg_1", Refund: "ref_1", Amount: kaopass.Yen(200), At: now}
	for _, c := range []struct {
		from, until time.Time
		want        []db.CardEntry
	}{
		{from, now.Add(1), []db.CardEntry{captured, refunded}},
		{from, now, []db.CardEntry{captured}},
		{now, now.Add(1), []db.CardEntry{refunded}},
		{now.Add(1), now.Add(time.Hour), nil},
	} {
		got, err := s.Entries(t.Context(), c.from, c.until)
		if err != nil || len(got) != len(c.want) {
			t.Fatal(got, err)
		}
		for i, e := range got {
			if e != c.want[i] {
				t.Errorf("%+v, want %+v", e, c.want[i])
			}
		}
	}
}
