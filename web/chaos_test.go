package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/card"
)

// Sizes of a run.
const (
	chaosShort  = 80 // sales without KAOPASS_CHAOS
	chaosTills  = 8
	chaosPurse  = 50_000 // yen each payer begins with
	chaosDiskMB = 1024
	chaosEndsIn = 4 * time.Minute // after the last fault: timers, tasks to tell the card company
)

// TestChaos runs tills against the real program over HTTP while it is killed, its database stopped, paused and killed, its
// disk filled, connections cut, the card company silent and the tills themselves crash; then everything has to add up.
//
//	KAOPASS_CHAOS=5000 go test ./web -run TestChaos -v -timeout 2h
func TestChaos(t *testing.T) {
	slow(t)
	sales, err := strconv.Atoi(cmp.Or(os.Getenv("KAOPASS_CHAOS"), strconv.Itoa(chaosShort)))
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{T: t, cfg: demoConfig(t), counts: newCounts()}
	c.cfg.Data, c.cfg.Addr = filepath.Join(dbtest.Dir(t), "var"), freeAddr(t)
	c.smallDisk(chaosDiskMB)
	c.server = serve(t, c.cfg)
	defer func() { c.server.ends(t, c.cfg) }()
	tills, payers, faces := c.prepare()
	proxy := cutting(t, c.cfg.Addr, c.counts)
	for _, till := range tills {
		till.base, till.faces, till.crashes = proxy.url, faces, 0.004
	}
	begun := time.Now()
	c.storm(tills, proxy, sales)
	took := time.Since(begun)
	books := c.close(tills, payers)
	t.Logf("%d sales of %d tills in %v (%.0f a minute), while:\n%s\nended as:\n%s", len(books.sales), len(tills), took.Round(time.Second),
		float64(len(books.sales))/took.Minutes(), c.counts, byStatus(books))
	for _, complaint := range books.complaints() {
		t.Error(complaint)
	}
}

func byStatus(b chaosBooks) *counts {
	n := newCounts()
	for _, p := range b.server {
		n.add(strings.TrimSpace(string(p.Status) + " " + string(p.Reason)))
	}
	return n
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

// prepare does what an operator does: tills, two people with a wallet and cards of every kind.
func (c *chaos) prepare() (tills []*chaosTill, payers []kaopass.VisitorID, faces [][]byte) {
	c.Helper()
	s, err := openStore(c.Context(), &c.cfg, io.Discard)
	c.ok(err)
	defer func() { c.ok(s.Close()) }()
	for n := range chaosTills {
		till := &chaosTill{person: newPerson(c.server.url), path: filepath.Join(c.TempDir(), "till.jsonl"), counts: c.counts,
			chance: rand.New(rand.NewPCG(uint64(n), uint64(time.Now().UnixNano())))} //nolint:gosec // chance
		_, code, err := s.AddDevice(c.Context(), kaopass.Till, fmt.Sprintf("till-%d", n), kaopass.Zone(fmt.Sprintf("store-%d", n%2)), operator)
		c.ok(err)
		var claimed struct{ Token string }
		c.ok(till.call(c.Context(), "/v1/devices/claim", map[string]string{"code": code}, &claimed))
		till.token = claimed.Token
		c.ok(till.open())
		tills = append(tills, till)
	}
	c.ok(s.SetLimits(c.Context(), kaopass.Limits{HourCount: kaopass.PaceMax, HourSum: kaopass.PaymentDayMax, DayCount: kaopass.PaceMax,
		TillMinute: kaopass.PaceMax, TillHour: kaopass.PaceMax}, operator)) // two people pay for everything here
	d, err := newStory(s, &c.cfg, c.server.url)
	c.ok(err)
	franck, err := d.franck.JPEGs()
	c.ok(err)
	laptop, err := d.laptop.JPEGs()
	c.ok(err)
	for n, photos := range [][][]byte{franck, laptop} {
		payers = append(payers, c.enrol(s, fmt.Sprintf("Payer %d", n), photos))
	}
	for _, later := range [][][]byte{d.face, d.stranger} {
		faces = append(faces, c.known(tills[0], later))
	}
	return tills, payers, faces
}

func (c *chaos) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *chaos) enrol(s *store, name string, photos [][]byte) kaopass.VisitorID {
	c.Helper()
	args := []string{"enrol", "--name", name, "--consent", "payment", "--consent-ref", "form", "--wallet", strconv.Itoa(chaosPurse), "--json"}
	for i, photo := range photos[:min(len(photos), 5)] {
		args = append(args, "--image", file(c.T, c.TempDir(), strconv.Itoa(i)+".jpg", photo))
	}
	var enrolled struct {
		Visitor kaopass.VisitorID `json:"visitor_id"`
		Reason  string
	}
	c.ok(json.Unmarshal(c.command(args...), &enrolled))
	if enrolled.Reason != "" {
		c.Fatal(enrolled.Reason)
	}
	company, err := card.Open("")
	c.ok(err)
	for _, sample := range card.Samples() {
		token, label, err := company.Tokenise(sample.Number, "12/34", "123")
		c.ok(err)
		if sample.Does == "silent" {
			label += " silent"
		}
		c.ok(second(s.AddCard(c.Context(), enrolled.Visitor, token, label)))
	}
	return enrolled.Visitor
}

func second[T any](_ T, err error) error { return err }

// command runs a command of the program beside the server, and answers what it printed.
func (c *chaos) command(args ...string) []byte {
	c.Helper()
	args = append(args, "--data", c.cfg.Data, "--packages", c.cfg.Packages)
	if args[0] == "enrol" {
		args = append(args, "--models", c.cfg.Models)
	}
	var stdout, stderr bytes.Buffer
	if err := run(c.Context(), args, &stdout, &stderr); err != nil {
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
			s, err := till.begin(c.Context(), fmt.Sprintf("try-%d", len(till.sales)))
			c.ok(err)
			a, err := till.do(c.Context(), s, "face", "", 1)
			c.ok(err)
			c.ok(till.settle(c.Context(), s, true))
			if found = photo; a.Status == kaopass.AwaitingConfirmation {
				return true
			}
		}
		return false
	})
	return found
}

// storm lets all tills sell, and things happen, until everything is sold.
func (c *chaos) storm(tills []*chaosTill, proxy *cutter, sales int) {
	var all sync.WaitGroup
	for i, till := range tills {
		all.Go(func() {
			if err := till.sell(c.Context(), fmt.Sprintf("sale-%d", i), sales/len(tills)); err != nil {
				c.Error(err)
			}
		})
	}
	sold := make(chan struct{})
	go func() { all.Wait(); close(sold) }()
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
	apart := 1500 * time.Millisecond
	if sales > chaosShort {
		apart *= 2 // with one trouble after the other, nothing is ever sold
	}
	for n := 0; ; n++ {
		select {
		case <-sold:
			proxy.perMill.Store(0)
			return
		case <-time.After(apart + rand.N(apart)): //nolint:gosec // chance
			faults[n%len(faults)]()
			if n >= len(faults) {
				c.ready(c.Context())
			}
		}
	}
}

// close waits for what ends by itself, and gathers the books.
func (c *chaos) close(tills []*chaosTill, payers []kaopass.VisitorID) (b chaosBooks) {
	c.ready(c.Context())
	for end := time.Now().Add(chaosEndsIn); ; time.Sleep(time.Second) {
		b = c.books(tills, payers)
		if len(b.complaints()) == 0 || time.Now().After(end) {
			return b
		}
	}
}

func (c *chaos) books(tills []*chaosTill, payers []kaopass.VisitorID) (b chaosBooks) {
	c.Helper()
	for _, till := range tills {
		till.base = c.server.url
		b.sales = append(b.sales, till.sales...)
		b.server = append(b.server, c.list(till)...)
	}
	steps, err := os.Open(filepath.Join(c.cfg.Data, cardJournal))
	c.ok(err)
	defer steps.Close() //nolint:errcheck // it was read
	for lines := bufio.NewScanner(steps); lines.Scan(); {
		var step companyStep
		c.ok(json.Unmarshal(lines.Bytes(), &step))
		b.company = append(b.company, step)
	}
	s, err := openStore(c.Context(), &c.cfg, io.Discard)
	c.ok(err)
	defer func() { c.ok(s.Close()) }()
	for _, who := range payers {
		w, err := s.Wallet(c.Context(), who)
		c.ok(err)
		b.wallets = append(b.wallets, walletSum{before: chaosPurse, now: w.Balance.Value + w.Held.Value, held: w.Held.Value})
	}
	audit, err := s.AuditLedger(c.Context())
	c.ok(err)
	for _, breach := range audit.Breaches {
		b.audit = append(b.audit, fmt.Sprint(breach))
	}
	return b
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
