package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// Board is the state of the venue as the console draws it.
type Board struct {
	At             time.Time
	Inside         int
	EntriesMinute  int // in the last 60 s
	PaymentsMinute int
	NeedsHelp      int           // ask_staff and refusals not followed by an admission, in the last 10 minutes
	Enrolled       int           // people with a template
	PayEnrolled    int           // people in the payment gallery
	TookP50        time.Duration // server time of decisions of the last 10 minutes
	TookP95        time.Duration
	TookP99        time.Duration
	Entries        []Minute // the last 60 minutes, oldest first
	Payments       []Minute
	Gates          []PlaceLoad
	Tills          []PlaceLoad
	Refusals       []ReasonCount   // the last 60 minutes, most first
	Latest         []kaopass.Event // the last 20 decisions
}

// Minute is a count in one minute.
type Minute struct {
	At    time.Time
	Count int
	Value int64 // yen, for payments
}

// PlaceLoad is one gate or till now.
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

// Board reads the board in one snapshot.
func (d *DB) Board(ctx context.Context) (Board, error) { return Board{}, errUnwritten }
