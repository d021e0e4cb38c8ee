package kaopass

import "slices"

// MethodOffer is a method as a till may show it.
type MethodOffer struct {
	Method        // Default is what is chosen unless the payer chooses: of this payment, not of the wallet
	Covers bool   // it can be chosen: the balance, or the card as far as we know, is enough
	Reason Reason // why it cannot: FundsShort or CardNeedsOwner
}

// Offers are the ways in which this person may pay an amount, as a till shows them: in the order of the wallet, and what is
// not theirs to use left out. A card whose bank waits for its owner comes last and cannot be chosen: its bank is not asked,
// and its owner, who stands there, has to see why. Where it was the default, or the default is left out, the next that covers
// the amount is the default of this payment.
func (p Payer) Offers(methods []Method, balance, amount Money) []MethodOffer {
	var open, waiting []MethodOffer
	for _, m := range methods {
		if p.MethodRefusal(m.Kind) != "" {
			continue
		}
		switch offer := (MethodOffer{Method: m, Covers: true}); {
		case m.Asked:
			offer.Covers, offer.Default, offer.Reason = false, false, CardNeedsOwner
			waiting = append(waiting, offer)
		case m.Kind == EMoney && balance.Value < amount.Value:
			offer.Covers, offer.Reason = false, FundsShort
			open = append(open, offer)
		default:
			open = append(open, offer)
		}
	}
	if len(open) > 0 && !slices.ContainsFunc(open, func(o MethodOffer) bool { return o.Default }) {
		next := max(0, slices.IndexFunc(open, func(o MethodOffer) bool { return o.Covers }))
		open[next].Default = true
	}
	return append(open, waiting...)
}

// NoOffer says why none of the offers can be chosen: empty where one can. A card that waits for its owner is named first, as
// they can mend that where they stand.
func NoOffer(offers []MethodOffer) Reason {
	why := MethodGone
	for _, o := range offers {
		switch {
		case o.Covers:
			return ""
		case why != CardNeedsOwner:
			why = o.Reason
		}
	}
	return why
}
