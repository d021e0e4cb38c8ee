package main

import (
	"fmt"
	"testing"

	"github.com/kaopass/kaopass"
)

// chaosBooks is all that is known after a run: what the tills say, what the server says, what the card company did.
type chaosBooks struct {
	sales   []*tillSale
	server  []tillAnswer // every payment, as its till is told
	company []companyStep
	wallets []walletSum
	audit   []string // breaches that `kaopass audit ledger` names
}

// companyStep is a line of the card sandbox's journal.
type companyStep struct {
	Op     string
	ID     string
	Refund string
	Amount int64
}

// walletSum is what the visitors had before, and have now.
type walletSum struct{ before, now, held int64 }

// complaints lists whatever does not hold: each acknowledged payment is there exactly once and as its till has it, no key
// has two outcomes, nothing waits for ever, the card company agrees, and no yen came or went.
func (b chaosBooks) complaints() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	all = append(all, b.audit...)
	byID, byRef := map[kaopass.PaymentID]tillAnswer{}, map[string]kaopass.PaymentID{}
	for _, p := range b.server {
		if other, twice := byRef[p.OrderRef]; twice {
			say("sale %s is two payments: %s and %s", p.OrderRef, other, p.ID)
		}
		byID[p.ID], byRef[p.OrderRef] = p, p.ID
		if !final(p.Status) {
			say("payment %s still is %s", p.ID, p.Status)
		}
	}
	told := map[kaopass.PaymentID]string{}
	for _, s := range b.sales {
		if other, twice := told[s.id]; twice && s.id != "" {
			say("payment %s is of two sales: %s and %s", s.id, other, s.ref)
		}
		told[s.id] = s.ref
		all = append(all, s.complaints(byID)...)
	}
	for _, p := range b.server {
		if _, known := told[p.ID]; !known {
			say("payment %s is of no sale that a till knows", p.ID)
		}
	}
	return append(all, b.sums()...)
}

// complaints compares a sale with what the server says of its payment.
func (s *tillSale) complaints(server map[kaopass.PaymentID]tillAnswer) (all []string) {
	say := func(format string, args ...any) {
		all = append(all, fmt.Sprintf("sale %s: ", s.ref)+fmt.Sprintf(format, args...))
	}
	for key, answers := range s.seen {
		for _, a := range answers[1:] {
			if first := answers[0]; a.ID != first.ID || a.Status != first.Status || a.Reason != first.Reason || a.Captured != first.Captured ||
				a.Refunded != first.Refunded || a.Refund != first.Refund {
				say("key %s was answered %+v and %+v", key, first, a)
			}
		}
	}
	p, there := server[s.id]
	switch {
	case !s.over:
		say("the till has not finished it")
	case s.id != "" && !there:
		say("payment %s was acknowledged, and is not there", s.id)
	case p.Status != s.last.Status || p.Captured != s.last.Captured || p.Refunded != s.last.Refunded:
		say("the till has %s %d %d, the server %s %d %d", s.last.Status, s.last.Captured.Value, s.last.Refunded.Value, p.Status, p.Captured.Value, p.Refunded.Value)
	}
	return all
}

// sums holds the server's payments against the wallets and the card company.
func (b chaosBooks) sums() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	kept := map[kaopass.MethodKind]int64{}
	for _, p := range b.server {
		if p.Method != nil {
			kept[p.Method.Kind] += p.Captured.Value - p.Refunded.Value
		}
	}
	var spent int64
	for _, w := range b.wallets {
		if spent += w.before - w.now; w.now < 0 || w.held != 0 {
			say("a wallet has %d, and %d held", w.now, w.held)
		}
	}
	if spent != kept[kaopass.EMoney] {
		say("the wallets have %d less, and the payments took %d", spent, kept[kaopass.EMoney])
	}
	took, held := companyTook(b.company)
	if took != kept[kaopass.Card] {
		say("the card company took %d, and the payments %d", took, kept[kaopass.Card])
	}
	for id := range held {
		say("the card company still holds %s", id)
	}
	return all
}

// companyTook is what the company has taken and not given back, and what it holds still.
func companyTook(steps []companyStep) (took int64, held map[string]bool) {
	held = map[string]bool{}
	for _, s := range steps {
		switch s.Op {
		case "hold":
			held[s.ID] = true
		case "capture":
			took += s.Amount
			delete(held, s.ID)
		case "refund":
			took -= s.Amount
		default:
			delete(held, s.ID)
		}
	}
	return took, held
}

// soundBooks are of two sales in order: one from the wallet, one by card with a yen given back.
func soundBooks() chaosBooks {
	pays := func(id kaopass.PaymentID, ref string, kind kaopass.MethodKind, status kaopass.PaymentStatus, back int64) (tillAnswer, *tillSale) {
		a := tillAnswer{ID: id, Status: status, Captured: kaopass.Yen(10), Refunded: kaopass.Yen(back), OrderRef: ref}
		a.Method = &struct {
			Kind kaopass.MethodKind `json:"kind"`
		}{kind}
		return a, &tillSale{ref: ref, id: id, last: a, over: true, seen: map[string][]tillAnswer{"key-" + ref: {a, a}}}
	}
	first, one := pays("pay_1", "sale-1", kaopass.EMoney, kaopass.Captured, 0)
	second, two := pays("pay_2", "sale-2", kaopass.Card, kaopass.PartiallyRefunded, 1)
	return chaosBooks{sales: []*tillSale{one, two}, server: []tillAnswer{first, second}, wallets: []walletSum{{before: 100, now: 90}},
		company: []companyStep{{"hold", "chg_2", "", 10}, {"capture", "chg_2", "", 10}, {"refund", "chg_2", "ref_1", 1}}}
}

// The checker of the chaos run can fail: each way of cooking the books is one complaint or more.
func TestTheChaosCheckerComplains(t *testing.T) {
	if all := soundBooks().complaints(); len(all) != 0 {
		t.Fatal(all)
	}
	for what, cook := range map[string]func(*chaosBooks){
		"a payment lost":             func(b *chaosBooks) { b.server = b.server[1:] },
		"a payment twice":            func(b *chaosBooks) { p := b.server[0]; p.ID = "pay_3"; b.server = append(b.server, p) },
		"a payment of nobody":        func(b *chaosBooks) { b.sales = b.sales[1:] },
		"one payment, two sales":     func(b *chaosBooks) { b.sales[1].id = "pay_1" },
		"another status":             func(b *chaosBooks) { b.server[0].Status = kaopass.Refunded },
		"another sum":                func(b *chaosBooks) { b.server[0].Captured.Value++ },
		"a refund that is not known": func(b *chaosBooks) { b.server[1].Refunded.Value++ },
		"a payment that waits": func(b *chaosBooks) {
			b.server[0].Status = kaopass.Authorised
			b.sales[0].last.Status = kaopass.Authorised
		},
		"a sale that waits":            func(b *chaosBooks) { b.sales[0].over = false },
		"a key with two outcomes":      func(b *chaosBooks) { b.sales[0].seen["key-sale-1"][1].Status = kaopass.Declined },
		"two refunds of one key":       func(b *chaosBooks) { b.sales[1].seen["key-sale-2"][1].Refund = "ref_2" },
		"a yen missing in a wallet":    func(b *chaosBooks) { b.wallets[0].now-- },
		"a wallet below zero":          func(b *chaosBooks) { b.wallets[0] = walletSum{before: 5, now: -5} },
		"money held for ever":          func(b *chaosBooks) { b.wallets[0].held = 1 },
		"a card charged twice":         func(b *chaosBooks) { b.company = append(b.company, companyStep{"capture", "chg_3", "", 10}) },
		"a refund that was never made": func(b *chaosBooks) { b.company = b.company[:2] },
		"a card's hold for ever":       func(b *chaosBooks) { b.company = append(b.company, companyStep{"hold", "chg_3", "", 10}) },
		"a breach of the ledger":       func(b *chaosBooks) { b.audit = []string{"the sum is 1"} },
	} {
		b := soundBooks()
		cook(&b)
		if len(b.complaints()) == 0 {
			t.Errorf("%s: no complaint", what)
		}
	}
}
