package main

import (
	"bufio"
	"context"
	secret "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"github.com/kaopass/kaopass"
)

// A faithful till, as PROTOCOL asks for: each call has a key that is on disk before it is sent; one without an answer is
// sent again with its key; a till that gives up a sale cancels it, until that is answered; and one that comes up again
// after a crash has nothing but its journal, and finishes what is open there.

// tillAnswer is what a till keeps of an answer.
type tillAnswer struct {
	ID       kaopass.PaymentID     `json:"id"`
	Status   kaopass.PaymentStatus `json:"status"`
	Reason   kaopass.Reason        `json:"reason"`
	Captured kaopass.Money         `json:"captured"`
	Refunded kaopass.Money         `json:"refunded"`
	OrderRef string                `json:"order_ref"`
	Refund   kaopass.RefundID      `json:"refund_id"`
	Did      string                `json:"did"`
	Method   *struct {
		Kind kaopass.MethodKind `json:"kind"`
	} `json:"method"`
	Methods []struct {
		ID    kaopass.MethodID   `json:"id"`
		Kind  kaopass.MethodKind `json:"kind"`
		Label string             `json:"label"`
	} `json:"methods"`
}

// tillEntry is a line of a till's journal: a call before it is sent, or what came of it.
type tillEntry struct {
	Sale   string      `json:"sale"`
	Verb   string      `json:"verb"`
	Key    string      `json:"key,omitempty"`
	Body   string      `json:"body,omitempty"`
	Photo  int         `json:"photo,omitempty"` // 1 and more: of whom, for the call that shows a face
	Answer *tillAnswer `json:"answer,omitempty"`
	Code   string      `json:"code,omitempty"` // of a problem
	At     time.Time   `json:"at,omitzero"`    // when the answer came
	Over   bool        `json:"over,omitempty"` // nothing more will be sent for this sale
	Left   bool        `json:"left,omitempty"` // and nobody looked how it ended: the customer walked away
}

// tillCall is a call with a key, and what was answered to it, as often as it was.
type tillCall struct {
	tillEntry
	said []tillAnswer
}

// tillSale is a sale as the journal tells it.
type tillSale struct {
	ref   string
	id    kaopass.PaymentID
	open  *tillEntry // sent, and not answered
	last  tillAnswer
	over  bool
	left  bool
	calls []*tillCall // in the order in which they were sent
}

func (s *tillSale) add(e tillEntry) {
	switch {
	case e.Over:
		s.over, s.left = true, e.Left
	case e.Answer == nil && e.Code == "":
		s.open = &e
		s.calls = append(s.calls, &tillCall{tillEntry: e})
	case e.Code != "":
		s.open = nil
	default:
		s.open = nil
		s.last = *e.Answer
		if s.id == "" {
			s.id = e.Answer.ID
		}
		if call := s.call(e.Key); call != nil {
			call.At, call.said = e.At, append(call.said, *e.Answer)
		}
	}
}

// call finds what was sent with a key: nil where nothing was.
func (s *tillSale) call(key string) *tillCall {
	for _, call := range s.calls {
		if call.Key == key {
			return call
		}
	}
	return nil
}

// chaosTill is one such till.
type chaosTill struct {
	person
	path    string // of its journal
	file    *os.File
	chance  *rand.Rand
	device  kaopass.DeviceID
	faces   [][]byte // a photo each
	crowd   *payers  // whose faces they are
	staff   *chaosStaff
	counts  *counts
	sales   []*tillSale
	byRef   map[string]*tillSale
	later   []*tillSale // authorised, to be captured after a while
	crashes float64     // how likely it dies between two calls
	walks   bool        // customers may walk away, and nobody cancels
}

var (
	errGaveUp  = errors.New("gave up")
	errCrashed = errors.New("the till crashed")
)

// open reads the journal: all that a till knows when it comes up.
func (t *chaosTill) open() (err error) {
	t.sales, t.later, t.byRef = nil, nil, map[string]*tillSale{}
	if t.file, err = os.OpenFile(t.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return err
	}
	lines := bufio.NewReader(t.file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		var e tillEntry
		if err := errors.Join(err, json.Unmarshal(line, &e)); err != nil {
			return err
		}
		t.remember(e)
	}
}

func (t *chaosTill) remember(e tillEntry) *tillSale {
	s := t.byRef[e.Sale]
	if s == nil {
		s = &tillSale{ref: e.Sale}
		t.sales, t.byRef[e.Sale] = append(t.sales, s), s
	}
	s.add(e)
	return s
}

// write puts a line on the disk, and only then goes on.
func (t *chaosTill) write(e tillEntry) (*tillSale, error) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = t.file.Write(append(line, '\n'))
	}
	if err == nil {
		err = t.file.Sync()
	}
	return t.remember(e), err
}

// A till's patience, with a call and with a sale.
const (
	callPatience = 12 * time.Second
	salePatience = 25 * time.Second
	retryFirst   = 50 * time.Millisecond
	retryMost    = time.Second
)

// do sends a call until it is answered or ctx ends: the key and the body are on disk before.
func (t *chaosTill) do(ctx context.Context, s *tillSale, verb, body string, photo int) (tillAnswer, error) {
	e := tillEntry{Sale: s.ref, Verb: verb, Key: secret.Text(), Body: body, Photo: photo}
	if _, err := t.write(e); err != nil {
		return tillAnswer{}, err
	}
	if t.chance.Float64() < t.crashes {
		return tillAnswer{}, errCrashed // before it was sent
	}
	return t.finish(ctx, s, e)
}

// finish sends a call that is in the journal, until it is answered.
func (t *chaosTill) finish(ctx context.Context, s *tillSale, e tillEntry) (tillAnswer, error) {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		a, code, err := t.once(ctx, s, e)
		switch {
		case err == nil:
			done := tillEntry{Sale: s.ref, Verb: e.Verb, Key: e.Key, Code: code, At: time.Now()}
			if code == "" {
				done.Answer = &a
			}
			if t.chance.Float64() < t.crashes {
				return a, errCrashed // answered, and not noted
			}
			_, err := t.write(done)
			return a, err
		case ctx.Err() != nil:
			return a, errGaveUp
		}
		t.counts.add("repeated")
		select {
		case <-ctx.Done():
			return a, errGaveUp
		case <-time.After(wait):
		}
	}
}

// once sends a call once. An error means that nobody knows what came of it; a code is a problem that stays one.
func (t *chaosTill) once(ctx context.Context, s *tillSale, e tillEntry) (a tillAnswer, code string, err error) {
	ctx, stop := context.WithTimeout(ctx, callPatience)
	defer stop()
	path, media, body := "/v1/payments", "application/json", []byte(e.Body)
	if e.Verb != "create" {
		path += "/" + string(s.id) + "/" + e.Verb
	}
	if e.Photo > 0 {
		media, body = "image/jpeg", t.faces[e.Photo-1]
	}
	status, text, _, err := t.send(ctx, http.MethodPost, path, media, body, e.Key)
	if err != nil {
		return a, "", err
	}
	return readAnswer(status, text, e.Verb)
}

func readAnswer(status int, text []byte, verb string) (a tillAnswer, code string, err error) {
	if status >= 300 {
		var problem struct{ Code string }
		if err := json.Unmarshal(text, &problem); err != nil {
			return a, "", err
		}
		if status >= 500 || status == http.StatusTooManyRequests || problem.Code == "request_in_flight" {
			return a, "", fmt.Errorf("%d %s", status, problem.Code)
		}
		return a, problem.Code, nil
	}
	if verb == "refunds" {
		var refund struct {
			ID      kaopass.RefundID
			Payment tillAnswer
		}
		err = json.Unmarshal(text, &refund)
		refund.Payment.Refund = refund.ID
		return refund.Payment, "", err
	}
	return a, "", json.Unmarshal(text, &a)
}

// ask is what happened to my payment: GET, until it is answered.
func (t *chaosTill) ask(ctx context.Context, s *tillSale) error {
	for {
		status, text, _, err := t.send(ctx, http.MethodGet, "/v1/payments/"+string(s.id), "", nil, "")
		if err == nil && status == http.StatusOK {
			var a tillAnswer
			if err := json.Unmarshal(text, &a); err != nil {
				return err
			}
			_, err := t.write(tillEntry{Sale: s.ref, Verb: "ask", Answer: &a})
			return err
		}
		if err == nil && status == http.StatusNotFound {
			return fmt.Errorf("payment %s, which was acknowledged, is not there", s.id)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryMost / 4):
		}
	}
}

// final reports whether a payment needs nobody any more.
func final(p kaopass.PaymentStatus) bool { return !p.Open() && p != kaopass.Authorised }

// settle brings a sale to its end, whatever happened: what is open in the journal is sent again, then the server is
// asked, and what is not over is cancelled. A till that gave up does not wait for a face or a confirmation any more; what
// moves money back is always finished.
func (t *chaosTill) settle(ctx context.Context, s *tillSale, gaveUp bool) error {
	waits := s.open != nil && (s.open.Verb == "face" || s.open.Verb == "code" || s.open.Verb == "confirm")
	if s.open != nil && !(waits && gaveUp) {
		if _, err := t.finish(ctx, s, *s.open); err != nil {
			return err
		}
	}
	if s.id == "" { // it could not even be opened
		_, err := t.write(tillEntry{Sale: s.ref, Over: true})
		return err
	}
	if err := t.ask(ctx, s); err != nil {
		return err
	}
	if !final(s.last.Status) || s.last.Status == kaopass.Refused || gaveUp {
		t.counts.add("sales given up and cancelled")
		if _, err := t.do(ctx, s, "cancel", "{}", 0); err != nil {
			return err
		}
	}
	_, err := t.write(tillEntry{Sale: s.ref, Over: true})
	return err
}
