package db

import (
	"maps"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// The oracle is the venue's money as plain Go: no lock, no SQL, one step after the other. What callers were answered at
// once is right if the oracle can answer the same in some order.

// oracle is a venue at one moment. The tables are small, and copied for each order that is tried.
type oracle struct {
	at       time.Time
	payers   []oPayer
	payments []oPayment // by slot
	charges  []oCharge
	kept     map[int]oKept // by key
	misses   []oMiss       // wrong codes at tills
	cleared  [tillsEach]time.Time
	limits   kaopass.Limits // the venue's
	cases    []oCase        // in the order in which they were opened
}

type oPayer struct {
	balance, held     int64
	withdrawn, erased bool
	frozen            Frozen
	coded             time.Time       // when the code was drawn
	cards             [cardsEach]bool // still there
	own               kaopass.OwnLimit
	minor             bool
	allowed           kaopass.Allowance
}

// oCase is "that wasn't me" about a payment.
type oCase struct {
	slot, payer int
	state       kaopass.DisputeState
}

type oPayment struct {
	kaopass.Payment
	opened       bool
	at           int // the till
	payer        int // nobody: noOne
	faces, codes int
	list         []int // who may enter a code
	charge       int   // the card charge under way or taken; noOne
	byCard       bool
}

type oCharge struct {
	by                  *call // who asked
	payment, payer, key int   // payment noOne: a top-up
	body                int   // of the key
	amount              int64
	open                bool // its outcome is unknown
	held                bool // the card company has it
	asked               time.Time
}

type oKept struct {
	at   time.Time
	body int
	was  result
}

type oMiss struct {
	till int
	at   time.Time
}

const noOne = -1

func (w oracle) clone() oracle {
	w.payers, w.payments, w.charges = slices.Clone(w.payers), slices.Clone(w.payments), slices.Clone(w.charges)
	w.kept, w.misses, w.cases = maps.Clone(w.kept), slices.Clone(w.misses), slices.Clone(w.cases)
	return w
}

// result is all of an answer that a caller may rely on.
type result struct {
	Status                         kaopass.PaymentStatus
	Reason                         kaopass.Reason
	Authorised, Captured, Refunded int64
	Retry                          bool
	Did                            string
	Fault                          string // the class of an error; nothing happened
}

// The classes of faults.
const (
	inFlight = "in flight"
	badSum   = "amount"
	notFound = "not found"
	reused   = "key reused"
	noAnswer = "no answer" // the caller left, or the program died: it may have happened or not
)

func (p oPayment) answer() result {
	return result{Status: p.Status, Reason: p.Reason, Authorised: p.Authorised.Value, Captured: p.Captured.Value,
		Refunded: p.Refunded.Value, Retry: p.Retry}
}

func (p *oPayment) end(status kaopass.PaymentStatus, reason kaopass.Reason) result {
	p.Status, p.Reason, p.Retry, p.list = status, reason, false, nil
	return p.answer()
}

// step is one transaction of a call: what it answers, and whether another one follows, about which charge.
func (w *oracle) step(c *call, charge int) (got result, next int) {
	switch {
	case charge != noOne && w.charges[charge].by == c:
		return w.settle(charge, c.fate.answer()), noOne
	case charge != noOne:
		got = w.settle(charge, w.asked(charge))
		if _, kept := w.kept[c.key]; c.key != 0 && !kept {
			w.kept[c.key] = oKept{w.at, c.body, got}
		}
		return got, noOne
	}
	if k, found := w.kept[c.key]; found && w.at.Sub(k.at) < kaopass.KeyKept {
		if k.body != c.body {
			return result{Fault: reused}, noOne
		}
		return k.was, noOne
	}
	got, next, done := w.first(c)
	if done && got.Fault == "" && c.key != 0 {
		w.kept[c.key] = oKept{w.at, c.body, got}
	}
	return got, next
}

// first is a call's first transaction.
func (w *oracle) first(c *call) (got result, next int, done bool) {
	switch c.verb {
	case "create":
		w.payments[c.slot] = oPayment{opened: true, at: c.till, payer: noOne, charge: noOne, Payment: kaopass.Payment{
			Status: kaopass.AwaitingFace, Amount: kaopass.Yen(c.yen), Manual: c.manual, Created: w.at, Expires: kaopass.PaymentUntil(w.at)}}
		return w.payments[c.slot].answer(), noOne, true
	case "over":
		w.expire(c.slot)
		return result{}, noOne, true
	case "came of it":
		return w.settle(c.slot, w.asked(c.slot)), noOne, true
	case "limits", "clear", "case refund", "case reject":
		return w.staffVerb(c), noOne, true
	case "top up", "desk", "withdraw", "erase", "remove":
		return w.visitorVerb(c)
	case "freeze", "thaw", "recode", "dispute", "case recall", "sign", "allow", "grow up", "own":
		return w.carefulVerb(c), noOne, true
	}
	p := &w.payments[c.slot]
	if !p.opened || p.at != c.till {
		return result{Fault: notFound}, noOne, false
	}
	asked := p.charge != noOne && w.charges[p.charge].open
	if p.Open() && !w.at.Before(p.Expires) && !asked {
		w.expire(c.slot)
		got = p.answer()
		if c.verb == string(kaopass.Cancel) {
			got.Did = kaopass.DidNothing
		}
		return got, noOne, true
	}
	if c.verb == string(kaopass.Confirm) && asked {
		if w.at.Sub(w.charges[p.charge].asked) < chargeFresh {
			return result{Fault: inFlight}, noOne, false
		}
		return p.answer(), p.charge, false
	}
	if !p.May(kaopass.PaymentVerb(c.verb)) {
		return result{Fault: string(p.Status)}, noOne, false
	}
	got, next = w.paymentVerb(p, c)
	return got, next, next == noOne
}

func (w *oracle) paymentVerb(p *oPayment, c *call) (got result, next int) {
	switch kaopass.PaymentVerb(c.verb) {
	case kaopass.ShowFace:
		return w.face(p, c), noOne
	case kaopass.EnterCode:
		return w.code(p, c), noOne
	case kaopass.Confirm:
		return w.confirm(p, c)
	case kaopass.Capture:
		if !w.at.Before(p.Expires) {
			w.unhold(p, 0)
			return p.end(kaopass.Expired, kaopass.PaymentExpired), noOne
		}
		take, _, ok := p.CaptureOf(kaopass.Yen(c.yen))
		if !ok {
			return result{Fault: badSum}, noOne
		}
		w.unhold(p, take.Value)
		p.Captured = take
		return p.end(kaopass.Captured, ""), noOne
	case kaopass.Void:
		w.unhold(p, 0)
		return p.end(kaopass.Voided, ""), noOne
	case kaopass.Refund:
		return w.refund(p, c.yen), noOne
	}
	did, then := p.CancelOf()
	switch {
	case did == kaopass.DidRelease:
		w.unhold(p, 0)
		got = p.end(then, kaopass.PaymentCancelled)
	case did == kaopass.DidRefund:
		got = w.refund(p, 0)
	case then == p.Status:
		got = p.answer()
	default:
		got = p.end(then, kaopass.PaymentCancelled)
	}
	got.Did = did
	return got, noOne
}

// asked is what a card company says that is asked what came of a charge.
func (w *oracle) asked(charge int) CardAnswer {
	if w.charges[charge].held {
		return CardApproved
	}
	return CardRefused
}

// expire is what time alone does to a payment.
func (w *oracle) expire(slot int) {
	p := &w.payments[slot]
	asked := p.charge != noOne && w.charges[p.charge].open
	switch {
	case !p.opened || w.at.Before(p.Expires) || asked:
	case p.Status == kaopass.Authorised:
		w.unhold(p, 0)
		p.end(kaopass.Expired, kaopass.PaymentExpired)
	case p.Status == kaopass.Refused:
		p.Retry = false
	case p.Open():
		p.end(kaopass.Expired, kaopass.PaymentExpired)
	}
}

// unhold ends an authorisation; so much of it is taken.
func (w *oracle) unhold(p *oPayment, take int64) {
	if !p.byCard {
		w.payers[p.payer].held -= p.Authorised.Value
		w.payers[p.payer].balance -= take
	}
}

func (w *oracle) refund(p *oPayment, yen int64) result {
	back, then, ok := p.RefundOf(kaopass.Yen(yen))
	if !ok {
		return result{Fault: badSum}
	}
	p.Refunded.Value += back.Value
	p.Refunded.Currency, p.Status = kaopass.JPY, then
	if !p.byCard && !w.payers[p.payer].erased { // else it is owed
		w.payers[p.payer].balance += back.Value
	}
	return p.answer()
}

// rules is what the till's rules look at in a payer.
func (w *oracle) rules(payer int) kaopass.Payer {
	m := w.payers[payer]
	out := kaopass.Payer{Consent: kaopass.Consent{Purpose: kaopass.ForPayment, SignedAt: opening}, Frozen: m.frozen.By != "",
		Own: m.own.At(w.at), Minor: m.minor, Allowance: m.allowed, Limits: w.limits}
	if m.withdrawn {
		out.Consent.WithdrawnAt = w.at
	}
	for _, p := range w.payments {
		paid := slices.Contains([]kaopass.PaymentStatus{kaopass.Authorised, kaopass.Captured, kaopass.PartiallyRefunded, kaopass.Refunded}, p.Status)
		if p.payer != payer || !paid {
			continue
		}
		yen := p.Captured.Value - p.Refunded.Value
		if p.Status == kaopass.Authorised {
			yen = p.Authorised.Value
		}
		w.spent(&out, p.Created, yen)
	}
	for _, c := range w.charges {
		if c.payer == payer && c.open && c.payment != noOne {
			w.spent(&out, w.at, c.amount)
		}
	}
	return out
}

// spent counts what was paid at a moment.
func (w *oracle) spent(p *kaopass.Payer, when time.Time, yen int64) {
	from, until := kaopass.VenueDay(w.at)
	if !when.Before(from) && when.Before(until) {
		p.Today.Value += yen
		p.Spent.DayCount++
	}
	if when.After(w.at.Add(-time.Hour)) {
		p.Spent.Hour += yen
		p.Spent.HourCount++
	}
	if !when.Before(kaopass.VenueWeek(w.at)) && when.Before(until) {
		p.Spent.Week += yen
	}
}
