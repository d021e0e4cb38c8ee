package kaopass

import "time"

// TradeDay is a day of the venue's trade, as its calendar writes it: "2026-07-01". It begins and ends at four in the
// morning (see [DayEndsAfter]): the last bowl of a festival's night is sold on the evening before.
type TradeDay string

// TradeDayOf is the day of trade that a moment lies in.
func TradeDayOf(at time.Time) TradeDay {
	return TradeDay(at.UTC().Add(venueClock - DayEndsAfter).Format(time.DateOnly))
}

// ParseTradeDay reads a day written as 2006-01-02; ok is false for anything else.
func ParseTradeDay(s string) (d TradeDay, ok bool) {
	at, err := time.Parse(time.DateOnly, s)
	return TradeDay(s), err == nil && at.Year() > 0
}

// Span is the day's beginning and its end (exclusive), UTC; both zero for what is not a day.
func (d TradeDay) Span() (from, until time.Time) {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return from, until
	}
	from = at.Add(DayEndsAfter - venueClock)
	return from, from.Add(24 * time.Hour)
}

// Add is the day that many days later.
func (d TradeDay) Add(days int) TradeDay {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return TradeDay(at.AddDate(0, 0, days).Format(time.DateOnly))
}

// Over reports whether nothing can be sold on that day any more.
func (d TradeDay) Over(now time.Time) bool {
	_, until := d.Span()
	return !until.IsZero() && !now.Before(until)
}

// Settlement is what the venue owes a store for a day: written once, never edited. Net is Captured less Refunded and
// Fees, and may be below zero. Fees are [FeeBase.Fee] of FeeBase, booked by FeeTransfer, and below zero where the day gave
// more fees back than it made.
type Settlement struct {
	ID       SettlementID
	Store    Zone
	Day      TradeDay
	Captured Money
	Refunded Money
	Fees     Money
	Net      Money

	FeePoints   int // the rate of its own day, in basis points
	FeeBase     FeeBase
	FeeTransfer TransferID // empty: there was no fee

	Captures int
	Refunds  int
	Late     int // of them, how many belong to an earlier day, whose settlement was closed before they were committed
	ClosedAt time.Time
	ClosedBy string // a StaffID, or "venue"
	// Which transfers: those of the store whose number is below Upto and whose moment is before the day's end, without
	// those below After that came before Since. The store's settlement before this one ended at After and Since.
	After int64
	Upto  int64
	Since time.Time
}

// Totals are what a till sold and gave back on a day.
type Totals struct {
	Captures int
	Captured Money
	Refunds  int
	Refunded Money
}

// CardEntry is one line of a card company's own books: money that it took (Refund empty) or gave back.
type CardEntry struct {
	Charge ChargeID // ours, by which the charge was asked for
	Refund RefundID // ours; empty for a capture
	Amount Money    // always positive
	At     time.Time
}

// Told is how far the card company was told of a booking.
type Told string

// The states of telling.
const (
	ToldDone    Told = "done"
	ToldNotYet  Told = "open"
	ToldRefused Told = "refused"
	// What the card company never paid and staff settled is told as a [Became].
	ToldBorne  = Told(BorneByVenue)
	ToldAtDesk = Told(PaidAtDesk)
	ToldBack   = Told(GivenBack)
)

// CardBooking is one movement of a card's money in our own ledger.
type CardBooking struct {
	CardEntry
	Store   Zone // empty: a top-up
	Till    DeviceID
	Payment PaymentID
	Told    Told // empty: there was nothing left to tell
}

// DifferenceKind is a way in which two books do not agree; each has a sentence for what it means and what to do.
type DifferenceKind string

// The kinds of difference.
const (
	NotAtProvider     DifferenceKind = "not_at_provider"     // we booked it, they did not
	NotToldYet        DifferenceKind = "not_told_yet"        // we booked it, and are still telling them
	RefusedByProvider DifferenceKind = "refused_by_provider" // we booked it and told them, and they refused
	NotInLedger       DifferenceKind = "not_in_ledger"       // they booked it, we did not
	AmountsDiffer     DifferenceKind = "amounts_differ"      // both did, not the same
	OtherDay          DifferenceKind = "other_day"           // both did, on two days
	ChargeOpen        DifferenceKind = "charge_unknown"      // asked for, and nobody knows what came of it
	NeverCaptured     DifferenceKind = "never_captured"      // held, and neither taken nor released
	TillDiffers       DifferenceKind = "till_differs"        // the till's own totals are others
	RefundIsOwed      DifferenceKind = "refund_owed"         // a card's refund could not go back, and is not paid out yet
	FeeDiffers        DifferenceKind = "fee_differs"         // what a store paid is not what the rate makes of its trade
	PaidAllTheSame    DifferenceKind = "paid_all_the_same"   // settled as never paid, and they have it

	// Of these nothing is left to do: the company never paid, and the books say since then who did.
	LossBorne   DifferenceKind = "borne_by_venue" // the venue
	DeskPaid    DifferenceKind = "paid_at_desk"   // its payer, in cash
	NothingOpen DifferenceKind = "given_back"     // nobody: all of it was given back
)

// DifferenceKinds lists every kind.
func DifferenceKinds() []DifferenceKind {
	return []DifferenceKind{NotAtProvider, NotToldYet, RefusedByProvider, NotInLedger, AmountsDiffer, OtherDay, ChargeOpen,
		NeverCaptured, TillDiffers, FeeDiffers, RefundIsOwed, PaidAllTheSame, LossBorne, DeskPaid, NothingOpen}
}

// Settled reports whether staff have settled a difference of that kind: it explains the day, and is no work.
func (k DifferenceKind) Settled() bool { return k == LossBorne || k == DeskPaid || k == NothingOpen }

// Difference is one thing on which two books do not agree. Ours and Theirs are what counts on that day.
type Difference struct {
	Kind    DifferenceKind
	Store   Zone
	Till    DeviceID
	Payment PaymentID
	Charge  ChargeID
	Refund  RefundID // money given back, where set
	Ours    Money
	Theirs  Money
	At      time.Time
}
