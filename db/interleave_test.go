package db

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// call is one request of somebody, and what came of it.
type call struct {
	verb        string
	till, slot  int // slot: the payment, as the oracle counts them
	payer       int // of visitors' verbs; whose method, or code, it is (noOne: nobody's)
	method      int // 0: the wallet; 1 and more: cards
	yen         int64
	manual      bool
	how         kaopass.Identity
	who         []int // the face's short list
	key, body   int   // 0: none
	own         bool  // a visitor asks, not staff for them
	kase        int   // the so-manieth case of the payment
	allow       kaopass.Allowance
	limits      kaopass.Limits
	fate        fate
	patience    time.Duration // after which the caller leaves; 0: never
	got         result
	gotID       kaopass.PaymentID
	gotCase     kaopass.DisputeID
	diedAtADesk bool
	overtaken   bool
}

// left reports whether nobody knows if the call's first transaction was committed.
func (c *call) left() bool { return c.got.Fault == noAnswer && !c.diedAtADesk }

func (c *call) String() string {
	return fmt.Sprintf("%s slot %d till %d payer %d method %d yen %d manual %v how %s who %v key %d body %d fate %d patience %v own %v case %d %+v %+v => %+v %s",
		c.verb, c.slot, c.till, c.payer, c.method, c.yen, c.manual, c.how, c.who, c.key, c.body, c.fate, c.patience, c.own, c.kase, c.allow, c.limits, c.got, c.gotID)
}

// losesTo reports whether another call takes away what this one just found: a code or a face is looked up, and its owner
// withdraws before they are locked. Then the answer names the withdrawal, and not a wrong code or an unknown face.
func (c *call) losesTo(other *call) bool {
	owner := c.payer
	if c.verb == string(kaopass.ShowFace) {
		owner = c.who[0]
	}
	looks := c.verb == string(kaopass.ShowFace) || c.verb == string(kaopass.EnterCode)
	return looks && (other.verb == "withdraw" || other.verb == "erase") && other.payer == owner
}

// Sizes of a crowd.
const (
	cardsEach = 2
	crowdSize = 3
	tillsEach = 2
	atOnceMax = 4
)

// crowd is some visitors and tills that meet in one venue, in the hands of chance.
type crowd struct {
	*rig
	first int // of the codes
	desk  *chanceDesk
	tills []kaopass.Device
	who   []kaopass.VisitorID
	staff kaopass.StaffID
	cases map[int][]kaopass.DisputeID // by slot, as they were opened
	faces []kaopass.EnrolmentID
	ways  [][]kaopass.MethodID
	ids   []kaopass.PaymentID // by slot; empty where the answer was lost
	till  []int               // by slot
	keys  int
	past  []call       // that had a key: they may be sent again
	left  map[int]bool // keys of which nobody knows whether their call still is at work
	could []oracle
}

// newCrowd is fresh people in a venue that has seen others; wrong is how many wrong codes the first till just saw.
func newCrowd(r *rig, desk *chanceDesk, tills []kaopass.Device, purse int64, limits kaopass.Limits, wrong int) *crowd {
	m := &crowd{left: map[int]bool{}, cases: map[int][]kaopass.DisputeID{}, first: r.keys * crowdSize, rig: r, desk: desk, tills: tills,
		staff: kaopass.StaffID(newID(kaopass.PrefixStaff, r.clock.now()))}
	w := oracle{at: r.clock.now(), kept: map[int]oKept{}, limits: limits}
	r.ok(r.SetLimits(r.ctx, limits, string(m.staff)))
	for n := range crowdSize {
		r.keys++
		who, face := r.visitor(r.keys, "Taro", purse)
		ways := []kaopass.MethodID{must(r.Wallet(r.ctx, who)).Methods[0].ID}
		for range cardsEach {
			ways = append(ways, r.card(who).ID)
		}
		r.ok(r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(who, m.code(n), nil, "venue"); return err }))
		m.who, m.faces, m.ways = append(m.who, who), append(m.faces, face), append(m.ways, ways)
		w.payers = append(w.payers, oPayer{balance: purse, cards: [cardsEach]bool{true, true}, coded: w.at})
	}
	for range wrong {
		w.misses = append(w.misses, oMiss{0, w.at})
	}
	_, err := r.pool.ExecContext(r.ctx, `INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision,
		status, reason, direction, currency, amount, took_us) SELECT event_number(n), 'evt_' || $4 || n, $2, 'payment.coded', $1, '', $1, '', '', '',
		'payment', '', '', 'code_wrong', '', '', 0, 0 FROM generate_series(1, $3::integer) n`, tills[0].ID, w.at, wrong, m.who[0])
	r.ok(err)
	m.could = []oracle{w}
	return m
}

// code is a payer's own, or one that nobody has. A code may have only so many holders.
func (m *crowd) code(payer int) string {
	if payer == noOne {
		return "9999"
	}
	return fmt.Sprintf("%04d", (m.first+payer)%9999)
}

// do carries a call out. A call whose card company's answer finds us dead ends this goroutine.
func (m *crowd) do(ctx context.Context, c *call) (err error) {
	var key kaopass.Key
	till := m.tills[c.till].ID
	if c.key != 0 {
		key = kaopass.Key{Owner: string(till), Name: fmt.Sprintf("%s-%d", m.who[0], c.key), Body: sha256.Sum256([]byte{byte(c.body)})}
	}
	var out Outcome
	var id kaopass.PaymentID
	if c.slot >= 0 && c.slot < len(m.ids) {
		id = m.ids[c.slot]
	}
	desk := m.desk
	switch c.verb {
	case "create":
		out, err = m.CreatePayment(ctx, NewPayment{Key: key, Till: till, Amount: kaopass.Yen(c.yen), Manual: c.manual})
		if err == nil {
			c.gotID = out.ID
		}
	case string(kaopass.ShowFace):
		found := kaopass.Identification{Identity: c.how}
		for _, n := range c.who {
			found.ShortList = append(found.ShortList, m.faces[n])
		}
		out, err = m.PaymentFace(ctx, PaymentFace{Key: key, Till: till, Payment: id, Identification: found})
	case string(kaopass.EnterCode):
		out, err = m.PaymentCode(ctx, key, till, id, m.code(c.payer))
	case string(kaopass.Confirm):
		out, err = m.ConfirmPayment(ctx, desk, key, till, id, m.ways[c.payer][c.method])
	case string(kaopass.Capture):
		out, err = m.CapturePayment(ctx, desk, key, till, id, kaopass.Yen(c.yen))
	case string(kaopass.Void):
		out, err = m.VoidPayment(ctx, desk, key, till, id)
	case string(kaopass.Cancel):
		out, err = m.CancelPayment(ctx, desk, key, till, id)
	case string(kaopass.Refund):
		out, err = m.RefundPayment(ctx, desk, key, till, id, kaopass.Yen(c.yen), "")
	case "timer":
		_, err = m.Expire(ctx, desk)
	default:
		return m.visitorCall(ctx, c, key)
	}
	if err == nil && c.verb != "timer" {
		c.got = oPayment{Payment: out.Payment}.answer()
		c.got.Did = out.Did
	}
	return err
}

func (m *crowd) visitorCall(ctx context.Context, c *call, key kaopass.Key) (err error) {
	who := m.who[c.payer]
	key.Owner = string(who)
	switch c.verb {
	case "top up":
		var out ToppedUp
		out, err = m.TopUp(ctx, m.desk, TopUp{Key: key, Visitor: who, Method: m.ways[c.payer][c.method], Amount: kaopass.Yen(c.yen)})
		c.got.Reason = out.Reason
	case "desk":
		err = m.tx(ctx, func(t *tx) (err error) {
			if _, err = t.lockVisitor(who); err == nil {
				c.got.Reason, err = t.deskTopUp(who, kaopass.Yen(c.yen), "stf_1")
			}
			return err
		})
	case "withdraw":
		_, err = m.Withdraw(ctx, who, kaopass.ForPayment)
	case "erase":
		_, err = m.EraseVisitor(ctx, who)
	case "remove":
		err = m.RemoveMethod(ctx, who, m.ways[c.payer][c.method])
	default:
		return m.carefulCall(ctx, c, who)
	}
	return err
}

// carefulCall is what visitors, guardians and staff do so that somebody pays less, or nothing.
func (m *crowd) carefulCall(ctx context.Context, c *call, who kaopass.VisitorID) (err error) {
	actor := string(m.staff)
	if c.own {
		actor = string(who)
	}
	switch c.verb {
	case "freeze", "thaw":
		err = m.Freeze(ctx, who, c.verb == "freeze", actor)
	case "recode":
		c.got.Reason, err = m.recode(ctx, c.payer)
	case "sign":
		err = m.SignGuardian(ctx, who, kaopass.Guardian{Name: "Hanako", Allowance: c.allow}, m.staff)
	case "allow":
		err = m.SetAllowance(ctx, who, c.allow, actor)
	case "grow up":
		err = m.EndGuardian(ctx, who, m.staff)
	case "own":
		var own kaopass.OwnLimit
		own, err = m.SetOwnLimit(ctx, who, c.yen)
		c.got.Authorised, c.got.Captured = own.Day, own.Next
	case "limits":
		err = m.SetLimits(ctx, c.limits, actor)
	case "clear":
		err = m.ClearTill(ctx, m.staff, m.tills[c.till].ID, "they were in a hurry")
	case "dispute":
		var out DisputeOpened
		out, err = m.OpenDispute(ctx, who, string(m.ids[c.slot]))
		c.got.Reason, c.gotCase = out.Reason, out.ID
	case "case refund":
		var out DisputeGaveBack
		out, err = m.RefundDispute(ctx, m.desk, kaopass.Key{}, m.staff, m.cases[c.slot][c.kase], "")
		c.got.Refunded = out.Amount.Value
	case "case reject":
		err = m.RejectDispute(ctx, kaopass.Key{}, m.staff, m.cases[c.slot][c.kase], "it was you")
	case "case recall":
		err = m.WithdrawDispute(ctx, who, m.cases[c.slot][c.kase])
	}
	return err
}

// recode draws a visitor's code anew; here it is always the same, so that codes stay different.
func (m *crowd) recode(ctx context.Context, payer int) (reason kaopass.Reason, err error) {
	who := m.who[payer]
	return reason, m.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(who); err != nil {
			return err
		}
		consent, err := t.newestConsent(who, kaopass.ForPayment)
		if reason = kaopass.ConsentRefusal(consent); err != nil || reason != "" {
			return err
		}
		_, err = t.setCode(who, m.code(payer), nil, string(who))
		return err
	})
}

// carry does a call and writes down what came of it.
func (m *crowd) carry(c *call) {
	ctx, stop := context.WithCancel(context.WithValue(m.ctx, fateKey{}, c.fate))
	defer stop()
	if c.patience > 0 {
		late := time.AfterFunc(c.patience, stop)
		defer late.Stop()
	}
	c.got, c.diedAtADesk = result{Fault: noAnswer}, true // unless this goroutine lives on
	err := m.do(ctx, c)
	c.diedAtADesk = false
	switch state := stateOf(err); {
	case err == nil:
		if c.got.Fault == noAnswer {
			c.got.Fault = ""
		}
	case state != "":
		c.got = result{Fault: state}
	case errors.Is(err, ErrKeyReused):
		c.got = result{Fault: reused}
	case errors.Is(err, ErrInFlight):
		c.got = result{Fault: inFlight}
	case errors.Is(err, ErrAmount):
		c.got = result{Fault: badSum}
	case errors.Is(err, ErrNotFound):
		c.got = result{Fault: notFound}
	case errors.Is(err, context.Canceled):
		c.got = result{Fault: noAnswer}
	default:
		c.got = result{Fault: err.Error()}
	}
}

// atOnce carries calls out at the same time, and keeps those worlds of the oracle that can explain all answers and what
// the tables say now.
func (m *crowd) atOnce(calls []*call) error {
	for i := range m.could {
		m.could[i].at = m.clock.now()
		for len(m.could[i].payments) < len(m.ids) {
			m.could[i].payments = append(m.could[i].payments, oPayment{payer: noOne, charge: noOne})
		}
	}
	var all sync.WaitGroup
	for _, c := range calls {
		all.Go(func() { m.carry(c) })
	}
	all.Wait()
	for _, c := range calls {
		if c.verb == "create" && c.gotID != "" {
			m.ids[c.slot] = c.gotID
		}
		if c.gotCase != "" && !slices.Contains(m.cases[c.slot], c.gotCase) {
			m.cases[c.slot] = append(m.cases[c.slot], c.gotCase)
		}
		if c.key != 0 {
			m.past = append(m.past, *c)
			m.left[c.key] = m.left[c.key] || c.got.Fault == noAnswer
		}
	}
	for _, c := range calls {
		c.overtaken = c.got.Reason == kaopass.ConsentWithdrawn && slices.ContainsFunc(calls, c.losesTo)
	}
	found := &orders{calls: calls, left: m.left, seen: map[string]bool{}, agrees: m.agrees()}
	for _, w := range m.could {
		found.from(w)
	}
	if len(found.ends) == 0 {
		var said []string
		for _, c := range calls {
			said = append(said, c.String())
		}
		for _, w := range found.others {
			said = append(said, "an order would leave the tables otherwise: "+m.apart(w))
		}
		return fmt.Errorf("no order of these calls explains what they answered, and what the tables say:\n%s\nbefore: %+v\nnow: %s",
			strings.Join(said, "\n"), m.could, m.now())
	}
	m.could = found.ends
	return nil
}
