package main

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// noon is when the sound books were kept.
func noon() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

// pays is a sale of ten yen and its payment.
func pays(n int, kind kaopass.MethodKind, status kaopass.PaymentStatus, back int64) (tillAnswer, *tillSale) {
	ref := fmt.Sprintf("sale-%d", n)
	a := tillAnswer{ID: kaopass.PaymentID(fmt.Sprintf("pay_%d", n)), Status: status, Captured: kaopass.Yen(10), Refunded: kaopass.Yen(back), OrderRef: ref}
	a.Method = &struct {
		Kind kaopass.MethodKind `json:"kind"`
	}{kind}
	return a, &tillSale{ref: ref, id: a.ID, last: a, over: true, calls: []*tillCall{{tillEntry{Verb: "confirm", Key: "key-" + ref}, []tillAnswer{a, a}}}}
}

// answered adds a call to a sale.
func (s *tillSale) answered(verb, body string, status kaopass.PaymentStatus, reason kaopass.Reason, refund kaopass.RefundID) {
	a := s.last
	a.Status, a.Reason, a.Refund = status, reason, refund
	s.calls = append(s.calls, &tillCall{tillEntry{Verb: verb, Key: fmt.Sprint("key-", s.ref, len(s.calls)), Body: body}, []tillAnswer{a}})
}

// soundBooks are of five sales in order: one from the wallet after a wrong code, one by card with two yen given back in
// two steps, one that was cancelled, one whose money the bank let go of, one whose refund came back; of a visitor who put money in, stopped payments for an hour and said that something
// was not them, of a payer who complained to the bank, and of a till that was locked and let go on.
func soundBooks() chaosBooks {
	first, one := pays(1, kaopass.EMoney, kaopass.Captured, 0)
	second, two := pays(2, kaopass.Card, kaopass.PartiallyRefunded, 2)
	third, three := pays(3, kaopass.Card, kaopass.Refunded, 10)
	one.answered("code", "{}", kaopass.AwaitingCode, kaopass.CodeWrong, "")
	two.answered("capture", "{}", kaopass.Captured, "", "")
	two.answered("refunds", `{"amount":{"value":1}}`, kaopass.PartiallyRefunded, "", "ref_1")
	two.answered("refunds", `{"amount":{"value":1}}`, kaopass.PartiallyRefunded, "", "ref_2")
	three.answered("cancel", "{}", kaopass.Refunded, "", "ref_3")
	fourth, four := pays(4, kaopass.Card, kaopass.Captured, 0)
	fifth, five := pays(5, kaopass.Card, kaopass.Refunded, 10)
	five.answered("refunds", `{"amount":{"value":10}}`, kaopass.Refunded, "", "ref_5")
	b := chaosBooks{sales: []*tillSale{one, two, three, four, five}, server: []tillAnswer{first, second, third, fourth, fifth},
		wallets: []walletSum{{who: "vis_1", before: 100, now: 591}, {who: "vis_2", before: 3, now: 0}},
		charges: []bookCharge{{id: "chg_2", payment: "pay_2", captured: 10, back: 2}, {id: "chg_3", payment: "pay_3", captured: 10, back: 10},
			{id: "chg_4", key: "key-4", captured: 501}, {id: "chg_6", payment: "pay_4", captured: 10},
			{id: "chg_7", payment: "pay_5", captured: 10, back: 10, bounced: 10}},
		steps: []companyStep{{"hold", "chg_2", "", 10}, {"capture", "chg_2", "", 10}, {"refund", "chg_2", "ref_1", 1}, {"refund", "chg_2", "ref_2", 1},
			{"hold", "chg_3", "", 10}, {"capture", "chg_3", "", 10}, {"refund", "chg_3", "ref_3", 10}, {"hold", "chg_4", "", 501}, {"capture", "chg_4", "", 501},
			{"hold", "chg_6", "", 10}, {"release", "chg_6", "", 0}, {"hold", "chg_7", "", 10}, {"capture", "chg_7", "", 10}, {"hold", "chg_5", "", 7}, {"release", "chg_5", "", 0}},
		lost: []bookCharge{{id: "chg_6", captured: 10}}, letGo: map[string]bool{"chg_6": true},
		dues:    []bookDue{{"ref_5", "chg_7", "refund_failed", 10}, {"ref_8", "", "wallet_gone", 3}},
		bounced: map[string]int64{"ref_5": 10}, settled: true,
		settle:   []difference{{Kind: kaopass.LossBorne, Charge: "chg_6"}, {Kind: kaopass.RefundIsOwed, Refund: "ref_5"}},
		cases:    []bookCase{{"dsp_1", "vis_1", "withdrawn"}},
		claims:   map[string]companyDispute{"dp_1": {"chg_2", "lost"}},
		disputes: []bookDispute{{"dp_1", "chg_2", "lost", 2}},
		visitors: []*visitor{{id: "vis_1", topUps: []*topUp{{key: "key-4", amount: 501, said: []string{topUpAdded, topUpAdded}},
			{key: "key-5", amount: 502, said: []string{topUpRefused}}},
			stops: []stop{{"freeze", noon(), noon().Add(time.Hour)}}, cases: []visitorCase{{"dsp_1", true}}}},
	}
	paid := loggedEvent{kind: kaopass.PaymentCaptured, visitor: "vis_1", device: "dev_1", subject: "pay_1", at: noon().Add(-time.Minute), amount: 10}
	wrong := paid
	wrong.kind, wrong.reason = kaopass.PaymentCoded, kaopass.CodeWrong
	b.log = []loggedEvent{wrong, paid, {kind: kaopass.WalletToppedUp, visitor: "vis_1", subject: "trf_1", at: noon().Add(-time.Second), amount: 501}}
	for n := range kaopass.CodeTillTries { // a thief's till; then staff let it go on
		b.log = append(b.log, loggedEvent{kind: kaopass.PaymentCoded, device: "dev_2", subject: fmt.Sprint("pay_of_a_thief_", n/2), at: noon(), reason: kaopass.CodeWrong})
	}
	b.log = append(b.log, loggedEvent{kind: kaopass.TillCleared, device: "dev_2", at: noon()},
		loggedEvent{kind: kaopass.PaymentCoded, device: "dev_2", subject: "pay_of_a_thief_99", at: noon(), reason: kaopass.CodeWrong})
	return b
}

// cooked are ways of cooking the books: what tills were told, and what the money did.
func cooked() map[string]func(*chaosBooks) {
	return map[string]func(*chaosBooks){
		"a payment lost":             func(b *chaosBooks) { b.server = b.server[1:] },
		"a payment twice":            func(b *chaosBooks) { p := b.server[0]; p.ID = "pay_9"; b.server = append(b.server, p) },
		"a payment of nobody":        func(b *chaosBooks) { b.sales = b.sales[1:] },
		"one payment, two sales":     func(b *chaosBooks) { b.sales[1].id = "pay_1" },
		"another status":             func(b *chaosBooks) { b.server[0].Status = kaopass.Refunded },
		"another sum":                func(b *chaosBooks) { b.server[0].Captured.Value++ },
		"a refund that is not known": func(b *chaosBooks) { b.server[1].Refunded.Value++ },
		"a payment that waits": func(b *chaosBooks) {
			b.server[0].Status, b.sales[0].last.Status = kaopass.Authorised, kaopass.Authorised
		},
		"a sale that waits":             func(b *chaosBooks) { b.sales[0].over = false },
		"a key with two outcomes":       func(b *chaosBooks) { b.sales[0].calls[0].said[1].Status = kaopass.Declined },
		"two refunds of one key":        func(b *chaosBooks) { c := b.sales[1].calls[2]; c.said = append(c.said, tillAnswer{Refund: "ref_9"}) },
		"two calls that are one refund": func(b *chaosBooks) { b.sales[1].calls[3].said[0].Refund = "ref_1" },
		"more said to be given back than was": func(b *chaosBooks) {
			b.sales[1].calls[2].Body = `{"amount":{"value":2}}`
		},
		"less said to be given back than was": func(b *chaosBooks) { b.sales[1].calls = b.sales[1].calls[:3] },
		"another part captured than was said": func(b *chaosBooks) { b.sales[1].calls[1].said[0].Captured.Value = 9 },
		"captured after it was voided": func(b *chaosBooks) {
			b.sales[0].answered("void", "{}", kaopass.Voided, "", "")
		},
		"something kept of what was cancelled": func(b *chaosBooks) { b.sales[0].answered("cancel", "{}", kaopass.Cancelled, "", "") },
		"a yen missing in a wallet":            func(b *chaosBooks) { b.wallets[0].now-- },
		"a yen owed to nobody":                 func(b *chaosBooks) { b.dues[1].amount++ },
		"cash handed out of no wallet":         func(b *chaosBooks) { b.cash++ },
		"a wallet below zero":                  func(b *chaosBooks) { b.wallets[0] = walletSum{before: -496, now: -5} },
		"money held for ever":                  func(b *chaosBooks) { b.wallets[0].held = 1 },
		"a charge of no book":                  func(b *chaosBooks) { b.steps = append(b.steps, companyStep{"capture", "chg_9", "", 10}) },
		"a refund that was never made":         func(b *chaosBooks) { b.steps[6].Amount = 0 },
		"a refund made twice":                  func(b *chaosBooks) { b.steps[3].Refund = "ref_1" },
		"a card held twice":                    func(b *chaosBooks) { b.steps = append([]companyStep{{"hold", "chg_2", "", 10}}, b.steps...) },
		"a card's hold for ever":               func(b *chaosBooks) { b.steps = b.steps[:len(b.steps)-1] },
		"a hold for ever in both books": func(b *chaosBooks) {
			b.steps, b.charges = b.steps[:len(b.steps)-1], append(b.charges, bookCharge{id: "chg_5", payment: "pay_9", held: true})
		},
		"two charges exchanged": func(b *chaosBooks) { b.charges[0].payment, b.charges[1].payment = "pay_3", "pay_2" },
		"two charges exchanged at the company": func(b *chaosBooks) {
			b.steps[2].ID, b.steps[6].ID = "chg_3", "chg_2"
		},
	}
}

// cookedToo are more: what visitors, payers and thieves were told, and what the audit and the settlement list.
func cookedToo() map[string]func(*chaosBooks) {
	return map[string]func(*chaosBooks){
		"a top-up that took no money":       func(b *chaosBooks) { b.charges[2].key = "key-9" },
		"a top-up charged twice":            func(b *chaosBooks) { b.charges = append(b.charges, b.charges[2]) },
		"a refused top-up that was charged": func(b *chaosBooks) { b.charges[2].key = "key-5" },
		"a top-up of two outcomes":          func(b *chaosBooks) { b.visitors[0].topUps[0].said[1] = topUpRefused },
		"somebody signed out":               func(b *chaosBooks) { b.visitors[0].topUps[1].said[0] = topUpAway },
		"a top-up charged, and its owner gone": func(b *chaosBooks) {
			b.charges[2].key, b.visitors[0].topUps[1].said[0], b.visitors[0].leaves = "key-5", topUpAway, "delete"
		},
		"a top-up in nobody's history":     func(b *chaosBooks) { b.log[2].amount = 500 },
		"paid after payments were stopped": func(b *chaosBooks) { b.log[1].at = noon().Add(time.Minute) },
		"held after payments were stopped": func(b *chaosBooks) {
			b.log[1].kind, b.log[1].at = kaopass.PaymentAuthorised, noon().Add(time.Minute)
		},
		"put in after payments were stopped": func(b *chaosBooks) { b.log[2].at = noon().Add(time.Minute) },
		"paid after somebody has left": func(b *chaosBooks) {
			b.visitors[0].stops[0].until = time.Time{}
			b.log[1].at = noon().Add(24 * time.Hour)
		},
		"a case lost":                     func(b *chaosBooks) { b.cases = nil },
		"a case of somebody else's":       func(b *chaosBooks) { b.cases[0].visitor = "vis_2" },
		"a case that was taken back":      func(b *chaosBooks) { b.cases[0].state = "open" },
		"a complaint lost":                func(b *chaosBooks) { b.disputes = nil },
		"a complaint that ended better":   func(b *chaosBooks) { b.disputes[0].ended = "won" },
		"a complaint noted twice":         func(b *chaosBooks) { b.disputes[0].events = 3 },
		"a wrong code lost":               func(b *chaosBooks) { b.log = b.log[1:] },
		"a wrong code counted twice":      func(b *chaosBooks) { b.log = append(b.log, b.log[0]) },
		"a fourth try":                    func(b *chaosBooks) { b.tries(3, kaopass.AwaitingCode) },
		"over after the first try":        func(b *chaosBooks) { b.tries(0, kaopass.Refused) },
		"a till that takes any number":    func(b *chaosBooks) { b.log[len(b.log)-2].kind = kaopass.PaymentCreated },
		"a breach of the ledger":          func(b *chaosBooks) { b.audit = []string{"the sum is 1"} },
		"a difference in the settlement":  func(b *chaosBooks) { b.settle = append(b.settle, difference{Kind: kaopass.NotInLedger}) },
		"a difference that is not listed": func(b *chaosBooks) { b.settle = b.settle[:1] },
		"another that is not listed":      func(b *chaosBooks) { b.settle = b.settle[1:] },
		"a charge let go of for nothing":  func(b *chaosBooks) { b.letGo = nil },
		"a charge that was to be had":     func(b *chaosBooks) { b.lost = nil },
		"a refund that came back, unsaid": func(b *chaosBooks) { b.dues = b.dues[1:] },
		"a refund owed that arrived":      func(b *chaosBooks) { b.bounced = nil },
		"a refund owed twice":             func(b *chaosBooks) { b.dues = append(b.dues, b.dues[0]) },
	}
}

// tries adds so many wrong codes to the first sale, which is in the end of a status.
func (b *chaosBooks) tries(n int, then kaopass.PaymentStatus) {
	for range n {
		b.sales[0].answered("code", "{}", kaopass.AwaitingCode, kaopass.CodeWrong, "")
		b.log = append(b.log, b.log[0])
	}
	calls := b.sales[0].calls
	calls[len(calls)-1].said[0].Status = then
}

// The checker of the chaos run can fail: each way of cooking the books is one complaint or more.
func TestTheChaosCheckerComplains(t *testing.T) {
	if found := soundBooks().complaints(); len(found) != 0 {
		t.Fatal(found)
	}
	all := cooked()
	maps.Copy(all, cookedToo())
	for what, cook := range all {
		b := soundBooks()
		cook(&b)
		if len(b.complaints()) == 0 {
			t.Errorf("%s: no complaint", what)
		}
	}
	t.Logf("%d ways of cooking the books, each a complaint", len(all))
}
