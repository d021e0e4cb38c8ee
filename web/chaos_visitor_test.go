package main

import (
	"context"
	secret "crypto/rand"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// payers are everybody who pays here, by face. Several accounts may have one: the code then says whose money it is.
type payers struct {
	mu     sync.Mutex
	faces  [][]*visitor
	amount int64 // of the last top-up: no two are of the same, so that each can be told from all others
	sold   float64
}

// wrongCode is nobody's.
const wrongCode = "0000"

// types is what somebody with a face types where four digits are asked for.
func (p *payers) types(face int, chance *rand.Rand) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := p.faces[face][chance.IntN(len(p.faces[face]))]
	if who.code == "" || chance.IntN(6) == 0 {
		return wrongCode
	}
	return who.code
}

func (p *payers) everybody() (all []*visitor) {
	for _, face := range p.faces {
		all = append(all, face...)
	}
	return all
}

func (p *payers) locked(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// visitor is somebody who pays here, with the portal on their phone. What they were answered is remembered.
type visitor struct {
	person
	id      kaopass.VisitorID
	name    string
	session string
	crowd   *payers
	code    string // the newest they were shown
	cards   []kaopass.MethodID
	forms   func(address, card string) bool // fills the card company's page in; nil: cards are typed in here
	adds    int                             // so many cards they will still add
	answers int                             // and so many times answer a bank
	leaves  string                          // how they go in the end: withdraw, erase, delete, or not at all
	at      float64                         // when: so much of all sales
	before  int64                           // yen in the wallet at first
	counts  *counts
	chance  *rand.Rand

	topUps []*topUp
	stops  []stop
	cases  []visitorCase
}

// topUp is money put in, under one key, and what was answered, as often as it was.
type topUp struct {
	key    string
	amount int64
	method kaopass.MethodID
	said   []string
}

// What a top-up was answered.
const (
	topUpAdded   = "added"
	topUpRefused = "refused"
	topUpAway    = "signed out"
)

// stop is a time in which nothing may be paid: from the answer that payments are stopped, to the question to allow them.
type stop struct {
	how         string
	from, until time.Time // until zero: for ever
}

// visitorCase is a "that wasn't me" that was acknowledged.
type visitorCase struct {
	id       string
	recalled bool
}

// said is a page's answer.
type said struct {
	status int
	to     string // where it leads to
	page   string
}

// ask asks until there is an answer: silence is none, and neither is "in a moment".
func (v *visitor) ask(ctx context.Context, method, path string, form url.Values) (said, error) {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		status, text, header, err := v.send(ctx, method, path, "application/x-www-form-urlencoded", []byte(form.Encode()), "")
		if err == nil && status < 500 && header.Get("Retry-After") == "" {
			return said{status, header.Get("Location"), string(text)}, nil
		}
		v.counts.add("repeated by a visitor")
		select {
		case <-ctx.Done():
			return said{}, ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (v *visitor) post(ctx context.Context, path string, fields ...string) (said, error) {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.ask(ctx, http.MethodPost, path, form)
}

// live is a visitor's day: whatever comes to mind, until everything is sold; some leave before.
func (v *visitor) live(ctx context.Context, over <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-time.After(300*time.Millisecond + time.Duration(v.chance.IntN(1200))*time.Millisecond):
		}
		sold := 0.0
		v.crowd.locked(func() { sold = v.crowd.sold })
		if v.leaves != "" && sold >= v.at {
			return v.leave(ctx)
		}
		if err := v.does(ctx); err != nil {
			return err
		}
	}
}

// does one thing.
func (v *visitor) does(ctx context.Context) error {
	switch n := v.chance.IntN(20); {
	case n < 7 && v.before > 0: // whoever wants their account deleted puts no money in
		return v.putIn(ctx)
	case n < 9:
		return v.stopAndGoOn(ctx)
	case n < 11:
		return v.notMe(ctx)
	case n < 12:
		return v.drawCode(ctx)
	case n < 14 && v.adds > 0:
		return v.addCard(ctx)
	case n < 16:
		return v.answersBank(ctx)
	}
	return nil
}

// putIn tops up: with a button pressed twice, in two windows at once, and with a page that is loaded again.
func (v *visitor) putIn(ctx context.Context) error {
	if len(v.cards) == 0 {
		return nil
	}
	first := v.newTopUp()
	asked := []*topUp{first}
	switch v.chance.IntN(3) {
	case 0:
		v.counts.add("done: a top-up by two clicks")
		asked = append(asked, first)
	case 1:
		v.counts.add("done: two top-ups at once")
		asked = append(asked, v.newTopUp())
	}
	if v.chance.IntN(3) == 0 {
		v.counts.add("done: a top-up's page loaded again")
		defer func() { _ = v.sendTopUp(ctx, first) }()
	}
	return v.atOnce(ctx, asked, nil)
}

// atOnce sends top-ups, and something else, at the same moment.
func (v *visitor) atOnce(ctx context.Context, asked []*topUp, also func() error) (failed error) {
	var all sync.WaitGroup
	for _, one := range asked {
		all.Go(func() { _ = v.sendTopUp(ctx, one) }) // only the end of the test stops it
	}
	if also != nil {
		failed = also()
	}
	all.Wait()
	return failed
}

func (v *visitor) newTopUp() *topUp {
	t := &topUp{key: secret.Text(), method: v.cards[v.chance.IntN(len(v.cards))]}
	v.crowd.locked(func() {
		v.crowd.amount++
		t.amount = topUpFrom + v.crowd.amount
		v.topUps = append(v.topUps, t)
	})
	return t
}

// topUpFrom is less than any top-up and more than any payment here, in yen.
const topUpFrom = 500

func (v *visitor) sendTopUp(ctx context.Context, t *topUp) error {
	var a said
	for a.status = http.StatusConflict; a.status == http.StatusConflict; { // still under way
		var err error
		if a, err = v.post(ctx, "/wallet/topup", "amount", fmt.Sprint(t.amount), "method", string(t.method), "key", t.key); err != nil {
			return err
		}
		time.Sleep(retryFirst)
	}
	how := fmt.Sprint(a.status)
	switch {
	case strings.HasPrefix(a.to, "/wallet?added="):
		how = topUpAdded
	case a.status == http.StatusUnprocessableEntity:
		how = topUpRefused
	case strings.HasPrefix(a.to, "/signin") || a.status == http.StatusUnauthorized:
		how = topUpAway
	}
	v.counts.add("done: a top-up was " + how)
	v.crowd.locked(func() { t.said = append(t.said, how) })
	return nil
}

// stopAndGoOn is the switch on the visitor's own page.
func (v *visitor) stopAndGoOn(ctx context.Context) error {
	if _, err := v.post(ctx, "/me/payments", "frozen", "yes"); err != nil {
		return err
	}
	v.stopped("freeze")
	if err := v.pause(ctx); err != nil {
		return err
	}
	return v.goOn(ctx)
}

func (v *visitor) stopped(how string) {
	v.counts.add("done: payments stopped by " + how)
	v.stops = append(v.stops, stop{how: how, from: time.Now()})
}

func (v *visitor) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(v.chance.IntN(1500)) * time.Millisecond):
		return nil
	}
}

// goOn allows payments again.
func (v *visitor) goOn(ctx context.Context) error {
	asked := time.Now()
	a, err := v.post(ctx, "/me/payments", "frozen", "no")
	if err == nil && a.status == http.StatusSeeOther {
		v.stops[len(v.stops)-1].until = asked
	}
	return err
}

// notMe says so of something of their own; then a new code, payments again, and sometimes it was them after all.
func (v *visitor) notMe(ctx context.Context) error {
	about, err := v.something(ctx)
	if err != nil || about == "" {
		return err
	}
	a, err := v.post(ctx, "/me/uses/not-me", "event", about)
	if err != nil || a.status != http.StatusSeeOther {
		return err
	}
	v.stopped("that wasn't me")
	_, opened, there := strings.Cut(a.to, "opened=")
	if there {
		v.crowd.locked(func() { v.cases = append(v.cases, visitorCase{id: opened}) })
	}
	if err := v.drawCode(ctx); err != nil {
		return err
	}
	if err := v.goOn(ctx); err != nil || !there || v.chance.IntN(2) == 0 {
		return err
	}
	a, err = v.post(ctx, "/me/cases/withdraw", "case", opened)
	if err == nil && a.status == http.StatusSeeOther {
		v.crowd.locked(func() { v.cases[len(v.cases)-1].recalled = true })
	}
	return err
}

// something that somebody else may have done in the visitor's name, as their own page lists it.
func (v *visitor) something(ctx context.Context) (string, error) {
	page := []string{"/me/uses", "/wallet/history", "/wallet/history"}[v.chance.IntN(3)]
	a, err := v.ask(ctx, http.MethodGet, page, nil)
	all := regexp.MustCompile(`name="event" value="([^"]+)"`).FindAllStringSubmatch(a.page, -1)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[v.chance.IntN(len(all))][1], nil
}

// drawCode draws a new one; a page that did not arrive is a code that nobody ever sees.
func (v *visitor) drawCode(ctx context.Context) error {
	v.crowd.locked(func() { v.code = "" })
	a, err := v.post(ctx, "/code")
	if err != nil {
		return err
	}
	if shown := regexp.MustCompile(`class="pin"[^>]*aria-label="([0-9 ]+)"`).FindStringSubmatch(a.page); shown != nil {
		v.crowd.locked(func() { v.code = strings.ReplaceAll(shown[1], " ", "") })
	}
	return nil
}

// addCard saves one more, on the card company's own page where it has one. Some close that page and never come back.
func (v *visitor) addCard(ctx context.Context) error {
	v.adds--
	a, err := v.post(ctx, "/wallet/card", "number", "4242 4242 4242 4242", "expiry", "12/34", "cvc", "123")
	if err != nil || v.forms == nil || a.status != http.StatusSeeOther || !v.forms(a.to, "") {
		return err
	}
	v.counts.add("done: a card saved at the company")
	if v.chance.IntN(2) == 0 {
		_, err = v.ask(ctx, http.MethodGet, "/wallet/card/done", nil)
	}
	return err
}

// answersBank is what the owner of a card does whose bank asked for them (3-D Secure): the wallet's page says so.
func (v *visitor) answersBank(ctx context.Context) error {
	a, err := v.ask(ctx, http.MethodGet, "/wallet", nil)
	if err != nil {
		return err
	}
	asked := regexp.MustCompile(`action="/wallet/card/owner"[\s\S]*?value="(pm_[0-9a-z]+)"`).FindStringSubmatch(a.page)
	if asked == nil || v.answers == 0 {
		return nil
	}
	v.answers--
	a, err = v.post(ctx, "/wallet/card/owner", "method", asked[1])
	switch {
	case err != nil:
		return err
	case v.forms == nil:
		_, err = v.post(ctx, "/wallet/card/answer", "method", asked[1])
	case v.forms(a.to, asksOwner) && v.chance.IntN(2) == 0:
		_, err = v.ask(ctx, http.MethodGet, "/wallet/card/done", nil)
	}
	v.counts.add("done: an owner answered the bank")
	return err
}

// asksOwner is the card of which the fake's bank wants to hear from its owner.
const asksOwner = "asksOwner"

// leave takes the consent, the face or the account away, while a top-up is on its way; afterwards nothing is charged.
func (v *visitor) leave(ctx context.Context) error {
	var asked []*topUp
	if len(v.cards) > 0 {
		asked = append(asked, v.newTopUp())
	}
	path := map[string]string{"withdraw": "/me/withdraw/payment", "erase": "/me/erase", "delete": "/me/delete"}[v.leaves]
	err := v.atOnce(ctx, asked, func() error {
		a, err := v.post(ctx, path)
		if err == nil && a.status == http.StatusConflict { // there is money in the wallet
			v.leaves = "erase"
			a, err = v.post(ctx, "/me/erase")
		}
		if err == nil && a.status == http.StatusSeeOther {
			v.stopped(v.leaves)
		}
		return err
	})
	if err != nil || len(v.cards) == 0 {
		return err
	}
	return v.sendTopUp(ctx, v.newTopUp())
}
