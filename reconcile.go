package kaopass

import (
	"cmp"
	"slices"
)

// entryKey is what both books call a movement.
type entryKey struct {
	charge ChargeID
	refund RefundID
}

func (e CardEntry) key() entryKey { return entryKey{e.Charge, e.Refund} }

// has reports whether the entry counts on a day.
func (d TradeDay) has(e CardEntry) bool {
	from, until := d.Span()
	return !e.At.Before(from) && e.At.Before(until)
}

// ReconcileCards holds our card bookings against the card company's entries and answers every difference that concerns the
// day, oldest first. Both may hold what lies on other days: what the day's own are matched with. The differences explain
// the day to the yen: what ours come to less what theirs come to is the sum of Ours less the sum of Theirs, for captures
// and for refunds.
func ReconcileCards(day TradeDay, ours []CardBooking, theirs []CardEntry) []Difference {
	unmatched := map[entryKey][]CardEntry{}
	for _, e := range theirs {
		unmatched[e.key()] = append(unmatched[e.key()], e)
	}
	var found []Difference
	for _, b := range ours {
		var entry *CardEntry
		if rest := unmatched[b.key()]; len(rest) > 0 {
			entry, unmatched[b.key()] = &rest[0], rest[1:]
		}
		if d, differs := day.compare(b, entry); differs {
			found = append(found, d)
		}
	}
	for _, rest := range unmatched {
		for _, e := range rest {
			if day.has(e) {
				found = append(found, Difference{Kind: NotInLedger, Charge: e.Charge, Refund: e.Refund, Ours: Yen(0), Theirs: e.Amount, At: e.At})
			}
		}
	}
	slices.SortFunc(found, func(a, b Difference) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Charge, b.Charge), cmp.Compare(a.Refund, b.Refund))
	})
	return found
}

// settled is the kind of what staff settled so; empty: it was not.
func (t Told) settled() DifferenceKind {
	return map[Told]DifferenceKind{ToldBorne: LossBorne, ToldAtDesk: DeskPaid, ToldBack: NothingOpen}[t]
}

// compare says how a booking differs from the entry that it was matched with (nil: none).
func (d TradeDay) compare(b CardBooking, e *CardEntry) (out Difference, differs bool) {
	mine, his := d.has(b.CardEntry), e != nil && d.has(*e)
	out = Difference{Store: b.Store, Till: b.Till, Payment: b.Payment, Charge: b.Charge, Refund: b.Refund, Ours: Yen(0), Theirs: Yen(0), At: b.At}
	if mine {
		out.Ours = b.Amount
	}
	if his {
		out.Theirs = e.Amount
	}
	switch {
	case !mine && !his:
		return out, false
	case e == nil && b.Told.settled() != "":
		out.Kind = b.Told.settled()
	case b.Told.settled() != "":
		out.Kind = PaidAllTheSame
	case e == nil && b.Told == ToldNotYet:
		out.Kind = NotToldYet
	case e == nil && b.Told == ToldRefused:
		out.Kind = RefusedByProvider
	case e == nil:
		out.Kind = NotAtProvider
	case e.Amount != b.Amount:
		out.Kind = AmountsDiffer
	case mine != his:
		out.Kind = OtherDay
	default:
		return out, false
	}
	return out, true
}
