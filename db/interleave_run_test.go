package db

import (
	"cmp"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// dice draws a number below n, each as often.
type dice func(what string, n int) int

// draws makes the calls of a crowd by chance.
type draws struct {
	dice
	*crowd
	mood mood
}

// even draws from rapid's bits: its generators of ranges prefer the ends.
func even(t *rapid.T) dice {
	return func(what string, n int) int {
		return rapid.Custom(func(t *rapid.T) (number int) {
			for range 8 {
				number *= 2
				if rapid.Bool().Draw(t, "bit") {
					number++
				}
			}
			return number % n
		}).Draw(t, what)
	}
}

func pick[T any](d dice, what string, of ...T) T { return of[d(what, len(of))] }

// some is true once in n times.
func (d draws) some(what string, n int) bool { return d.dice(what, n) == n-1 }

// state is one world that may be true: what chance looks at to make calls that make sense.
func (d draws) state(slot int) oPayment {
	if w := d.could[0]; slot < len(w.payments) {
		return w.payments[slot]
	}
	return oPayment{payer: noOne}
}

// mood is what a crowd does more of than others: chance that does a little of everything seldom gets far with anything.
type mood struct {
	care    int // out of a hundred calls
	cares   []string
	hows    []kaopass.Identity
	right   int // codes out of four
	methods []int
	fates   []fate
	sums    []int64
	first   []int // whose face is shown
	holds   bool  // what is authorised mostly stays so
	leaves  bool  // callers do
	wrong   int   // codes that the first till has just seen
	purse   int64 // yen in each wallet
}

func newMood(d dice) mood {
	m := mood{
		care: pick(d, "care", 0, 8, 20, 50),
		cares: pick(d, "cares", []string{"freeze", "freeze", "thaw"}, []string{"sign", "allow", "allow", "grow up"},
			[]string{"sign", "sign", "allow"}, []string{"own"},
			[]string{"limits", "withdraw"}, []string{"freeze", "freeze", "dispute", "dispute", "case refund", "case reject", "case recall", "thaw", "thaw"},
			[]string{"remove", "recode", "erase"}, []string{"clear"},
			[]string{"freeze", "thaw", "recode", "sign", "allow", "grow up", "own", "limits", "clear", "dispute", "dispute", "case refund", "case reject",
				"case recall", "withdraw", "erase", "remove"}),
		hows: pick(d, "faces", []kaopass.Identity{kaopass.Enough}, []kaopass.Identity{kaopass.Enough}, []kaopass.Identity{kaopass.AskCode},
			[]kaopass.Identity{kaopass.Enough, kaopass.Enough, kaopass.Enough, kaopass.AskCode, kaopass.Nobody}),
		right:   pick(d, "codes", 1, 3, 3),
		methods: pick(d, "methods", []int{0}, []int{0}, []int{1, 2}, []int{0, 0, 1, 2}),
		fates: pick(d, "fates", []fate{pays}, []fate{pays, crashHeld, crashNone}, []fate{crashHeld},
			[]fate{pays, pays, pays, declines, losesHeld, losesNone, crashHeld, crashNone}),
		sums:   pick(d, "sums", []int64{1, 700}, []int64{3000, 4000}, []int64{1, 700, 3000, 3000, 4000, 9_999, 10_000, 50_001}),
		first:  pick(d, "payers", []int{0}, []int{0, 0, 1}, []int{0, 1, 2}),
		holds:  pick(d, "holds", false, false, true),
		leaves: pick(d, "leave", false, true),
		wrong:  pick(d, "wrong codes", 0, 0, kaopass.CodeTillTries-2),
		purse:  pick(d, "purse", int64(3000), 20_000, 60_000, 60_000, 60_000, 290_000),
	}
	if m.holds && m.methods[0] == 0 {
		m.purse = m.sums[len(m.sums)/2] * 3 / 2 // enough for one, and not for two
	}
	switch m.cares[0] { // what else would seldom meet
	case "clear":
		m.care, m.hows, m.right, m.wrong = max(m.care, 8), []kaopass.Identity{kaopass.AskCode}, 1, kaopass.CodeTillTries
	case "remove":
		m.care, m.methods = max(m.care, 8), []int{1, 2}
	case "freeze":
		m.care = max(m.care, 20)
	}
	return m
}

// goOn is the verb that a clerk most likely sends next; empty where there is nothing to do.
func goOn(p oPayment) kaopass.PaymentVerb {
	next := map[kaopass.PaymentStatus]kaopass.PaymentVerb{
		kaopass.AwaitingFace: kaopass.ShowFace, kaopass.AwaitingCode: kaopass.EnterCode, kaopass.AwaitingConfirmation: kaopass.Confirm,
		kaopass.Authorised: kaopass.Capture}
	if p.Status == kaopass.Refused && p.Retry {
		return kaopass.ShowFace
	}
	return next[p.Status]
}

// slot draws a payment: most likely one of the newest that goes on, else one that was paid, seldom any.
func (d draws) slot() int {
	var open, paid []int
	for slot := max(0, len(d.ids)-8); slot < len(d.ids); slot++ {
		if p := d.state(slot); goOn(p) != "" && !(d.mood.holds && p.Status == kaopass.Authorised) {
			open = append(open, slot)
		} else if p.Status.May(kaopass.Refund) {
			paid = append(paid, slot)
		}
	}
	from := d.dice("which payment", 12)
	switch {
	case len(open) > 0 && from < 9:
		return pick(d.dice, "open payment", open...)
	case len(paid) > 0 && from < 11:
		return pick(d.dice, "paid payment", paid...)
	}
	return len(d.ids) - 1 - d.dice("payment", min(6, len(d.ids)))
}

// ask is the verb that a clerk sends: mostly the next one, or one that a paid payment takes.
func (d draws) ask(p oPayment) kaopass.PaymentVerb {
	next := goOn(p)
	switch {
	case next == kaopass.Capture:
		return pick(d.dice, "held", kaopass.Capture, kaopass.Capture, kaopass.Capture, kaopass.Void, kaopass.Cancel)
	case next != "" && !d.some("another verb", 12):
		return next
	case p.Status.May(kaopass.Refund):
		return pick(d.dice, "paid", kaopass.Refund, kaopass.Refund, kaopass.Refund, kaopass.Refund, kaopass.Cancel, kaopass.Void, kaopass.Capture)
	}
	return pick(d.dice, "verb", kaopass.ShowFace, kaopass.EnterCode, kaopass.Confirm, kaopass.Capture, kaopass.Void, kaopass.Cancel, kaopass.Refund)
}

// crowded reports whether payments enough are on their way.
func (d draws) crowded() bool {
	open := 0
	for slot := max(0, len(d.ids)-8); slot < len(d.ids); slot++ {
		if next := goOn(d.state(slot)); next != "" && next != kaopass.Capture {
			open++
		}
	}
	return open >= 4
}

// call draws one request.
func (d draws) call() *call {
	c := &call{payer: noOne, slot: noOne}
	kind := d.dice("kind", 32)
	switch {
	case len(d.past) > 0 && kind == 0:
		c = d.again()
	case kind == 1:
		c.verb = "timer"
	case kind == 2:
		d.purseCall(c)
	case d.dice("cares", 100) < d.mood.care:
		d.carefulDraw(c)
	case kind <= 10 && !d.crowded() || len(d.ids) == 0:
		d.create(c)
	default:
		d.tillCall(c)
	}
	if d.mood.leaves && c.verb != "timer" && c.verb != "dispute" && d.some("leaves", 14) {
		c.patience = time.Duration(1+d.dice("patience", 40)) * 100 * time.Microsecond
	}
	return c
}

// again is a request that was sent before, with its key: late, or because its answer was lost. Sometimes it is another one
// that has the key by mistake.
func (d draws) again() *call {
	before := pick(d.dice, "again", d.past...)
	before.got, before.gotID, before.diedAtADesk, before.patience, before.overtaken = result{}, "", false, 0, false
	if d.some("another body", 4) {
		before.body++
	}
	if k, kept := d.could[0].kept[before.key]; before.verb == "create" && d.ids[before.slot] != "" && kept && d.clock.now().Sub(k.at) >= kaopass.KeyKept {
		d.anew(&before) // nobody remembers: it is another payment now, and whoever sends it again means that one
	}
	return &before
}

func (d draws) anew(c *call) {
	c.slot = d.slotFor(c.till)
	for i := range d.past {
		if d.past[i].key == c.key {
			d.past[i].slot = c.slot
		}
	}
}

func (d draws) key(c *call) {
	if d.dice("with a key", 3) > 0 {
		d.keys++
		c.key = d.keys
	}
}

// slotFor is a new payment's place.
func (d draws) slotFor(till int) int {
	d.ids, d.crowd.till = append(d.ids, ""), append(d.crowd.till, till)
	return len(d.ids) - 1
}

func (d draws) create(c *call) {
	c.verb = "create"
	c.till = d.dice("till", tillsEach)
	c.yen = pick(d.dice, "yen", d.mood.sums...)
	c.manual = d.some("manual", 2)
	c.slot = d.slotFor(c.till)
	d.key(c)
}

func (d draws) tillCall(c *call) {
	c.slot = d.slot()
	c.till = d.crowd.till[c.slot]
	p := d.state(c.slot)
	c.verb = string(d.ask(p))
	if d.some("another till", 20) {
		c.till = (c.till + 1) % tillsEach
	}
	c.yen = pick(d.dice, "part", int64(0), 1, 1, 400, 400, 3000, 4000)
	c.how = pick(d.dice, "face", d.mood.hows...)
	first := pick(d.dice, "first", d.mood.first...)
	c.who = []int{first, (first + 1) % crowdSize, (first + 2) % crowdSize}
	if p.payer == noOne && c.verb == string(kaopass.EnterCode) && len(p.list) > 0 {
		if p.payer = noOne; d.dice("code", 4) < d.mood.right {
			p.payer = p.list[0]
		}
	}
	if c.payer = p.payer; c.verb == string(kaopass.Confirm) {
		if c.payer = max(c.payer, 0); d.some("another's method", 20) {
			c.payer = (c.payer + 1) % crowdSize
		}
		c.method, c.fate = pick(d.dice, "method", d.mood.methods...), pick(d.dice, "fate", d.mood.fates...)
	}
	d.key(c)
}

func (d draws) purseCall(c *call) {
	c.payer = d.dice("visitor", crowdSize)
	c.verb = pick(d.dice, "does", "top up", "desk")
	c.yen = pick(d.dice, "yen", int64(1), 5000, 50_000, 50_001)
	c.method = 1 + d.dice("card", cardsEach)
	c.fate = fate(d.dice("fate", fatesCount))
	if c.verb == "top up" {
		d.key(c)
	}
}

// carefulDraw draws what makes somebody pay less, or nothing, or again.
func (d draws) carefulDraw(c *call) {
	c.payer = pick(d.dice, "visitor", d.mood.first...)
	c.own = d.some("own", 2)
	c.method = 1 + d.dice("card", cardsEach)
	c.verb = pick(d.dice, "verb", d.mood.cares...)
	if m := d.could[0].payers[c.payer]; m.frozen.By != "" && d.some("allows again", 2) {
		c.verb, c.own = pick(d.dice, "how", "thaw", "thaw", "recode"), m.frozen.By != kaopass.FrozenByStaff
	}
	sums := []int64{0, 500, 3000, 5000, 20_000, 20_000}
	c.allow = kaopass.Allowance{Day: pick(d.dice, "day", sums...), Week: pick(d.dice, "week", sums...), Card: d.some("by card", 2)}
	c.yen = pick(d.dice, "own limit", sums...)
	c.limits = pick(d.dice, "limits", venueLimits()...)
	c.till = d.dice("till", tillsEach)
	switch c.verb {
	case "dispute", "case refund", "case reject", "case recall":
		d.caseDraw(c)
	case "allow":
		c.own = false
	}
}

// caseDraw draws a case of a payment that somebody has paid, or something else where there is none.
func (d draws) caseDraw(c *call) {
	var paid []int
	for slot := range d.could[0].payments {
		about := d.state(slot).payer != noOne
		if c.verb != "dispute" {
			about = about && len(d.cases[slot]) > 0
		}
		if about {
			paid = append(paid, slot)
		}
	}
	if len(paid) == 0 {
		c.verb = "thaw"
		return
	}
	c.slot = pick(d.dice, "paid", paid...)
	c.payer = d.state(c.slot).payer
	if c.verb != "dispute" {
		c.kase = d.dice("case", len(d.cases[c.slot]))
	}
}

// venueLimits are some that a venue may set: the standard, and such as a crowd reaches.
func venueLimits() []kaopass.Limits {
	return []kaopass.Limits{{}, {HourSum: 9000, DaySum: 15_000}, {Payment: 9_999, CodeFrom: 4000, HourCount: 3, DayCount: 4},
		{HourCount: 2, HourSum: 12_000}, {HourCount: 1}, {CodeFrom: 700, DaySum: 10_000}}
}

// burst draws calls that are made at once. Two with one key are twins: what they send is the same. There is one round of
// the timer at most, and one case of a payment, so that it is known which was opened.
func (d draws) burst(most int) (calls []*call) {
	known := len(d.ids)
	for range 1 + d.dice("at once", most) {
		c := d.call()
		if c.verb == "create" || c.slot < known {
			calls = append(calls, c)
		}
		if most > 1 && c.verb == string(kaopass.Confirm) && c.slot < known && d.some("rival", 3) {
			calls = append(calls, &call{verb: string(kaopass.Cancel), till: c.till, slot: c.slot, payer: noOne})
		}
		if most > 1 && c.key != 0 && d.some("twin", 6) && len(calls) < most {
			twin := *c
			twin.patience = 0
			calls = append(calls, &twin)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(calls, func(c *call) bool {
		twice := seen[c.verb] && (c.verb == "timer" || c.verb == "dispute")
		seen[c.verb] = true
		return twice
	})
}

// interleaveFor is how long chance may go on here: 12 s, or as KAOPASS_INTERLEAVE says (such as 30m, together with a
// large -rapid.checks).
func interleaveFor(t *testing.T) time.Duration {
	t.Helper()
	long, err := time.ParseDuration(cmp.Or(os.Getenv("KAOPASS_INTERLEAVE"), "12s"))
	if err != nil {
		t.Fatal(err)
	}
	return long
}

// meeting is the venue in which crowds meet.
type meeting struct {
	*rig
	desk  *chanceDesk
	tills []kaopass.Device
	calls int
}

func newMeeting(r *rig) *meeting {
	return &meeting{rig: r, desk: &chanceDesk{charges: map[string]*chanceCharge{}},
		tills: []kaopass.Device{r.till, r.device(kaopass.Till, "Cafe 1", "food-hall")}}
}

// crowd lets fresh people do things in bursts of up to so many calls at once, and compares them with the oracle after each.
func (m *meeting) crowd(roll dice, bursts, most int) error {
	mood := newMood(roll)
	d := draws{dice: roll, mood: mood, crowd: newCrowd(m.rig, m.desk, m.tills, mood.purse,
		pick(roll, "venue", venueLimits()...), mood.wrong)}
	for range bursts {
		m.clock.turn(pick(roll, "later", 0, 0, time.Second, time.Second, time.Second, time.Second, 2*time.Second, 20*time.Second))
		if roll("over", 50) == 0 {
			m.clock.turn(kaopass.PaymentWithin)
		}
		if roll("much later", 40) == 0 {
			m.clock.turn(pick(roll, "how much", 10*time.Minute, 50*time.Minute, time.Hour, 8*time.Hour, kaopass.KeyKept))
		}
		burst := d.burst(most)
		m.calls += len(burst)
		if err := d.atOnce(burst); err != nil {
			return err
		}
	}
	return d.rests()
}

// Whatever many callers do at once, in whatever order it happens: there is an order, one after the other, in which a
// plain model answers each of them the same and ends with the same sums; and the book and the card company agree.
func TestAnyInterleavingOfVerbsIsSomeOrderOfThem(t *testing.T) {
	t.Parallel()
	m := newMeeting(newRig(t))
	m.DB, _ = m.asServer() // whose rights have to be enough for every verb
	until := time.Now().Add(interleaveFor(t))
	rapid.Check(t, func(t *rapid.T) {
		if time.Now().After(until) {
			return
		}
		m.clock.turn(time.Hour)
		if err := m.crowd(even(t), rapid.IntRange(20, 60).Draw(t, "bursts"), atOnceMax); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d calls; payments by status: %s", m.calls, must1(m.rig, `SELECT string_agg(status || ' ' || n, ', ' ORDER BY status)
		FROM (SELECT status, count(*) AS n FROM payment GROUP BY status) AS by_status`))
}
