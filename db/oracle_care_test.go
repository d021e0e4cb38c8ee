package db

import (
	"cmp"

	"github.com/kaopass/kaopass"
)

// carefulVerb is what visitors, guardians and staff do so that somebody pays less, or nothing: none of it moves money.
func (w *oracle) carefulVerb(c *call) (got result) {
	m := &w.payers[c.payer]
	switch {
	case m.erased:
		return result{Fault: notFound}
	case c.verb == "freeze":
		w.freeze(m, map[bool]kaopass.FrozenBy{true: kaopass.FrozenBySelf, false: kaopass.FrozenByStaff}[c.own])
	case c.verb == "thaw":
		return w.thaw(c, m)
	case c.verb == "recode" && m.withdrawn:
		return result{Reason: kaopass.ConsentWithdrawn}
	case c.verb == "recode":
		m.coded = w.at
	case c.verb == "dispute":
		return w.dispute(c, m)
	case c.verb == "case recall":
		of, found := w.caseOf(c)
		if !found || of.payer != c.payer {
			return result{Fault: notFound}
		}
		if of.state == kaopass.DisputeRecall {
			return got
		}
		return of.end(kaopass.DisputeRecall)
	case c.verb == "sign":
		m.minor, m.allowed = true, c.allow
	case c.verb == "own":
		if m.own.Waits() && !w.at.Before(m.own.From) {
			m.own = kaopass.OwnLimit{Day: m.own.Next}
		}
		m.own = m.own.Change(c.yen, w.at)
		got.Authorised, got.Captured = m.own.Day, m.own.Next
	case !m.minor:
		return result{Fault: notFound}
	case c.verb == "allow":
		m.allowed = c.allow
	case c.verb == "grow up":
		m.minor, m.allowed = false, kaopass.Allowance{}
	}
	return got
}

func (w *oracle) freeze(m *oPayer, by kaopass.FrozenBy) {
	if m.frozen.By == "" || m.frozen.By == kaopass.FrozenBySelf && by == kaopass.FrozenByDispute {
		m.frozen = Frozen{By: by, Since: w.at}
	}
}

func (w *oracle) thaw(c *call, m *oPayer) result {
	if m.frozen.By == "" {
		return result{}
	}
	coded := m.coded
	if m.withdrawn {
		coded = opening // no code is left
	}
	if reason := m.frozen.By.ThawRefusal(c.own, m.frozen.Since, coded); reason != "" {
		return result{Fault: string(reason)}
	}
	if w.openCases(c.payer) > 0 && !c.own {
		m.frozen = Frozen{By: kaopass.FrozenByDispute, Since: w.at}
		return result{Fault: string(kaopass.ThawBySelf)}
	}
	m.frozen = Frozen{}
	return result{}
}

func (w *oracle) openCases(payer int) (n int) {
	for _, of := range w.cases {
		if of.payer == payer && of.state == kaopass.DisputeIsOpen {
			n++
		}
	}
	return n
}

// dispute is "that wasn't me" about a payment of one's own.
func (w *oracle) dispute(c *call, m *oPayer) result {
	p := w.payments[c.slot]
	if !p.opened || p.payer != c.payer {
		return result{Fault: notFound}
	}
	w.freeze(m, kaopass.FrozenByDispute)
	for _, of := range w.cases {
		if of.slot == c.slot && of.state == kaopass.DisputeIsOpen {
			return result{}
		}
	}
	reason := kaopass.DisputeRefusal(p.Created, w.at, w.openCases(c.payer))
	if reason == "" {
		w.cases = append(w.cases, oCase{slot: c.slot, payer: c.payer, state: kaopass.DisputeIsOpen})
	}
	return result{Reason: reason}
}

// caseOf is the case that a call is about: the so-manieth of its payment.
func (w *oracle) caseOf(c *call) (*oCase, bool) {
	n := c.kase
	for i := range w.cases {
		if w.cases[i].slot != c.slot {
			continue
		}
		if n == 0 {
			return &w.cases[i], true
		}
		n--
	}
	return nil, false
}

func (of *oCase) end(as kaopass.DisputeState) result {
	if of.state != kaopass.DisputeIsOpen {
		return result{Fault: string(of.state)}
	}
	of.state = as
	return result{}
}

// staffVerb is what staff do that is not in one visitor's hands.
func (w *oracle) staffVerb(c *call) (got result) {
	switch c.verb {
	case "limits":
		w.limits = c.limits
	case "clear":
		if !w.locked(c.till) {
			return result{Fault: "not_locked"}
		}
		w.cleared[c.till] = w.at
	case "case reject":
		of, _ := w.caseOf(c)
		return of.end(kaopass.DisputeTold)
	case "case refund":
		return w.refundCase(c)
	}
	return got
}

func (w *oracle) refundCase(c *call) result {
	of, _ := w.caseOf(c)
	p := &w.payments[c.slot]
	did, _ := p.CancelOf()
	switch {
	case of.state != kaopass.DisputeIsOpen:
		return of.end(kaopass.DisputePaid)
	case did == kaopass.DidRelease:
		back := p.Authorised.Value
		w.unhold(p, 0)
		p.end(kaopass.Voided, "")
		of.end(kaopass.DisputePaid)
		return result{Refunded: back}
	case did == kaopass.DidRefund:
		back := p.Captured.Value - p.Refunded.Value
		w.refund(p, 0)
		of.end(kaopass.DisputePaid)
		return result{Refunded: back}
	}
	return result{Fault: cmp.Or(string(p.Status), notFound)}
}
