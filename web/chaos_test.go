package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// Sizes of a run.
const (
	chaosShort    = 64 // sales without KAOPASS_CHAOS
	chaosTills    = 8
	chaosPurse    = 50_000 // yen that most payers begin with
	chaosCodeFrom = 18     // yen from which the code is asked; a sale is of 2 to 26
	chaosDiskMB   = 1024
	chaosEndsIn   = 6 * time.Minute // after the last fault: timers, tasks to tell the card company, which wait ever longer
	chaosStuck    = 100             // looks at books of which nothing gets better: it will not
)

// TestChaos runs tills, visitors and staff against the real program over HTTP while it is killed, its database stopped,
// paused and killed, its disk filled, connections cut, the card company silent, and the tills themselves crash; then
// everything has to add up. Half of the sales are with the sandbox as the card company, half with Stripe.
//
//	KAOPASS_CHAOS=4000 go test ./web -run 'TestChaos$' -v -timeout 2h
func TestChaos(t *testing.T) {
	slow(t)
	sales, err := strconv.Atoi(cmp.Or(os.Getenv("KAOPASS_CHAOS"), strconv.Itoa(chaosShort)))
	if err != nil {
		t.Fatal(err)
	}
	for _, company := range []string{"sandbox", "Stripe"} {
		t.Run(company, func(t *testing.T) { chaosWith(t, company, sales/2) })
	}
}

func chaosWith(t *testing.T, company string, sales int) {
	c := &chaos{T: t, cfg: demoConfig(t), counts: newCounts(), crowd: &payers{}}
	c.cfg.Data, c.cfg.Addr = filepath.Join(dbtest.Dir(t), "var"), freeAddr(t)
	c.smallDisk(chaosDiskMB)
	if company == "Stripe" {
		c.stripe = besideStripe(t, c.counts)
		c.stripe.venue = "http://" + c.cfg.Addr
		c.cfg.StripeKey, c.cfg.StripeURL, c.cfg.StripeSecrets = stripetest.Key, c.stripe.way.URL(), []string{stripeSecret}
	}
	c.server = serve(t, c.cfg)
	defer func() { c.server.ends(t, c.cfg) }()
	begun := time.Now()
	thief := c.prepare(sales > chaosShort)
	proxy := cutting(t, c.cfg.Addr, c.counts)
	for _, till := range c.tills {
		till.base = proxy.url
	}
	for _, v := range c.crowd.everybody() {
		v.comesTo(t, proxy.url)
	}
	stormed := time.Now()
	c.storm(thief, proxy, sales)
	took := time.Since(stormed)
	books := c.close(begun)
	t.Log(c.report(company, books, took))
	for _, complaint := range books.complaints() {
		t.Error(complaint)
	}
}

// freeAddr is an address that the server can come back to.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only asked for its number
	return l.Addr().String()
}

// prepare does what an operator does: tills, one of them a thief's, and people with wallets and cards of every kind.
func (c *chaos) prepare(long bool) (thief *chaosTill) {
	c.Helper()
	s, err := openStore(c.Context(), &c.cfg, io.Discard)
	c.ok(err)
	defer func() { c.ok(s.Close()) }()
	for n := range chaosTills + 1 {
		c.tills = append(c.tills, c.till(s, n))
	}
	c.ok(s.SetLimits(c.Context(), kaopass.Limits{CodeFrom: chaosCodeFrom, HourCount: kaopass.PaceMax, HourSum: kaopass.PaymentDayMax,
		DayCount: kaopass.PaceMax, TillMinute: kaopass.PaceMax, TillHour: kaopass.PaceMax}, operator)) // few people pay for everything here
	d, err := newStory(s, &c.cfg, c.server.url)
	c.ok(err)
	leaving := [][]string{{"", "withdraw"}, {"", "delete"}} // by face
	if long {
		leaving = [][]string{{"", "withdraw", "erase", "delete", "erase"}, {"", "delete", "withdraw", "erase", "withdraw"}}
	}
	for n, man := range []interface{ JPEGs() ([][]byte, error) }{d.franck, d.laptop} {
		photos, err := man.JPEGs()
		c.ok(err)
		c.crowd.faces = append(c.crowd.faces, c.people(s, n, leaving[n], photos))
	}
	var faces [][]byte
	for _, later := range [][][]byte{d.face, d.stranger} {
		faces = append(faces, c.known(c.tills[0], later))
	}
	for _, till := range c.tills {
		till.faces, till.crashes, till.walks = faces, 0.004, long
	}
	thief = c.tills[chaosTills]
	thief.crashes = 0
	return thief
}

// till is a till of its own journal.
func (c *chaos) till(s *store, n int) *chaosTill {
	c.Helper()
	till := &chaosTill{person: newPerson(c.server.url), path: filepath.Join(c.TempDir(), "till.jsonl"), counts: c.counts, crowd: c.crowd,
		chance: chance(n)}
	device, code, err := s.AddDevice(c.Context(), kaopass.Till, fmt.Sprintf("till-%d", n), kaopass.Zone(fmt.Sprintf("store-%d", n%2)), operator)
	c.ok(err)
	till.device = device.ID
	var claimed struct{ Token string }
	c.ok(till.call(c.Context(), "/v1/devices/claim", map[string]string{"code": code}, &claimed))
	till.token = claimed.Token
	c.ok(till.open())
	return till
}

// roll is a number below n.
func roll[N int | time.Duration](n N) N { return rand.N(n) } //nolint:gosec // chance

func chance(n int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(n), uint64(time.Now().UnixNano()))) //nolint:gosec // chance
}

func (c *chaos) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// people enrols somebody, once for each way to leave: several accounts of one face.
func (c *chaos) people(s *store, face int, leaving []string, photos [][]byte) (all []*visitor) {
	c.Helper()
	paper := enrolCommand{Config: c.cfg, Consent: []kaopass.Purpose{kaopass.ForPayment}, ConsentRef: "form", Language: kaopass.English}
	for i, photo := range photos[:min(len(photos), 5)] {
		paper.Images = append(paper.Images, file(c.T, c.TempDir(), strconv.Itoa(i)+".jpg", photo))
	}
	template, reason, err := paper.face(c.Context())
	if c.ok(err); reason != "" {
		c.Fatal(reason)
	}
	for n, leaves := range leaving {
		v := &visitor{person: newPerson(c.server.url), name: fmt.Sprintf("Payer %d of %d", n, face), crowd: c.crowd, before: chaosPurse,
			code: fmt.Sprintf("%d%d21", 4+face, n), leaves: leaves, at: float64(n) / float64(len(leaving)+1), adds: 4, answers: 6, counts: c.counts,
			chance: chance(100*face + n)}
		if leaves == "delete" {
			v.before = 0 // else there would be money to give back first
		}
		paper.Name, paper.Contact, paper.Code, paper.Wallet = v.name, fmt.Sprintf("payer-%d-%d@example.com", face, n), v.code, v.before
		in, err := paper.read()
		c.ok(err)
		in.Template = template
		done, err := s.Import(c.Context(), in)
		if c.ok(err); done.Reason != "" {
			c.Fatal(done.Reason)
		}
		v.id = done.Visitor
		c.signIn(s, v, in.Contact)
		c.addCards(s, v)
		all = append(all, v)
	}
	return all
}

// signIn gives a visitor's phone a session.
func (c *chaos) signIn(s *store, v *visitor, contact string) {
	c.Helper()
	letter, err := s.RequestSignIn(c.Context(), contact)
	c.ok(err)
	in, err := s.SignIn(c.Context(), contact, letter.Code, kaopass.English)
	c.ok(err)
	v.session = in.Token
	v.comesTo(c.T, c.server.url)
}

// addCards gives a visitor a card of each kind.
func (c *chaos) addCards(s *store, v *visitor) {
	c.Helper()
	if c.stripe == nil {
		company, err := card.Open("")
		c.ok(err)
		for _, sample := range card.Samples() {
			token, label, err := company.Tokenise(sample.Number, "12/34", "123")
			c.ok(err)
			if sample.Does == "silent" {
				label += " silent"
			}
			c.ok(second(s.AddCard(c.Context(), v.id, token, label)))
		}
	} else {
		v.forms = c.stripe.fill
		for _, does := range []string{stripetest.Pays, stripetest.Pays, stripetest.Declines, asksOwner} {
			a, err := v.post(c.Context(), "/wallet/card")
			if c.ok(err); !c.stripe.fill(a.to, does) {
				c.Fatal(a)
			}
			c.ok(second(v.ask(c.Context(), http.MethodGet, "/wallet/card/done", nil)))
		}
	}
	w, err := s.Wallet(c.Context(), v.id)
	c.ok(err)
	for _, m := range w.Methods {
		if m.Kind == kaopass.Card {
			v.cards = append(v.cards, m.ID)
		}
	}
}

// comesTo has a visitor reach the venue this way.
func (v *visitor) comesTo(t *testing.T, base string) {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	v.person = newPerson(base)
	v.Jar.SetCookies(at, []*http.Cookie{{Name: "kaopass_visitor", Value: v.session, Path: "/"}})
	v.Timeout = callPatience
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

func second[T any](_ T, err error) error { return err }

// command runs a command of the program beside the server, and answers what it printed.
func (c *chaos) command(args ...string) []byte {
	c.Helper()
	args = append(args, "--data", c.cfg.Data, "--packages", c.cfg.Packages)
	if c.stripe != nil {
		args = append(args, "--stripe-key", c.cfg.StripeKey, "--stripe-url", c.cfg.StripeURL)
	}
	var stdout, stderr bytes.Buffer
	if err := run(c.Context(), args, &stdout, &stderr); err != nil && !errors.Is(err, errSaid) {
		c.Errorf("%s: %v %s", args[0], err, stderr.String())
	}
	return stdout.Bytes()
}

// known picks a photo by which its person is found at a till.
func (c *chaos) known(till *chaosTill, photos [][]byte) (found []byte) {
	c.Helper()
	eventually(c.T, "found at a till", func() bool {
		for _, photo := range photos {
			till.faces = [][]byte{photo}
			s, err := till.begin(c.Context(), fmt.Sprintf("try-%d", len(till.sales)), 2)
			c.ok(err)
			a, err := till.do(c.Context(), s, "face", "", 1)
			c.ok(err)
			c.ok(till.settle(c.Context(), s, true))
			if found = photo; a.Status == kaopass.AwaitingConfirmation || a.Status == kaopass.AwaitingCode {
				return true
			}
		}
		return false
	})
	return found
}

// storm lets all tills sell, visitors and staff do what they do, and things happen, until everything is sold.
func (c *chaos) storm(thief *chaosTill, proxy *cutter, sales int) {
	var selling, others sync.WaitGroup
	var sold atomic.Int64
	does := func(all *sync.WaitGroup, what func() error) {
		all.Go(func() {
			if err := what(); err != nil {
				c.Error(err)
			}
		})
	}
	staff := c.staff(proxy.url)
	for _, till := range c.tills {
		till.staff = staff
	}
	for i, till := range c.tills[:chaosTills] {
		does(&selling, func() error {
			return till.sell(c.Context(), fmt.Sprintf("sale-%d", i), sales/chaosTills, func() {
				part := float64(sold.Add(1)) / float64(sales)
				c.crowd.locked(func() { c.crowd.sold = part })
			})
		})
	}
	over, quiet := make(chan struct{}), make(chan struct{})
	for _, v := range c.crowd.everybody() {
		does(&others, func() error { return v.live(c.Context(), over) })
	}
	does(&others, func() error { return staff.work(c.Context(), c.crowd, over) })
	does(&others, func() error { return thief.guess(c.Context(), 1+sales/1000) })
	go func() { selling.Wait(); close(over); others.Wait(); close(quiet) }()
	c.trouble(proxy, sales > chaosShort, quiet)
}

// trouble lets things happen, one after the other, until all is quiet.
func (c *chaos) trouble(proxy *cutter, long bool, quiet <-chan struct{}) {
	proxy.perMill.Store(12)
	faults := []func(){
		func() { c.killServer(false) },
		func() { c.signal("PostgreSQL stopped at once (SIGQUIT)", syscall.SIGQUIT) },
		func() { c.pause(2 * time.Second) },
		func() { c.fillDisk(2 * time.Second) },
		func() { c.killServer(true) },
		c.killBackend,
		c.refuseWrites,
	}
	if c.stripe != nil {
		c.stripe.often.Store(250)
		faults = append(faults, func() { c.stripe.outage(3 * time.Second) })
	}
	apart := 700 * time.Millisecond
	if long {
		apart *= 3 // with one trouble after the other, nothing is ever sold
	}
	for n := 0; ; n++ {
		select {
		case <-quiet:
			proxy.perMill.Store(0)
			return
		case <-time.After(apart + roll(apart)):
		}
		if c.stripe != nil {
			c.stripe.complain()
			c.stripe.letsGo()
			c.stripe.bounces()
		}
		faults[n%len(faults)]()
		if n >= len(faults) {
			c.ready(c.Context())
		}
	}
}

// close waits for what ends by itself, and gathers the books.
func (c *chaos) close(begun time.Time) (b chaosBooks) {
	c.ready(c.Context())
	if c.stripe != nil {
		c.stripe.rest()
	}
	before, stuck := 0, 0
	for end := time.Now().Add(chaosEndsIn); ; time.Sleep(time.Second) {
		b = c.books()
		n := len(b.complaints())
		if stuck++; n != before || b.waits() {
			before, stuck = n, 0
		}
		if n == 0 || stuck > chaosStuck || time.Now().After(end) {
			c.settlement(begun, &b)
			return b
		}
	}
}
