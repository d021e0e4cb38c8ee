package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kaopass/kaopass"
)

// orders looks for the orders of calls, carried out one transaction after the other, in which the oracle answers what
// was answered.
type orders struct {
	calls  []*call
	left   map[int]bool // keys of callers who left
	seen   map[string]bool
	agrees func(oracle) bool // with the tables, afterwards
	ends   []oracle
	others []oracle // which answer the same, and leave other tables; a few of them
}

// part is a call on its way, or the timer's round, which is one step after another.
type part struct {
	*call
	charge   int     // on which its next transaction is; noOne before its first
	steps    []*call // of the timer, still to come
	finished bool
}

const (
	worldsMax = 200 // are carried on that the tables cannot tell apart
	othersMax = 5   // are told of a failure
)

func (o *orders) from(w oracle) {
	var parts []part
	for _, c := range o.calls {
		p := part{call: c, charge: noOne}
		if c.verb == "timer" {
			p.steps = w.round()
		}
		parts = append(parts, p)
	}
	o.search(w, parts)
}

// round is what the timer has to do: payments whose time is over, and charges to ask about.
func (w *oracle) round() (steps []*call) {
	for slot, p := range w.payments {
		if p.opened && !w.at.Before(p.Expires) && (p.Open() || p.Status == kaopass.Authorised) {
			steps = append(steps, &call{verb: "over", slot: slot})
		}
	}
	for i, c := range w.charges {
		if c.open && w.at.Sub(c.asked) >= chargeFresh {
			steps = append(steps, &call{verb: "came of it", slot: i})
		}
	}
	return steps
}

func (o *orders) search(w oracle, parts []part) {
	if len(o.ends) >= worldsMax {
		return
	}
	place := ""
	for _, p := range parts {
		place += fmt.Sprint(p.charge, len(p.steps), p.finished, " ")
	}
	place += fmt.Sprintf("%+v", w)
	if o.seen[place] {
		return
	}
	o.seen[place] = true
	over := true
	for i, p := range parts {
		if p.finished {
			continue
		}
		over = false
		for _, next := range o.after(w, p) {
			then := slices.Clone(parts)
			then[i] = next.part
			o.search(next.world, then)
		}
	}
	switch {
	case over && o.agrees(w):
		o.ends = append(o.ends, w)
	case over && len(o.others) < othersMax:
		o.others = append(o.others, w)
	}
}

type branch struct {
	world oracle
	part  part
}

// after is what may come of a part's next transaction.
func (o *orders) after(w oracle, p part) (all []branch) {
	if p.verb == "timer" {
		return timed(w, p)
	}
	same := w
	p.finished = true
	if p.charge == noOne && (p.left() || p.got.Fault == inFlight && o.twin(p.call)) {
		all = append(all, branch{same, p}) // it did nothing
	}
	w = w.clone()
	got, next := w.step(p.call, p.charge)
	switch {
	case p.left() && got.Fault != "" || p.diedAtADesk && next == noOne:
		return all
	case next != noOne && !p.left() && !p.diedAtADesk:
		p.charge, p.finished = next, false
	case got != p.got && !p.left() && !p.diedAtADesk:
		return all
	}
	return append(all, branch{w, p})
}

// timed is the timer's next step.
func timed(w oracle, p part) []branch {
	if p.finished = len(p.steps) == 0; p.finished {
		return []branch{{w, p}}
	}
	w = w.clone()
	w.step(p.steps[0], noOne)
	p.steps = p.steps[1:]
	return []branch{{w, p}}
}

// twin reports whether another call has the same key, or one had it whose caller left: the server may still be undoing it.
func (o *orders) twin(c *call) bool {
	return o.left[c.key] || slices.ContainsFunc(o.calls, func(other *call) bool { return c.key != 0 && other != c && other.key == c.key })
}

// agrees makes a comparison with what the tables say now.
func (m *crowd) agrees() func(oracle) bool {
	now := m.now()
	return func(w oracle) bool { return now == m.of(w) }
}

// purse is what the tables say of one of the crowd.
type purse struct {
	Free, Held int64
	Frozen     kaopass.FrozenBy
	Own, Next  int64
	Minor      bool
	Day, Week  int64
	Cases      int
	Erased     bool
	Card       bool
}

// now is what the tables say, in one line.
func (m *crowd) now() (line string) {
	var rows []paymentRow
	m.ok(m.pool.SelectContext(m.ctx, &rows, "SELECT * FROM payment WHERE id = ANY ($1)", texts2(m.ids)))
	for slot, id := range m.ids {
		if at := slices.IndexFunc(rows, func(p paymentRow) bool { return p.ID == id }); at >= 0 {
			line += fmt.Sprintf("%d %+v; ", slot, oPayment{Payment: rows[at].payment()}.answer())
		}
	}
	for n, who := range m.who {
		var p purse
		m.ok(m.pool.GetContext(m.ctx, &p, `SELECT w.balance - w.held AS free, w.held, v.frozen_by AS frozen, coalesce(o.day, 0) AS own,
			coalesce(o.next, 0) AS next, g.visitor IS NOT NULL AS minor, coalesce(g.day, 0) AS day, coalesce(g.week, 0) AS week,
			(SELECT count(*) FROM dispute d WHERE d.visitor = v.id AND d.state = 'open') AS cases, v.erased_at IS NOT NULL AS erased,
			coalesce(g.card, false) AS card
			FROM visitor v JOIN account w ON w.kind = 'wallet' AND w.owner = v.id LEFT JOIN own_limit o ON o.visitor = v.id
			LEFT JOIN guardian g ON g.visitor = v.id WHERE v.id = $1`, who))
		line += p.line(n)
	}
	return line
}

func (p purse) line(n int) string {
	if p.Erased {
		p.Frozen = ""
	}
	return fmt.Sprintf("visitor %d %+v; ", n, p)
}

// apart is what the tables say and would say of a world, where the two differ.
func (m *crowd) apart(w oracle) (line string) {
	would := strings.Split(m.of(w), "; ")
	for i, says := range strings.Split(m.now(), "; ") {
		if i < len(would) && says != would[i] {
			line += fmt.Sprintf("not %s but %s; ", would[i], says)
		}
	}
	return line
}

// of is what the tables would say of a world.
func (m *crowd) of(w oracle) (line string) {
	for slot, id := range m.ids {
		if id != "" {
			line += fmt.Sprintf("%d %+v; ", slot, w.payments[slot].answer())
		}
	}
	for n, p := range w.payers {
		line += purse{Free: p.balance - p.held, Held: p.held, Frozen: p.frozen.By, Own: p.own.Day, Next: p.own.Next, Minor: p.minor,
			Day: p.allowed.Day, Week: p.allowed.Week, Card: p.allowed.Card, Cases: w.openCases(n), Erased: p.erased}.line(n)
	}
	return line
}
