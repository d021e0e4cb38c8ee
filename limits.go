package kaopass

import "time"

// Limits are how much may be paid and how fast. A zero field is the standard one's: see [StandardLimits]. Whoever sets
// others stays within [Limits.Fault].
type Limits struct {
	Payment    int64 // yen a payment
	CodeFrom   int64 // yen from which the code is always asked
	HourCount  int   // payments of one visitor in the last hour
	HourSum    int64 // yen of one visitor in the last hour
	DayCount   int   // payments of one visitor on a day of the venue
	DaySum     int64 // yen of one visitor on a day of the venue
	TillMinute int   // payments that one till opens in a minute of the clock
	TillHour   int   // payments that one till opens in an hour of the clock
}

// What no venue may go beyond: the sums are the law's and the mission's, the pace is what a number in a form may say.
const (
	PaceMax      = 10_000_000 // payments in any of the windows
	OwnDayMin    = 500        // yen: the lowest limit that somebody sets for themselves; below it they stop payments
	OwnDayWait   = 24 * time.Hour
	AllowanceMax = 50_000 // yen a day and a week that a guardian may allow
)

// StandardLimits are those in force unless the venue sets others. The pace is what a family at a festival and the counters of
// a hall do not reach, and a stolen till soon would.
func StandardLimits() Limits {
	return Limits{Payment: PaymentMax, CodeFrom: CodeAbove, HourCount: 60, HourSum: 100_000, DayCount: 300,
		DaySum: PaymentDayMax, TillMinute: 200, TillHour: 6000}
}

// InForce are the limits with the standard where nothing was set.
func (l Limits) InForce() Limits {
	s := StandardLimits()
	return Limits{Payment: or(l.Payment, s.Payment), CodeFrom: or(l.CodeFrom, s.CodeFrom), HourCount: or(l.HourCount, s.HourCount),
		HourSum: or(l.HourSum, s.HourSum), DayCount: or(l.DayCount, s.DayCount), DaySum: or(l.DaySum, s.DaySum),
		TillMinute: or(l.TillMinute, s.TillMinute), TillHour: or(l.TillHour, s.TillHour)}
}

func or[N int | int64](set, standard N) N {
	if set == 0 {
		return standard
	}
	return set
}

// Fault names the first field that the law and the mission do not allow: empty where all are within.
func (l Limits) Fault() string {
	l = l.InForce()
	for _, f := range []struct {
		name     string
		is, most int64
	}{
		{"payment", l.Payment, PaymentMax},
		{"code_from", l.CodeFrom, CodeAbove},
		{"hour_count", int64(l.HourCount), PaceMax},
		{"hour_sum", l.HourSum, PaymentDayMax},
		{"day_count", int64(l.DayCount), PaceMax},
		{"day_sum", l.DaySum, PaymentDayMax},
		{"till_minute", int64(l.TillMinute), PaceMax},
		{"till_hour", int64(l.TillHour), PaceMax},
	} {
		if f.is < 1 || f.is > f.most {
			return f.name
		}
	}
	return ""
}

// Spent is what somebody paid lately: authorised or captured, less what was refunded; a refunded payment still counts as
// one. Charges whose answer is awaited are among them.
type Spent struct {
	Hour      int64 // yen in the last hour
	HourCount int
	DayCount  int   // on this day of the venue; its sum is Payer.Today
	Week      int64 // yen since Monday of the venue; read for minors only
}

// Allowance is what a guardian lets a minor spend. Zero allows nothing.
type Allowance struct {
	Day  int64 // yen a day of the venue
	Week int64 // yen from Monday to Sunday
	Card bool  // may pay, and top up, by card
}

// Fault names the field that no guardian can allow: empty where all are possible.
func (a Allowance) Fault() string {
	switch {
	case a.Day < 0 || a.Day > AllowanceMax:
		return "day"
	case a.Week < 0 || a.Week > AllowanceMax:
		return "week"
	}
	return ""
}

// Guardian is the grown-up who signed for a minor.
type Guardian struct {
	Name      string // as it was signed; for the family and for staff who look after them
	Contact   string // normalised by [Contact]; whoever signs in with it may change the allowance; may be empty
	Allowance Allowance
	Since     time.Time
	Changed   time.Time
}

// OwnLimit is what somebody allows themselves to spend a day.
type OwnLimit struct {
	Day  int64 // yen; 0: none of their own
	Next int64 // what it becomes at From; 0: none
	From time.Time
}

// Waits reports whether a change is on its way.
func (o OwnLimit) Waits() bool { return !o.From.IsZero() }

// At is the limit in force at a moment: 0 where there is none.
func (o OwnLimit) At(now time.Time) int64 {
	if o.Waits() && !now.Before(o.From) {
		return o.Next
	}
	return o.Day
}

// Change is the limit after its owner asked for another; 0 asks for none. A lower one holds at once. A higher one, or
// none, holds after [OwnDayWait]: whoever took somebody's phone, or a bad evening, cannot undo it on the spot.
func (o OwnLimit) Change(asked int64, now time.Time) OwnLimit {
	is := o.At(now)
	if is == 0 || asked != 0 && asked <= is {
		return OwnLimit{Day: asked}
	}
	return OwnLimit{Day: is, Next: asked, From: now.Add(OwnDayWait)}
}

// overLimit reports whether one more payment of that many yen is more than any limit in force allows.
func (p Payer) overLimit(yen int64) bool {
	l := p.Limits.InForce()
	over := func(spent, most int64) bool { return spent > most-yen }
	switch {
	case yen > l.Payment || over(p.Today.Value, l.DaySum) || over(p.Spent.Hour, l.HourSum):
		return true
	case p.Spent.HourCount >= l.HourCount || p.Spent.DayCount >= l.DayCount:
		return true
	case p.Own > 0 && over(p.Today.Value, p.Own):
		return true
	}
	return p.Minor && (over(p.Today.Value, p.Allowance.Day) || over(p.Spent.Week, p.Allowance.Week))
}

// MethodRefusal says why this person may not pay with a kind of method: empty when they may.
func (p Payer) MethodRefusal(kind MethodKind) Reason {
	if p.Minor && kind == Card && !p.Allowance.Card {
		return MethodNotAllowed
	}
	return ""
}

// VenueWeek is the beginning of the venue's week that a moment lies in: Monday at its midnight, in UTC.
func VenueWeek(at time.Time) time.Time {
	day, _ := VenueDay(at)
	back := (int(day.Add(venueClock).Weekday()) + 6) % 7 // days since Monday
	return day.AddDate(0, 0, -back)
}
