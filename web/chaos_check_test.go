package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// complaints lists whatever does not hold: each acknowledged payment is there exactly once and as its till has it, no key
// has two outcomes, nothing waits for ever, the card company agrees charge by charge, nothing was paid after it was said
// that nothing would be, and no yen came or went.
func (b chaosBooks) complaints() (all []string) {
	all = append(slices.Clone(b.audit), b.payments()...)
	all = append(all, b.sums()...)
	all = append(all, b.companys()...)
	all = append(all, b.didNotArrive()...)
	all = append(all, b.differences()...)
	all = append(all, b.complained()...)
	all = append(all, b.codes()...)
	for _, v := range b.visitors {
		all = append(all, b.toppedUp(v)...)
		all = append(all, b.stopped(v)...)
		all = append(all, b.opened(v)...)
	}
	return all
}

// waits reports whether a payment's time is not over yet.
func (b chaosBooks) waits() bool {
	return slices.ContainsFunc(b.server, func(p tillAnswer) bool { return !final(p.Status) })
}

// sayings collects complaints.
type sayings []string

func (s *sayings) say(format string, args ...any) { *s = append(*s, fmt.Sprintf(format, args...)) }

// payments holds the tills' journals against the server's payments.
func (b chaosBooks) payments() (all sayings) {
	byID, byRef := map[kaopass.PaymentID]tillAnswer{}, map[string]kaopass.PaymentID{}
	for _, p := range b.server {
		if other, twice := byRef[p.OrderRef]; twice {
			all.say("sale %s is two payments: %s and %s", p.OrderRef, other, p.ID)
		}
		byID[p.ID], byRef[p.OrderRef] = p, p.ID
		if !final(p.Status) {
			all.say("payment %s still is %s", p.ID, p.Status)
		}
	}
	told := map[kaopass.PaymentID]string{}
	for _, s := range b.sales {
		if other, twice := told[s.id]; twice && s.id != "" {
			all.say("payment %s is of two sales: %s and %s", s.id, other, s.ref)
		}
		told[s.id] = s.ref
		all = append(all, s.complaints(byID)...)
		all = append(all, b.moved(s, byID[s.id])...)
	}
	for _, p := range b.server {
		if _, known := told[p.ID]; !known {
			all.say("payment %s is of no sale that a till knows", p.ID)
		}
	}
	return all
}

// complaints compares a sale with what the server says of its payment.
func (s *tillSale) complaints(server map[kaopass.PaymentID]tillAnswer) (all sayings) {
	for _, call := range s.calls {
		for _, a := range call.said {
			if first := call.said[0]; a.ID != first.ID || a.Status != first.Status || a.Reason != first.Reason || a.Captured != first.Captured ||
				a.Refunded != first.Refunded || a.Refund != first.Refund {
				all.say("sale %s: key %s was answered %+v and %+v", s.ref, call.Key, first, a)
			}
		}
	}
	p, there := server[s.id]
	switch {
	case !s.over:
		all.say("sale %s: the till has not finished it", s.ref)
	case s.id != "" && !there:
		all.say("sale %s: payment %s was acknowledged, and is not there", s.ref, s.id)
	case p.Status != s.last.Status || p.Captured != s.last.Captured || p.Refunded != s.last.Refunded:
		all.say("sale %s: the till has %s %d %d, the server %s %d %d", s.ref, s.last.Status, s.last.Captured.Value, s.last.Refunded.Value,
			p.Status, p.Captured.Value, p.Refunded.Value)
	}
	return all
}

// moved holds what a till was told that moved against what did: each refund once, a part captured as it was asked for, and
// nothing kept of what was cancelled.
func (b chaosBooks) moved(s *tillSale, p tillAnswer) (all sayings) {
	back, whole, refunds := int64(0), b.given(p.ID), map[kaopass.RefundID]bool{}
	for _, call := range s.calls {
		if len(call.said) == 0 {
			continue
		}
		a := call.said[0]
		switch {
		case call.Verb == "cancel" && (p.Captured != p.Refunded || !final(p.Status)):
			all.say("sale %s was cancelled, and is %s with %d less %d", s.ref, p.Status, p.Captured.Value, p.Refunded.Value)
		case call.Verb == "cancel":
			whole = true
		case call.Verb == "void" && p.Captured.Value != 0:
			all.say("sale %s was voided, and captured", s.ref)
		case call.Verb == "capture" && a.Captured != p.Captured:
			all.say("sale %s: captured %d, and then %d", s.ref, a.Captured.Value, p.Captured.Value)
		case call.Verb == "refunds" && refunds[a.Refund]:
			all.say("sale %s: two calls are one refund, %s", s.ref, a.Refund)
		case call.Verb == "refunds":
			back += call.yen()
			refunds[a.Refund] = true
		}
	}
	if back > p.Refunded.Value || back < p.Refunded.Value && !whole {
		all.say("sale %s: %d were said to be given back, and %d were", s.ref, back, p.Refunded.Value)
	}
	return all
}

// given reports whether staff gave the payment back.
func (b chaosBooks) given(id kaopass.PaymentID) bool {
	return slices.ContainsFunc(b.log, func(e loggedEvent) bool { return e.kind == kaopass.PaymentRefunded && e.subject == string(id) })
}

// yen is the amount that a call named.
func (c *tillCall) yen() int64 {
	var asked struct{ Amount kaopass.Money }
	_ = json.Unmarshal([]byte(c.Body), &asked) // "{}" names none
	return asked.Amount.Value
}

// sums holds the server's payments against the wallets.
func (b chaosBooks) sums() (all sayings) {
	var kept, spent, added, owed int64
	for _, d := range b.dues {
		if d.why == string(kaopass.WalletGone) {
			owed += d.amount
		}
	}
	for _, p := range b.server {
		if p.Method != nil && p.Method.Kind == kaopass.EMoney {
			kept += p.Captured.Value - p.Refunded.Value
		}
	}
	for _, c := range b.charges {
		if c.payment == "" {
			added += c.captured - c.back
		}
	}
	for _, w := range b.wallets {
		if spent += w.before - w.now; w.now < 0 || w.held != 0 {
			all.say("the wallet of %s has %d, and %d held", w.who, w.now, w.held)
		}
	}
	if spent+added != kept+owed+b.cash {
		all.say("the wallets have %d less, %d were put in, %d are owed, %d handed out, and the payments took %d", spent, added, owed, b.cash, kept)
	}
	return all
}

// atCompany is a charge as the card company has it.
type atCompany struct {
	took, back       int64
	holds            int
	held             bool
	captures, twices int
}

func (b chaosBooks) atCompany() map[string]*atCompany {
	found, refunds := map[string]*atCompany{}, map[string]bool{}
	for _, s := range b.steps {
		c := found[s.ID]
		if c == nil {
			c = &atCompany{}
			found[s.ID] = c
		}
		switch s.Op {
		case "hold":
			c.holds, c.held = c.holds+1, true
		case "capture":
			c.captures, c.took, c.held = c.captures+1, c.took+s.Amount, false
		case "refund":
			if c.back += s.Amount; refunds[s.Refund] {
				c.twices++
			}
			refunds[s.Refund] = true
		default:
			c.held = false
		}
	}
	return found
}

// companys holds our charges against the card company's, each to the yen, and the payments against our charges.
func (b chaosBooks) companys() (all sayings) {
	theirs, paid := b.atCompany(), map[string]int64{}
	for _, c := range b.charges {
		paid[c.payment] += c.captured - c.back
		t := theirs[c.id]
		if delete(theirs, c.id); t == nil {
			t = &atCompany{}
		}
		took, back := c.captured-b.uncollected(c.id), c.back-c.bounced
		if took < c.captured {
			back = 0 // nobody is asked to give back what was never taken
		}
		if t.took != took || t.back != back || t.held != c.held {
			all.say("%s: our book has %d, %d back, held %t; the company %d, %d back, held %t", c.id, c.captured, c.back, c.held, t.took, t.back, t.held)
		}
		if c.held || t.holds > 1 || t.captures > 1 || t.twices > 0 {
			all.say("%s: held %d times and still: %t; captured %d times; %d refunds twice", c.id, t.holds, c.held, t.captures, t.twices)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(theirs)) {
		if t := theirs[id]; t.took != t.back || t.held {
			all.say("the company has %d of %s, which is in no book of ours", t.took-t.back, id)
		}
	}
	for _, p := range b.server {
		if kept := p.Captured.Value - p.Refunded.Value; p.Method != nil && p.Method.Kind == kaopass.Card && kept != paid[string(p.ID)] {
			all.say("payment %s took %d by card, its charge %d", p.ID, kept, paid[string(p.ID)])
		}
	}
	return all
}

// uncollected is how much of a charge will never be had.
func (b chaosBooks) uncollected(charge string) (sum int64) {
	for _, l := range b.lost {
		if l.id == charge {
			sum += l.captured
		}
	}
	return sum
}

// didNotArrive holds what the company let go of and sent back against what our book says of it: each once, and nothing else.
func (b chaosBooks) didNotArrive() (all sayings) {
	for _, l := range b.lost {
		if !b.letGo[l.id] {
			all.say("%s is not to be had, says our book, and the company has not let go of it", l.id)
		}
	}
	owed := map[string]int64{}
	for _, d := range b.dues {
		if d.why != string(kaopass.WalletGone) {
			owed[d.refund] += d.amount
		}
	}
	for _, refund := range slices.Sorted(maps.Keys(b.bounced)) {
		if owed[refund] != b.bounced[refund] {
			all.say("the refund %s of %d came back, and %d are owed", refund, b.bounced[refund], owed[refund])
		}
		delete(owed, refund)
	}
	for _, refund := range slices.Sorted(maps.Keys(owed)) {
		all.say("%d are owed for the refund %s, which arrived", owed[refund], refund)
	}
	return all
}

// differences holds what `kaopass settle` lists against what it has to list: what will never be had, and what is owed.
func (b chaosBooks) differences() (all sayings) {
	listed := map[string]bool{}
	for _, d := range b.settle {
		switch {
		case d.Kind.Settled() && b.uncollected(d.Charge) > 0:
			listed[d.Charge] = true
		case d.Kind == kaopass.RefundIsOwed && slices.ContainsFunc(b.dues, func(due bookDue) bool { return due.refund == d.Refund }):
			listed[d.Refund] = true
		default:
			all.say("kaopass settle: %+v", d)
		}
	}
	for _, l := range b.lost {
		if b.settled && !listed[l.id] {
			all.say("kaopass settle says nothing of %s, which is not to be had", l.id)
		}
	}
	for _, d := range b.dues {
		if b.settled && d.charge != "" && !listed[d.refund] {
			all.say("kaopass settle says nothing of the refund %s, which is owed", d.refund)
		}
	}
	return all
}

// complained holds the payers' complaints that the company told of against those that staff see: once each, and ended.
func (b chaosBooks) complained() (all sayings) {
	of, there := map[string]int{}, map[string]bookDispute{}
	for _, d := range b.disputes {
		there[d.id] = d
		of[d.charge]++
	}
	for id, told := range b.claims {
		if d := there[id]; d.charge != told.charge || d.ended != told.ended {
			all.say("the complaint %s of %s (%s) is here as %+v", id, told.charge, told.ended, d)
		}
	}
	for _, d := range b.disputes {
		if d.events != 2*of[d.charge] {
			all.say("%d complaints of %s are %d lines of the log", of[d.charge], d.charge, d.events)
		}
	}
	return all
}

// codes holds the wrong codes that tills were told of against those that were counted: none is lost, so that the third of a
// payment ends it, and no till takes more than its measure.
func (b chaosBooks) codes() (all sayings) {
	counted := map[string]int{}
	for _, e := range b.log {
		if e.reason == kaopass.CodeWrong {
			counted[e.subject]++
		}
	}
	for _, s := range b.sales {
		told, unsure := 0, 0
		for _, call := range s.calls {
			switch {
			case call.Verb != "code":
			case len(call.said) == 0:
				unsure++ // the till gave up, or the payment had ended
			case call.said[0].Reason == kaopass.CodeWrong:
				told++
				if over := call.said[0].Status == kaopass.Refused; told+unsure < kaopass.CodeTries && over || told >= kaopass.CodeTries && !over {
					all.say("sale %s: after %d wrong codes it is %s", s.ref, told, call.said[0].Status)
				}
			}
		}
		if n := counted[string(s.id)]; n < told || n > told+unsure || n > kaopass.CodeTries {
			all.say("sale %s: %d wrong codes were told of, and %d were counted", s.ref, told, n)
		}
	}
	return append(all, b.tillsLocked()...)
}

// tillsLocked counts what each till was let try between two lines of the log that say that staff let it go on.
func (b chaosBooks) tillsLocked() (all sayings) {
	tried := map[kaopass.DeviceID][]time.Time{}
	for _, e := range b.log {
		switch {
		case e.kind == kaopass.TillCleared:
			tried[e.device] = nil
		case e.reason == kaopass.CodeWrong:
			lately := append(tried[e.device], e.at)
			for e.at.Sub(lately[0]) > kaopass.CodeTillWithin {
				lately = lately[1:]
			}
			if tried[e.device] = lately; len(lately) > kaopass.CodeTillTries {
				all.say("till %s took %d wrong codes within %v", e.device, len(lately), kaopass.CodeTillWithin)
			}
		}
	}
	return all
}

// toppedUp holds what a visitor was told of their top-ups against our book: one outcome a key, and one charge, or none.
func (b chaosBooks) toppedUp(v *visitor) (all sayings) {
	for _, t := range v.topUps {
		var charges, took int64
		for _, c := range b.charges {
			if c.key == t.key && c.captured > 0 {
				charges, took = charges+1, took+c.captured
			}
		}
		logged := 0
		for _, e := range b.log {
			if e.kind == kaopass.WalletToppedUp && e.visitor == v.id && e.amount == t.amount {
				logged++
			}
		}
		for _, how := range t.said {
			added := how == topUpAdded
			switch {
			case how != t.said[0]:
				all.say("the top-up of %d was answered %s and %s", t.amount, t.said[0], how)
			case how == topUpAway && v.leaves != "delete":
				all.say("%s was signed out", v.id)
			case added && (charges != 1 || took != t.amount || logged != 1), !added && (charges != 0 || logged != 0):
				all.say("the top-up of %d was %s: %d charges took %d, %d lines of the log", t.amount, how, charges, took, logged)
			}
		}
	}
	return all
}

// stopped finds what was paid, or put in, between the answer that payments were stopped and the question to allow them.
func (b chaosBooks) stopped(v *visitor) (all sayings) {
	authorised := map[string]bool{}
	for _, e := range b.log {
		pays := e.kind == kaopass.PaymentAuthorised || e.kind == kaopass.WalletToppedUp || e.kind == kaopass.PaymentCaptured && !authorised[e.subject]
		if e.kind == kaopass.PaymentAuthorised {
			authorised[e.subject] = true
		}
		for _, s := range v.stops {
			if pays && e.visitor == v.id && e.at.After(s.from) && (s.until.IsZero() || e.at.Before(s.until)) {
				all.say("%s: %s of %s %v after the answer to %s", v.id, e.kind, e.subject, e.at.Sub(s.from), s.how)
			}
		}
	}
	return all
}

// opened looks for each case that a visitor was told of.
func (b chaosBooks) opened(v *visitor) (all sayings) {
	for _, told := range v.cases {
		n, state := 0, ""
		for _, c := range b.cases {
			if c.id == told.id && c.visitor == string(v.id) {
				n, state = n+1, c.state
			}
		}
		if n != 1 || told.recalled && state != string(kaopass.DisputeRecall) && state != string(kaopass.DisputeForgets) {
			all.say("the case %s of %s is there %d times, %s; taken back: %t", told.id, v.id, n, state, told.recalled)
		}
	}
	return all
}
