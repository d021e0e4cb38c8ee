package stripe

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // the test reads the tables themselves
	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// dying is a process that ends between the card company's answer and the book: kill -9.
type dying struct{ *Desk }

var errDied = errors.New("the process died")

func (d dying) Authorise(ctx context.Context, id, token string, amount kaopass.Money) (db.CardAnswer, error) {
	_, _ = d.Desk.Authorise(ctx, id, token, amount)
	panic(errDied)
}

// shop is the venue with a till and a visitor who has cards.
type shop struct {
	*venue
	till  kaopass.DeviceID
	enr   kaopass.EnrolmentID
	cards []kaopass.MethodID
	paid  []kaopass.PaymentID
	keys  int
	died  int
}

func openShop(t *testing.T) *shop {
	t.Helper()
	v := open(t)
	s := &shop{venue: v}
	_, code, err := v.db.AddDevice(t.Context(), kaopass.Till, "Ramen 2", "food-hall", "venue")
	v.ok(err)
	d, _, err := v.db.ClaimDevice(t.Context(), code, "tablet", "test")
	v.ok(err)
	s.till = d.ID
	for _, card := range []string{stripetest.Pays, stripetest.Pays, stripetest.Declines} {
		v.save(card)
	}
	w, err := v.db.Wallet(t.Context(), v.me)
	v.ok(err)
	for _, m := range w.Methods {
		if m.Kind == kaopass.Card {
			s.cards = append(s.cards, m.ID)
		}
	}
	v.ok(v.query(`SELECT id FROM enrolment WHERE visitor = $1`, func(rows *sql.Rows) error { return rows.Scan(&s.enr) }, v.me))
	return s
}

func (v *venue) query(text string, each func(*sql.Rows) error, args ...any) error {
	pool, err := sql.Open("postgres", v.url)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	rows, err := pool.QueryContext(v.Context(), text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *shop) key(owner string) kaopass.Key {
	s.keys++
	name := fmt.Sprintf("key-%d", s.keys)
	return kaopass.Key{Owner: owner, Name: name, Body: sha256.Sum256([]byte(name))}
}

// through is the desk that a verb is given: now and then one whose process dies.
func (s *shop) through(r *rand.Rand) db.CardDesk {
	if r.IntN(8) == 0 {
		return dying{s.desk}
	}
	return s.desk
}

// act does one thing at random; whatever is answered, the book and Stripe have to agree in the end.
func (s *shop) act(r *rand.Rand) {
	defer func() {
		if what := recover(); what != nil && what != errDied {
			panic(what)
		} else if what != nil {
			s.died++
		}
	}()
	ctx := s.Context()
	switch verb := r.IntN(10); {
	case verb < 2:
		_, _ = s.db.TopUp(ctx, s.through(r), db.TopUp{Key: s.key(string(s.me)), Visitor: s.me, Method: s.card(r), Amount: yen(500 + r.Int64N(500))})
	case verb < 5:
		s.pay(r)
	case verb < 9 && len(s.paid) > 0:
		s.follow(r, s.paid[r.IntN(len(s.paid))])
	default:
		s.late.Add(int64(time.Duration(r.IntN(40)) * time.Second))
		_, _ = s.db.Expire(ctx, s.desk)
	}
}

func (s *shop) card(r *rand.Rand) kaopass.MethodID { return s.cards[r.IntN(len(s.cards))] }

func (s *shop) pay(r *rand.Rand) {
	ctx := s.Context()
	p, err := s.db.CreatePayment(ctx, db.NewPayment{Key: s.key(string(s.till)), Till: s.till, Amount: yen(100 + r.Int64N(50)), Manual: r.IntN(2) == 0})
	s.ok(err)
	_, err = s.db.PaymentFace(ctx, db.PaymentFace{Key: s.key(string(s.till)), Till: s.till, Payment: p.ID,
		Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{s.enr}}, Started: time.Now()})
	s.ok(err)
	s.paid = append(s.paid, p.ID)
	_, _ = s.db.ConfirmPayment(ctx, s.through(r), s.key(string(s.till)), s.till, p.ID, s.card(r))
}

func (s *shop) follow(r *rand.Rand, id kaopass.PaymentID) {
	ctx, key, some := s.Context(), s.key(string(s.till)), yen(1+r.Int64N(60))
	switch r.IntN(5) {
	case 0:
		_, _ = s.db.CapturePayment(ctx, s.desk, key, s.till, id, some)
	case 1:
		_, _ = s.db.VoidPayment(ctx, s.desk, key, s.till, id)
	case 2:
		_, _ = s.db.CancelPayment(ctx, s.desk, key, s.till, id)
	default:
		_, _ = s.db.RefundPayment(ctx, s.desk, key, s.till, id, some, "wrong dish")
	}
}

// rest lets everything come to an end: Stripe is well, and the timer runs.
func (s *shop) rest() {
	s.Helper()
	s.fails(nil)
	s.way.Settle()
	s.desk = s.newDesk()
	for range 20 {
		s.late.Add(int64(time.Hour))
		_, err := s.db.Expire(s.Context(), s.desk)
		s.ok(err)
		w, err := s.db.CardsWaiting(s.Context())
		if s.ok(err); w.Unknown == 0 && w.Tasks == 0 {
			return
		}
	}
	s.Fatal("something waits for ever")
}

const ofBook = `SELECT c.id, c.state,
    coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.kind <> 'refund'), 0),
    coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.kind = 'refund'), 0),
    coalesce(bool_or(t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer e WHERE e.resolves = t.id)), false)
FROM card_charge c LEFT JOIN transfer t ON t.charge = c.id GROUP BY c.id, c.state`

// agree holds the book against Stripe, charge by charge.
func (s *shop) agree() (charges int) {
	s.Helper()
	s.ok(s.query(ofBook, func(rows *sql.Rows) error {
		var id, state string
		var captured, refunded int64
		var held bool
		if err := rows.Scan(&id, &state, &captured, &refunded, &held); err != nil {
			return err
		}
		charges++
		var there stripetest.Intent
		var back int64
		var n int
		for _, in := range s.fake.Intents {
			if in.Metadata[ofCharge] == id {
				n++
				if in.Held > 0 || there.ID == "" {
					there = *in
				}
			}
		}
		for _, r := range s.fake.Refunds {
			if r.Intent == there.ID {
				back += r.Amount
			}
		}
		if n > 1 || there.Held > 1 || there.Received != captured || back != refunded || (there.Capturable > 0) != held {
			s.Errorf("%s (%s): the book has %d, %d back, held %t; Stripe has %d intents, %+v, %d back", id, state, captured, refunded, held, n, there, back)
		}
		return nil
	}))
	return charges
}

// Whatever goes wrong on the way, each charge ends at Stripe in the state that our book says, and never twice.
func TestWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.way.Late = 90 * time.Millisecond
	s.desk = s.newDesk()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)) //nolint:gosec // a test's dice
		dice := rand.New(rand.NewPCG(r.Uint64(), 1))                   //nolint:gosec // the requests' own, as some come late
		steps, often := rapid.IntRange(1, 12).Draw(rt, "steps"), rapid.IntRange(1, 4).Draw(rt, "one fault in")
		s.fails(func() stripetest.Fault {
			if dice.IntN(often) > 0 {
				return stripetest.None
			}
			return stripetest.Fault(dice.IntN(int(stripetest.Faults)))
		})
		for range steps {
			s.act(r)
			s.desk.line.mu.Lock()
			s.desk.line.failed = 0 // the next call is made whatever the last ones met
			s.desk.line.mu.Unlock()
		}
		s.rest()
		if s.agree(); s.Failed() {
			rt.Fatal("the book and Stripe do not agree")
		}
	})
	audit, err := s.db.AuditLedger(t.Context())
	if s.ok(err); !audit.OK {
		t.Error(strings.Join(audit.Breaches, "\n"))
	}
	t.Logf("%d charges, %d faults on the way %v, %d processes that died between", s.agree(), s.way.Total(), s.way.Injected, s.died)
}
