package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "github.com/lib/pq" // the checker reads the tables themselves

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// chaosBooks is all that is known after a run: what tills and visitors were told, what the server says, what its tables
// hold, and what the card company did.
type chaosBooks struct {
	sales    []*tillSale
	visitors []*visitor
	server   []tillAnswer // every payment, as its till is told
	charges  []bookCharge
	log      []loggedEvent
	cases    []bookCase
	disputes []bookDispute
	steps    []companyStep
	claims   map[string]companyDispute // the payers' complaints that the company told of
	wallets  []walletSum
	cash     int64            // yen of what was put in at the desk, handed out there again
	lost     []bookCharge     // captured in our book, and never to be had
	dues     []bookDue        // refunds that could not go back
	letGo    map[string]bool  // the charges of which the bank let go
	bounced  map[string]int64 // the refunds that the company took, and sent back
	audit    []string         // breaches that `kaopass audit ledger` names
	settle   []difference     // that `kaopass settle` lists
	settled  bool             // it was asked
}

// companyStep is a line of the card sandbox's journal, or as much of another company's books.
type companyStep struct {
	Op     string
	ID     string
	Refund string
	Amount int64
}

// walletSum is what a visitor had before, and has now.
type walletSum struct {
	who               kaopass.VisitorID
	before, now, held int64
}

// bookCharge is what our book says of a charge.
type bookCharge struct {
	id, payment, key string // key: of a top-up
	captured, back   int64
	bounced          int64 // of back: it did not arrive
	held             bool
}

// bookDue is a refund that is owed.
type bookDue struct {
	refund, charge, why string
	amount              int64
}

// difference is a line of `kaopass settle --json`.
type difference struct {
	Kind           kaopass.DifferenceKind
	Charge, Refund string
	Ours, Theirs   int64
}

// loggedEvent is a line of the log.
type loggedEvent struct {
	kind    kaopass.EventKind
	visitor kaopass.VisitorID
	device  kaopass.DeviceID
	subject string
	at      time.Time
	amount  int64
	reason  kaopass.Reason
}

type bookCase struct{ id, visitor, state string }

type bookDispute struct {
	id, charge, ended string
	events            int // of which staff read
}

const (
	chargesSQL = `SELECT c.id, c.payment, CASE WHEN c.payment = '' THEN c.key_name ELSE '' END,
    coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.kind IN ('payment', 'topup')), 0),
    coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.kind IN ('refund', 'topup_refund')), 0),
    coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.kind = 'bounce'), 0),
    coalesce(bool_or(t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer e WHERE e.resolves = t.id)), false)
FROM card_charge c LEFT JOIN transfer t ON t.charge = c.id GROUP BY c.id`
	logSQL = `SELECT kind, visitor, device, subject, at, amount, reason FROM event
WHERE kind IN ('payment.captured', 'payment.authorised', 'wallet.topped_up', 'till.cleared') OR reason = 'code_wrong'
    OR kind = 'payment.refunded' AND actor LIKE 'stf\_%' ORDER BY seq`
	cashSQL     = `SELECT coalesce(sum(amount), 0) FROM transfer WHERE kind = 'topup_refund' AND charge = ''`
	lostSQL     = `SELECT charge, amount FROM card_uncollected`
	duesSQL     = `SELECT refund, charge, why, amount FROM refund_due`
	casesSQL    = `SELECT id, visitor, state FROM dispute`
	disputesSQL = `SELECT d.id, d.charge, d.status, (SELECT count(*) FROM event e, card_charge c WHERE c.id = d.charge
    AND e.kind IN ('card.disputed', 'card.dispute_ended') AND e.subject IN (c.id, nullif(c.payment, ''))) FROM card_dispute d`
)

// rows reads a query's answer, row by row.
func (c *chaos) rows(pool *sql.DB, query string, each func(*sql.Rows) error) {
	c.Helper()
	rows, err := pool.QueryContext(c.Context(), query)
	c.ok(err)
	for rows.Next() {
		c.ok(each(rows))
	}
	c.ok(errors.Join(rows.Err(), rows.Close()))
}

// tables reads what the book says itself.
func (c *chaos) tables(url string, b *chaosBooks) {
	c.Helper()
	pool, err := sql.Open("postgres", url)
	c.ok(err)
	defer pool.Close() //nolint:errcheck // it was read
	c.rows(pool, chargesSQL, func(r *sql.Rows) error {
		var one bookCharge
		err := r.Scan(&one.id, &one.payment, &one.key, &one.captured, &one.back, &one.bounced, &one.held)
		b.charges = append(b.charges, one)
		return err
	})
	c.rows(pool, logSQL, func(r *sql.Rows) error {
		var one loggedEvent
		err := r.Scan(&one.kind, &one.visitor, &one.device, &one.subject, &one.at, &one.amount, &one.reason)
		b.log = append(b.log, one)
		return err
	})
	c.rows(pool, cashSQL, func(r *sql.Rows) error { return r.Scan(&b.cash) })
	c.rows(pool, lostSQL, func(r *sql.Rows) error {
		var one bookCharge
		err := r.Scan(&one.id, &one.captured)
		b.lost = append(b.lost, one)
		return err
	})
	c.rows(pool, duesSQL, func(r *sql.Rows) error {
		var one bookDue
		err := r.Scan(&one.refund, &one.charge, &one.why, &one.amount)
		b.dues = append(b.dues, one)
		return err
	})
	c.rows(pool, casesSQL, func(r *sql.Rows) error {
		var one bookCase
		err := r.Scan(&one.id, &one.visitor, &one.state)
		b.cases = append(b.cases, one)
		return err
	})
	c.rows(pool, disputesSQL, func(r *sql.Rows) error {
		var one bookDispute
		err := r.Scan(&one.id, &one.charge, &one.ended, &one.events)
		b.disputes = append(b.disputes, one)
		return err
	})
}

// books gathers everything. Nothing runs any more but the server's own timers.
func (c *chaos) books() (b chaosBooks) {
	c.Helper()
	s, err := openStore(c.Context(), &c.cfg, io.Discard)
	c.ok(err)
	defer func() { c.ok(s.Close()) }()
	c.tables(s.URL, &b)
	for _, till := range c.tills {
		till.base = c.server.url
		for _, s := range till.sales {
			if s.left || b.given(s.id) { // it ended without the till: by its time, or as staff gave money back
				c.ok(till.ask(c.Context(), s))
			}
		}
		b.sales = append(b.sales, till.sales...)
		b.server = append(b.server, c.list(till)...)
	}
	if b.visitors = c.crowd.everybody(); c.stripe == nil {
		b.steps = c.journal()
	} else {
		c.stripe.tells(&b)
	}
	c.makeGood(s)
	for _, v := range b.visitors {
		w, err := s.Wallet(c.Context(), v.id)
		if !errors.Is(err, db.ErrNotFound) { // a deleted account's is empty, or the audit says so
			c.ok(err)
		}
		b.wallets = append(b.wallets, walletSum{who: v.id, before: v.before, now: w.Balance.Value + w.Held.Value, held: w.Held.Value})
	}
	audit, err := s.AuditLedger(c.Context())
	c.ok(err)
	for _, breach := range audit.Breaches {
		b.audit = append(b.audit, fmt.Sprint(breach))
	}
	chain, err := s.VerifyEvents(c.Context())
	c.ok(err)
	b.audit = append(b.audit, chain.Breaches...)
	return b
}

// totals has a till report its day, as its own journal has it.
func (c *chaos) totals(till *chaosTill, b chaosBooks, day kaopass.TradeDay) {
	c.Helper()
	own := kaopass.Totals{Captured: kaopass.Yen(0), Refunded: kaopass.Yen(0)}
	for _, s := range till.sales {
		if s.last.Captured.Value == 0 {
			continue
		}
		own.Captures++
		own.Captured.Value += s.last.Captured.Value
		own.Refunded.Value += s.last.Refunded.Value
		if b.given(s.id) {
			own.Refunds++
		}
		for _, call := range s.calls {
			if len(call.said) > 0 && (call.Verb == "refunds" || call.said[0].Did == kaopass.DidRefund) {
				own.Refunds++
			}
		}
	}
	var said struct{ Agrees bool }
	c.ok(till.call(c.Context(), "/v1/till/totals", map[string]any{"day": day, "captures": own.Captures, "captured": jsonYen(own.Captured),
		"refunds": own.Refunds, "refunded": jsonYen(own.Refunded)}, &said))
	if !said.Agrees {
		c.Logf("%s counts %+v", till.device, own)
	}
}

func jsonYen(m kaopass.Money) map[string]any {
	return map[string]any{"currency": m.Currency, "value": m.Value}
}

// journal is the card sandbox's.
func (c *chaos) journal() (all []companyStep) {
	c.Helper()
	steps, err := os.Open(filepath.Join(c.cfg.Data, cardJournal))
	c.ok(err)
	defer steps.Close() //nolint:errcheck // it was read
	for lines := bufio.NewScanner(steps); lines.Scan(); {
		var step companyStep
		c.ok(json.Unmarshal(lines.Bytes(), &step))
		all = append(all, step)
	}
	return all
}

// list is every payment that a till ever had, as the server tells it.
func (c *chaos) list(till *chaosTill) (all []tillAnswer) {
	c.Helper()
	for cursor := ""; ; {
		status, text, _, err := till.send(c.Context(), http.MethodGet, "/v1/payments?limit=200&since=2026-01-01T00:00:00Z&cursor="+url.QueryEscape(cursor), "", nil, "")
		c.ok(err)
		var page struct {
			Items []tillAnswer
			Next  *string `json:"next_cursor"`
		}
		if status != http.StatusOK {
			c.Fatalf("%d %s", status, text)
		}
		c.ok(json.Unmarshal(text, &page))
		all = append(all, page.Items...)
		if page.Next == nil || *page.Next == "" {
			return all
		}
		cursor = *page.Next
	}
}

// makeGood is what staff do about sales whose money never came, by turns as a loss and at the desk: without it the audit goes
// on naming them.
func (c *chaos) makeGood(s *store) {
	c.Helper()
	staff, err := s.StaffList(c.Context())
	c.ok(err)
	work, err := s.CardWork(c.Context())
	c.ok(err)
	for i, one := range work.Open {
		became := kaopass.GivenBack
		if one.Missing.Value > 0 {
			became = one.Choices()[i%2]
		}
		_, err := s.SettleUncollected(c.Context(), db.MakeGood{Staff: staff[0].ID, Charge: one.Charge, Became: became, Answer: "Asked the company."})
		c.ok(err)
	}
}

// settlement is what `kaopass settle` finds between our book and the card company's, on each day of the run.
func (c *chaos) settlement(begun time.Time, b *chaosBooks) {
	c.Helper()
	b.settled = true
	for _, till := range c.tills {
		if kaopass.TradeDayOf(begun) == kaopass.TradeDayOf(time.Now()) { // else each day's is its own, and tills keep one journal
			c.totals(till, *b, kaopass.TradeDayOf(begun))
		}
	}
	for day := kaopass.TradeDayOf(begun); ; day = day.Add(1) {
		var found struct {
			Differences, Settled []difference
			Provider, Card       struct{ Captured, Refunded int64 }
		}
		c.ok(json.Unmarshal(c.command("settle", "--check", "--json", "--day", string(day)), &found))
		b.settle = slices.Concat(b.settle, found.Differences, found.Settled)
		c.Logf("kaopass settle: %s: cards %+v, the company %+v, %d differences", day, found.Card, found.Provider, len(found.Differences))
		if day == kaopass.TradeDayOf(time.Now()) {
			return
		}
	}
}
