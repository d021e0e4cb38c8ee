package kaopass

import (
	"fmt"
	"testing"
)

// What a till offers: of each method its id, "*" where it is the default, "-" where it cannot be chosen, and why.
func TestOffers(t *testing.T) {
	wallet, visa, jcb := Method{ID: "wallet", Kind: EMoney}, Method{ID: "visa", Kind: Card}, Method{ID: "jcb", Kind: Card}
	first := func(m Method) Method { m.Default = true; return m }
	waits := func(m Method) Method { m.Asked = true; return m }
	grown, child, allowed := Payer{}, Payer{Minor: true}, Payer{Minor: true, Allowance: Allowance{Card: true}}
	for _, c := range []struct {
		name    string
		who     Payer
		balance int64
		methods []Method
		want    string
		none    Reason
	}{
		{"in the wallet's order", grown, 500, []Method{first(visa), wallet, jcb}, "[visa* wallet jcb]", ""},
		{"just enough", grown, 300, []Method{first(wallet)}, "[wallet*]", ""},
		{"the first is short", grown, 100, []Method{first(wallet), visa}, "[wallet*-funds_short visa]", ""},
		{"all is short", grown, 100, []Method{first(wallet)}, "[wallet*-funds_short]", FundsShort},
		{"another waits", grown, 500, []Method{first(wallet), waits(visa), jcb}, "[wallet* jcb visa-card_needs_owner]", ""},
		{"the first waits", grown, 500, []Method{first(waits(visa)), wallet, jcb}, "[wallet* jcb visa-card_needs_owner]", ""},
		{"the first waits, the next is short", grown, 100, []Method{first(waits(visa)), wallet, jcb}, "[wallet-funds_short jcb* visa-card_needs_owner]", ""},
		{"nothing is left", grown, 100, []Method{first(waits(visa)), wallet}, "[wallet*-funds_short visa-card_needs_owner]", CardNeedsOwner},
		{"both wait, alone", grown, 0, []Method{first(waits(visa)), waits(jcb)}, "[visa-card_needs_owner jcb-card_needs_owner]", CardNeedsOwner},
		{"no cards for a child", child, 500, []Method{first(visa), wallet, waits(jcb)}, "[wallet*]", ""},
		{"a child with cards", allowed, 500, []Method{wallet, first(waits(jcb))}, "[wallet* jcb-card_needs_owner]", ""},
		{"nothing at all", grown, 500, nil, "[]", MethodGone},
	} {
		offers, got := c.who.Offers(c.methods, Yen(c.balance), Yen(300)), []string{}
		for _, o := range offers {
			text := string(o.ID)
			if o.Default {
				text += "*"
			}
			if !o.Covers {
				text += "-" + string(o.Reason)
			}
			got = append(got, text)
		}
		if fmt.Sprint(got) != c.want || NoOffer(offers) != c.none {
			t.Errorf("%s: %v %s", c.name, got, NoOffer(offers))
		}
	}
}
