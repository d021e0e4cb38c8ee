package till

import (
	"cmp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// message is the sentence for the person in front of the till. Where they may pay, but with nothing that they have, it says
// why.
func message(p kaopass.Payment, l kaopass.Language) string {
	why := p.Reason
	if p.Status == kaopass.AwaitingConfirmation {
		why = cmp.Or(why, kaopass.NoOffer(p.Methods))
	}
	if why != "" {
		return views.Speak(l).Reason(why)
	}
	return views.Speak(l).T("till.say." + string(p.Status))
}

// yen gives an amount that never was its currency.
func yen(m kaopass.Money) kaopass.Money {
	if m.Currency == "" {
		m.Currency = kaopass.JPY
	}
	return m
}
