package till

import (
	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// message is the sentence for the person in front of the till.
func message(p kaopass.Payment, l kaopass.Language) string {
	if p.Reason != "" {
		return views.Speak(l).Reason(p.Reason)
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
