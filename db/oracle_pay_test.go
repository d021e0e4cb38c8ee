package db

import (
	"slices"

	"github.com/kaopass/kaopass"
)

func (w *oracle) face(p *oPayment, c *call) result {
	id := kaopass.Identification{Identity: c.how, ShortList: make([]kaopass.EnrolmentID, len(c.who))}
	payer := kaopass.Payer{Limits: w.limits}
	if c.how == kaopass.Enough {
		if w.payers[c.who[0]].erased && !c.overtaken {
			id, payer = kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}, kaopass.Payer{}
		} else {
			payer = w.rules(c.who[0])
		}
	}
	status, reason := kaopass.FaceVerdict(id, p.Amount, payer)
	p.faces++
	p.Status, p.Reason, p.Retry, p.payer = status, reason, false, noOne
	switch status {
	case kaopass.AwaitingCode:
		p.list = c.who[:len(id.Candidates())]
	case kaopass.AwaitingConfirmation:
		p.payer = c.who[0]
	case kaopass.Refused:
		if p.Retry = reason.OfFace() && p.faces < kaopass.FaceTries; !p.Retry {
			return p.end(status, reason)
		}
	}
	return p.answer()
}

func (w *oracle) code(p *oPayment, c *call) result {
	if w.locked(c.till) {
		return p.end(kaopass.Refused, kaopass.TooManyTries)
	}
	matches := 0
	var payer kaopass.Payer
	owner := c.payer // of the code that was entered; noOne: nobody's
	if slices.Contains(p.list, owner) && (!w.payers[owner].withdrawn || c.overtaken) {
		matches, payer = 1, w.rules(owner)
	}
	status, reason := kaopass.CodeVerdict(matches, p.codes, p.Amount, payer)
	if reason == kaopass.CodeWrong {
		p.codes++
		w.misses = append(w.misses, oMiss{c.till, w.at})
	}
	switch status {
	case kaopass.Refused:
		return p.end(status, reason)
	case kaopass.AwaitingConfirmation:
		p.payer, p.list, p.Status, p.Reason = owner, nil, status, ""
	default:
		p.Reason = reason
	}
	return p.answer()
}

// locked reports whether a till saw so many wrong codes lately that it takes none.
func (w *oracle) locked(till int) bool {
	wrong := 0
	for _, m := range w.misses {
		if m.till == till && w.at.Sub(m.at) < kaopass.CodeTillWithin && m.at.After(w.cleared[till]) {
			wrong++
		}
	}
	return wrong >= kaopass.CodeTillTries
}

func (w *oracle) confirm(p *oPayment, c *call) (got result, next int) {
	if reason := w.rules(p.payer).Refusal(p.Amount); reason != "" {
		return p.end(kaopass.Declined, reason), noOne
	}
	m := &w.payers[p.payer]
	byCard := c.method > 0
	switch {
	case c.payer != p.payer, byCard && !m.cards[c.method-1]:
		return p.end(kaopass.Declined, kaopass.MethodGone), noOne
	case byCard && m.minor && !m.allowed.Card:
		return p.end(kaopass.Declined, kaopass.MethodNotAllowed), noOne
	case byCard:
		p.charge, p.byCard = w.ask(c, c.slot, p.payer, p.Amount.Value), true
		return p.answer(), p.charge
	case m.balance-m.held < p.Amount.Value:
		return p.end(kaopass.Declined, kaopass.FundsShort), noOne
	}
	return w.authorise(p), noOne
}

func (w *oracle) authorise(p *oPayment) result {
	p.Authorised, p.Reason = p.Amount, ""
	if p.Manual {
		p.Status, p.Expires = kaopass.Authorised, w.at.Add(kaopass.CaptureWithin)
		if !p.byCard {
			w.payers[p.payer].held += p.Amount.Value
		}
		return p.answer()
	}
	p.Captured = p.Amount
	if !p.byCard {
		w.payers[p.payer].balance -= p.Amount.Value
	}
	return p.end(kaopass.Captured, "")
}

// ask writes down that a card company is asked.
func (w *oracle) ask(c *call, payment, payer int, amount int64) int {
	w.charges = append(w.charges, oCharge{by: c, payment: payment, payer: payer, key: c.key, body: c.body, amount: amount, open: true, asked: w.at,
		held: c.fate.holds() && !c.left()})
	return len(w.charges) - 1
}

// settle books what the card company said of a charge, once.
func (w *oracle) settle(charge int, said CardAnswer) (got result) {
	c := &w.charges[charge]
	if c.payment == noOne {
		return w.settleTopUp(c, said)
	}
	p := &w.payments[c.payment]
	if !c.open {
		return p.answer()
	}
	c.open = false
	reason := map[CardAnswer]kaopass.Reason{CardRefused: kaopass.CardDeclined, CardUnknown: kaopass.CardUnreachable}[said]
	switch waits := p.Status == kaopass.AwaitingConfirmation; {
	case !waits:
		got = p.answer()
	case reason != "":
		got = p.end(kaopass.Declined, reason)
	case w.stopped(c.payer) != "":
		got = p.end(kaopass.Declined, w.stopped(c.payer))
	case w.at.Sub(c.asked) > chargeLate:
		got = p.end(kaopass.Declined, kaopass.CardUnreachable)
	default:
		got = w.authorise(p)
	}
	if c.key != 0 {
		w.kept[c.key] = oKept{w.at, c.body, got}
	}
	return got
}

// stopped says why what a card company approved goes back: its owner withdrew, or stopped payments, meanwhile.
func (w *oracle) stopped(payer int) kaopass.Reason {
	switch m := w.payers[payer]; {
	case m.withdrawn:
		return kaopass.ConsentWithdrawn
	case m.frozen.By != "":
		return kaopass.PayerFrozen
	}
	return ""
}

func (w *oracle) settleTopUp(c *oCharge, said CardAnswer) (got result) {
	if !c.open { // whoever settled it kept the answer
		return w.kept[c.key].was
	}
	c.open = false
	got.Reason = map[CardAnswer]kaopass.Reason{CardRefused: kaopass.CardDeclined, CardUnknown: kaopass.CardUnreachable}[said]
	if said == CardApproved {
		got.Reason = w.stopped(c.payer)
	}
	if got.Reason == "" {
		w.payers[c.payer].balance += c.amount
	}
	if c.key != 0 {
		w.kept[c.key] = oKept{w.at, c.body, got}
	}
	return got
}

// visitorVerb is what happens to a visitor, not at a till.
func (w *oracle) visitorVerb(c *call) (got result, next int, done bool) {
	m := &w.payers[c.payer]
	if m.erased {
		return result{Fault: notFound}, noOne, false
	}
	switch c.verb {
	case "top up":
		return w.topUp(m, c)
	case "desk":
		if c.yen > kaopass.WalletMax-m.balance {
			return result{Reason: kaopass.LimitExceeded}, noOne, true
		}
		m.balance += c.yen
	case "withdraw":
		m.withdrawn, m.cards = true, [cardsEach]bool{}
	case "erase":
		if m.balance != 0 || m.held != 0 || w.underWay(c.payer) != 0 {
			return result{Fault: "wallet_not_empty"}, noOne, false
		}
		m.erased, m.withdrawn, m.cards, m.own, m.minor, m.allowed = true, true, [cardsEach]bool{}, kaopass.OwnLimit{}, false, kaopass.Allowance{}
		for i := range w.cases {
			if w.cases[i].payer == c.payer {
				w.cases[i].state = kaopass.DisputeForgets
			}
		}
	case "remove":
		if !m.cards[c.method-1] {
			return result{Fault: notFound}, noOne, false
		}
		m.cards[c.method-1] = false
	}
	return result{}, noOne, true
}

func (w *oracle) underWay(payer int) (sum int64) {
	for _, c := range w.charges {
		if c.open && c.payment == noOne && c.payer == payer {
			sum += c.amount
		}
	}
	return sum
}

func (w *oracle) topUp(m *oPayer, c *call) (got result, next int, done bool) {
	for i, asked := range w.charges {
		if asked.open && asked.payment == noOne && c.key != 0 && asked.key == c.key {
			if w.at.Sub(asked.asked) < chargeFresh {
				return result{Fault: inFlight}, noOne, false
			}
			if asked.body != c.body {
				return result{Fault: reused}, noOne, false
			}
			return result{}, i, false
		}
	}
	switch {
	case m.withdrawn:
		got.Reason = kaopass.ConsentWithdrawn
	case m.frozen.By != "":
		got.Reason = kaopass.PayerFrozen
	case !m.cards[c.method-1]:
		got.Reason = kaopass.MethodGone
	case m.minor && !m.allowed.Card:
		got.Reason = kaopass.MethodNotAllowed
	default:
		got.Reason = kaopass.TopUpRefusal(kaopass.Yen(m.balance+w.underWay(c.payer)), kaopass.Yen(c.yen))
	}
	if got.Reason != "" {
		return got, noOne, true
	}
	return got, w.ask(c, noOne, c.payer, c.yen), false
}
