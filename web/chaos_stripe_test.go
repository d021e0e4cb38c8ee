package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// stripeSide is Stripe beside the venue: a small one that keeps its books in this process, which nobody kills, a way to it
// that fails in every way a network does, and a courier who brings its messages late, twice and out of order.
type stripeSide struct {
	*testing.T
	fake   *stripetest.Fake
	way    *stripetest.Proxy
	counts *counts
	venue  string       // where messages go to
	often  atomic.Int64 // faults in a thousand calls
	cut    atomic.Bool  // nobody answers at all

	post     sync.WaitGroup
	mu       sync.Mutex
	sent     int
	disputes map[string]companyDispute
	letGo    map[string]bool
	bounced  map[string]int64
}

// companyDispute is a payer's complaint to the bank, of which we were told.
type companyDispute struct{ charge, ended string }

// stripeSecret signs the messages.
const stripeSecret = "whsec_chaos0123456789"

// latest is how late a message, or one copy of it, may come.
const latest = 4 * time.Second

func besideStripe(t *testing.T, counts *counts) *stripeSide {
	t.Helper()
	s := &stripeSide{T: t, fake: stripetest.New(), counts: counts, disputes: map[string]companyDispute{},
		letGo: map[string]bool{}, bounced: map[string]int64{}}
	t.Cleanup(s.fake.Close)
	s.way = stripetest.Through(s.fake, func(*http.Request) stripetest.Fault { return s.fault() })
	t.Cleanup(s.way.Close)
	return s
}

// faultNames are the proxy's faults, as they are counted.
func faultNames() [stripetest.Faults]string {
	return [stripetest.Faults]string{stripetest.CutBefore: "cut before the request arrived", stripetest.CutAfter: "cut after it was carried out",
		stripetest.CutBody: "cut in the answer", stripetest.Silence: "carried out, answered too late", stripetest.Later: "cut, and carried out later",
		stripetest.Twice: "came twice", stripetest.Conflict: "409", stripetest.TooMany: "429", stripetest.Broken: "500",
		stripetest.BrokenLate: "carried out, and 500", stripetest.Down: "503", stripetest.Gibberish: "a gateway's own words"}
}

// fault is what goes wrong with the next call.
func (s *stripeSide) fault() (f stripetest.Fault) {
	switch {
	case s.cut.Load():
		f = stripetest.Down
		if roll(2) == 0 {
			f = stripetest.CutBefore
		}
		s.counts.add("fault: Stripe: cut off")
		return f
	case int64(roll(1000)) >= s.often.Load():
		return stripetest.None
	}
	f = 1 + stripetest.Fault(roll(int(stripetest.Faults)-1))
	s.counts.add("fault: Stripe: " + faultNames()[f])
	return f
}

// outage lets nobody through for a while.
func (s *stripeSide) outage(long time.Duration) {
	s.counts.add("fault: Stripe: an outage begins")
	s.cut.Store(true)
	time.Sleep(long)
	s.cut.Store(false)
}

// rest ends the faults, and waits for what is on its way.
func (s *stripeSide) rest() {
	s.often.Store(0)
	s.cut.Store(false)
	s.way.Settle()
	s.post.Wait()
}

// fill fills the form at an address in with a card, any where none is named; the message about it comes when it likes.
func (s *stripeSide) fill(address, card string) bool {
	_, form, found := strings.Cut(address, "form=")
	if !found {
		return false
	}
	if card == "" {
		card = []string{stripetest.Pays, stripetest.Pays, stripetest.Declines, stripetest.Short, stripetest.AsksOwner}[roll(5)]
	}
	method := s.fake.Fill(form, card)
	s.tell("checkout.session.completed", fmt.Sprintf(`{"id":%q,"object":"checkout.session","mode":"setup","status":"complete","customer":%q}`,
		form, method.Customer))
	return true
}

// complain lets a bank's customer dispute a charge that was captured, and the bank decide.
func (s *stripeSide) complain() {
	var all []stripetest.Intent
	s.fake.Look(func(f *stripetest.Fake) {
		for _, in := range f.Intents {
			if in.Status == "succeeded" {
				all = append(all, *in)
			}
		}
	})
	if len(all) == 0 {
		return
	}
	in := all[roll(len(all))]
	ended := []string{"won", "lost"}[roll(2)]
	s.mu.Lock()
	id := fmt.Sprintf("dp_%d", len(s.disputes)+1)
	s.disputes[id] = companyDispute{in.Metadata[ofCharge], ended}
	s.mu.Unlock()
	for kind, status := range map[string]string{"created": "needs_response", "updated": "under_review", "closed": ended} {
		s.tell("charge.dispute."+kind, fmt.Sprintf(
			`{"id":%q,"object":"dispute","amount":%d,"currency":"jpy","reason":"fraudulent","status":%q,"payment_intent":%q}`,
			id, in.Received, status, in.ID))
	}
}

// letsGo has a bank let go of what it holds, though the sale was not captured yet.
func (s *stripeSide) letsGo() {
	s.fake.Look(func(f *stripetest.Fake) {
		for _, in := range f.Intents {
			if in.Status == "requires_capture" && roll(4) == 0 {
				in.Status, in.Capturable, in.Cancelled = "canceled", 0, "automatic"
				s.letGo[in.Metadata[ofCharge]] = true
				s.counts.add("fault: a bank let go of what it held")
				return
			}
		}
	})
}

// bounces has a bank send back a refund that was answered as done.
func (s *stripeSide) bounces() {
	var one stripetest.Refund
	s.fake.Look(func(f *stripetest.Fake) {
		for _, r := range f.Refunds {
			if r.Status == "succeeded" && roll(6) == 0 {
				one = *r
			}
		}
	})
	if one.ID == "" {
		return
	}
	s.fake.Bounce(one.ID)
	s.bounced[one.Metadata[ofRefund]] = one.Amount
	s.counts.add("fault: a refund came back")
	s.tell("refund.failed", fmt.Sprintf(`{"id":%q,"object":"refund","amount":%d,"currency":"jpy","status":"failed","payment_intent":%q,"metadata":{%q:%q,%q:%q}}`,
		one.ID, one.Amount, one.Intent, ofCharge, one.Metadata[ofCharge], ofRefund, one.Metadata[ofRefund]))
}

// tells is what Stripe says of everything, when nothing moves any more.
func (s *stripeSide) tells(b *chaosBooks) {
	b.steps, b.claims, b.letGo, b.bounced = s.steps(), s.disputes, s.letGo, s.bounced
}

// ofCharge and ofRefund are where our ids stand in Stripe's metadata.
const ofCharge, ofRefund = "kaopass_charge", "kaopass_refund"

// tell has a message brought: once or more, each copy when it likes and until it is taken.
func (s *stripeSide) tell(kind, object string) {
	s.mu.Lock()
	s.sent++
	body := fmt.Appendf(nil, `{"id":"evt_chaos%d","object":"event","type":%q,"created":%d,"data":{"object":%s}}`, s.sent, kind, time.Now().Unix(), object)
	s.mu.Unlock()
	s.counts.add("done: a message of Stripe's")
	for copies := 1 + roll(2); copies > 0; copies-- {
		if copies > 1 {
			s.counts.add("fault: a message comes twice")
		}
		s.post.Go(func() { s.deliver(body) })
	}
}

func (s *stripeSide) deliver(body []byte) {
	given := time.Now().Add(chaosEndsIn)
	for wait := roll(latest); s.Context().Err() == nil; wait = retryMost {
		time.Sleep(wait)
		req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.venue+"/v1/webhooks/stripe", strings.NewReader(string(body)))
		if err != nil {
			s.Error(err)
			return
		}
		req.Header.Set("Stripe-Signature", stripetest.Sign(body, stripeSecret, time.Now()))
		res, err := (&http.Client{Timeout: callPatience}).Do(req)
		if err != nil {
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusNoContent {
			return
		}
		if s.counts.add("repeated by Stripe"); time.Now().After(given) {
			s.Errorf("a message that nobody takes: %d, %s", res.StatusCode, body)
			return
		}
	}
}

// steps are what Stripe's books say, in the sandbox's words.
func (s *stripeSide) steps() (all []companyStep) {
	s.fake.Look(func(f *stripetest.Fake) {
		for _, in := range f.Intents {
			id := in.Metadata[ofCharge]
			if in.Status != "requires_capture" && in.Status != "succeeded" {
				continue
			}
			for range in.Held {
				all = append(all, companyStep{Op: "hold", ID: id, Amount: in.Amount})
			}
			if in.Status == "succeeded" {
				all = append(all, companyStep{Op: "capture", ID: id, Amount: in.Received})
			}
		}
		for _, r := range f.Refunds {
			if r.Status == "failed" {
				continue // as if it had never been
			}
			all = append(all, companyStep{Op: "refund", ID: r.Metadata[ofCharge], Refund: r.Metadata[ofRefund], Amount: r.Amount})
		}
	})
	return all
}
