package db

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// Board is the state of the venue as the console draws it.
type Board struct {
	At             time.Time
	Inside         int
	EntriesMinute  int           // people who went in through a gate, in the last 60 s
	PaymentsMinute int           // captured, in the last 60 s
	NeedsHelp      int           // whose last decision at a gate, in the last 10 minutes, let them not in
	Enrolled       int           // people with a template
	PayEnrolled    int           // people in the payment gallery
	TookP50        time.Duration // server time of decisions of the last 10 minutes
	TookP95        time.Duration
	TookP99        time.Duration
	Entries        []Minute // the last 60 minutes, oldest first; the newest is not over yet
	Payments       []Minute
	Gates          []PlaceLoad
	Tills          []PlaceLoad
	Refusals       []ReasonCount   // the last 60 minutes, most first
	Latest         []kaopass.Event // the last 20 decisions
	Cases          DisputesWaiting // of those who said that it was not them
	Locks          []TillLock      // tills that take no payment for a while
	Cards          int             // sales that the card company will never pay, and tellings that it has not answered
}

// Minute is a count in one minute.
type Minute struct {
	At    time.Time
	Count int
	Value int64 // yen, for payments
}

// PlaceLoad is one gate or till now: people who went through (in or out), or payments captured.
type PlaceLoad struct {
	Device     kaopass.Device
	LastMinute int
	LastHour   int
	Refused    int // in the last hour
	Yen        int64
}

// ReasonCount counts refusals.
type ReasonCount struct {
	Reason kaopass.Reason
	Count  int
}

// How far the board looks back.
const (
	boardMinutes = 60
	boardRecent  = 10 * time.Minute
	boardLatest  = 20
)

// boardQueries reads the live board.
type boardQueries struct {
	Tallies   *sqlx.Stmt `query:"board-tallies"`
	Took      *sqlx.Stmt `query:"board-took"`
	NeedsHelp *sqlx.Stmt `query:"board-needs-help"`
	Heads     *sqlx.Stmt `query:"board-heads"`
	Latest    *sqlx.Stmt `query:"board-latest"`
}

// tally counts the events of one minute that are alike.
type tally struct {
	Minute     time.Time
	Device     kaopass.DeviceID
	Kind       kaopass.EventKind
	Direction  kaopass.Direction
	Decision   kaopass.Decision
	Reason     kaopass.Reason
	Status     kaopass.PaymentStatus
	Count      int
	LastMinute int `db:"last_minute"`
	Yen        int64
}

// entered reports whether people went in.
func (c tally) entered() bool {
	return c.Kind == kaopass.AdmissionPassed && c.Direction == kaopass.Entry
}

// served reports whether the place did what it is for: let people through, or took their money.
func (c tally) served() bool {
	return c.Kind == kaopass.AdmissionPassed || c.Kind == kaopass.PaymentCaptured
}

// refused reports whether somebody was told no. What a person or the clock ended is not a refusal.
func (c tally) refused() bool {
	if c.Kind == kaopass.AdmissionDecided {
		return c.Decision != kaopass.Admit
	}
	ended := []kaopass.PaymentStatus{kaopass.Cancelled, kaopass.Expired, kaopass.Voided}
	return c.Kind != kaopass.AdmissionPassed && c.Reason != "" && !slices.Contains(ended, c.Status)
}

// Board reads the board in one snapshot, from the same events that are the audit log.
func (d *DB) Board(ctx context.Context) (b Board, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		b = Board{At: t.now}
		if b.Inside, err = t.inside(); err != nil {
			return err
		}
		if err := t.boardFigures(&b); err != nil {
			return err
		}
		var devices []deviceRow
		if err := t.list(&devices, t.q.Device.List); err != nil {
			return err
		}
		first := t.now.Truncate(time.Minute).Add(-(boardMinutes - 1) * time.Minute)
		var tallies []tally
		if err := t.list(&tallies, t.q.Board.Tallies, first, t.now.Add(-time.Minute)); err != nil {
			return err
		}
		b.count(first, tallies)
		b.places(devices, tallies)
		return nil
	})
	return b, err
}

// boardFigures reads what is a number of its own.
func (t *tx) boardFigures(b *Board) error {
	recent := t.now.Add(-boardRecent)
	if err := t.get(&b.NeedsHelp, t.q.Board.NeedsHelp, recent); err != nil {
		return err
	}
	var heads struct{ People, Payers int }
	if err := t.get(&heads, t.q.Board.Heads); err != nil {
		return err
	}
	b.Enrolled, b.PayEnrolled = heads.People, heads.Payers
	var took struct{ P50, P95, P99 int64 }
	if err := t.get(&took, t.q.Board.Took, recent); err != nil {
		return err
	}
	b.TookP50, b.TookP95, b.TookP99 = micros(took.P50), micros(took.P95), micros(took.P99)
	var latest []eventRow
	if err := t.list(&latest, t.q.Board.Latest, boardLatest); err != nil {
		return err
	}
	b.Latest = events(latest)
	if err := t.get(&b.Cases, t.q.Dispute.Waiting, t.now); err != nil {
		return err
	}
	var err error
	if err := t.get(&b.Cards, t.q.Card.Work, t.now.Add(-taskSlow)); err != nil {
		return err
	}
	b.Locks, err = t.tillLocks("")
	return err
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// count fills the minutes, from the first on, and the refusals.
func (b *Board) count(first time.Time, tallies []tally) {
	b.Entries, b.Payments = make([]Minute, boardMinutes), make([]Minute, boardMinutes)
	for i := range boardMinutes {
		b.Entries[i].At = first.Add(time.Duration(i) * time.Minute)
		b.Payments[i].At = b.Entries[i].At
	}
	reasons := map[kaopass.Reason]int{}
	for _, c := range tallies {
		i := min(int(c.Minute.Sub(first)/time.Minute), boardMinutes-1)
		switch {
		case c.entered():
			b.Entries[i].Count += c.Count
			b.EntriesMinute += c.LastMinute
		case c.Kind == kaopass.PaymentCaptured:
			b.Payments[i].Count += c.Count
			b.Payments[i].Value += c.Yen
			b.PaymentsMinute += c.LastMinute
		case c.refused():
			reasons[c.Reason] += c.Count
		}
	}
	for reason, count := range reasons {
		b.Refusals = append(b.Refusals, ReasonCount{reason, count})
	}
	slices.SortFunc(b.Refusals, func(x, y ReasonCount) int {
		return cmp.Or(y.Count-x.Count, cmp.Compare(x.Reason, y.Reason))
	})
}

// places fills the gates and tills that are not revoked, by name.
func (b *Board) places(devices []deviceRow, tallies []tally) {
	loads := map[kaopass.DeviceID]*PlaceLoad{}
	for _, row := range devices {
		loads[row.ID] = &PlaceLoad{Device: row.device()}
	}
	for _, c := range tallies {
		load, known := loads[c.Device]
		switch {
		case !known:
		case c.served():
			load.LastMinute += c.LastMinute
			load.LastHour += c.Count
			load.Yen += c.Yen
		case c.refused():
			load.Refused += c.Count
		}
	}
	for _, row := range devices {
		load := *loads[row.ID]
		switch {
		case row.RevokedAt.Valid:
		case row.Role == kaopass.Gate:
			b.Gates = append(b.Gates, load)
		case row.Role == kaopass.Till:
			b.Tills = append(b.Tills, load)
		}
	}
}
