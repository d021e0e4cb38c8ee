package stripe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	api "github.com/stripe/stripe-go/v85"
)

// Limits of calling Stripe. A verb as a whole ends within [db.CardWithin].
const (
	attemptWithin = 6 * time.Second // one attempt
	triesMax      = 3               // of one call
	pauseMin      = 200 * time.Millisecond
	pauseMax      = 2 * time.Second
	callsMax      = 32 // at once
	queueWithin   = time.Second
	breakAfter    = 5 // calls in a row without an answer: Stripe is not there
	breakFor      = 10 * time.Second
)

// What is said without asking Stripe.
var (
	errBroken = errors.New("stripe: it has not answered for a while, and is not asked")
	errFull   = errors.New("stripe: too many calls at once")
)

var errUnread = errors.New("stripe: an answer that cannot be read")

// line is the way to Stripe: so many calls at once, and none for a moment after several in a row found nobody there.
type line struct {
	calls  chan struct{}
	within time.Duration // of one attempt
	pause  time.Duration // before the first repetition

	mu     sync.Mutex
	failed int
	until  time.Time // nobody asks before
	now    func() time.Time
}

func newLine() line {
	return line{calls: make(chan struct{}, callsMax), within: attemptWithin, pause: pauseMin, now: time.Now}
}

// enter waits for a place.
func (l *line) enter(ctx context.Context) error {
	if l.broken(true) {
		return errBroken
	}
	wait := time.NewTimer(queueWithin)
	defer wait.Stop()
	select {
	case l.calls <- struct{}{}:
		return nil
	case <-wait.C:
		return errFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *line) leave() { <-l.calls }

// broken reports whether Stripe is left alone now. Where its time is over, whoever tries is the one that finds out.
func (l *line) broken(try bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed < breakAfter {
		return false
	}
	if now := l.now(); now.Before(l.until) {
		return true
	} else if try {
		l.until = now.Add(breakFor)
	}
	return false
}

// note learns from how an attempt went.
func (l *line) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !passes(err) || status(err) == http.StatusConflict { // an answer
		l.failed = 0
		return
	}
	if l.failed++; l.failed >= breakAfter {
		l.until = l.now().Add(breakFor)
	}
}

// call does something at Stripe, again where that may help: the same request with the same key, as Stripe asks
// ("Error handling: network errors"). do sets its idempotency key outside of itself.
func (d *Desk) call(ctx context.Context, do func(context.Context) error) error {
	if err := d.line.enter(ctx); err != nil {
		return err
	}
	defer d.line.leave()
	for try := 0; ; try++ {
		err := d.attempt(ctx, do)
		if !passes(err) || replayed(err) || try+1 == triesMax || !rest(ctx, d.line.pause<<try) {
			return bare(err)
		}
	}
}

func (d *Desk) attempt(ctx context.Context, do func(context.Context) error) error {
	ctx, done := context.WithTimeout(ctx, d.line.within)
	defer done()
	err := do(ctx)
	d.line.note(err)
	return err
}

// rest waits about so long; false where there is no time left.
func rest(ctx context.Context, about time.Duration) bool {
	about = min(about, pauseMax)
	wait := time.NewTimer(about/2 + rand.N(about)) //nolint:gosec // a pause, not a secret
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wait.C:
		return true
	}
}

// status is the HTTP status of a refusal; 0 where no answer came or it was none of Stripe's.
func status(err error) int {
	var said *api.Error
	if !errors.As(err, &said) {
		return 0
	}
	return said.HTTPStatusCode
}

// passes reports whether an error says nothing about the outcome, and may be over in a moment.
func passes(err error) bool {
	if err == nil {
		return false
	}
	s := status(err)
	return s == 0 || s == http.StatusConflict || s == http.StatusTooManyRequests || s >= http.StatusInternalServerError
}

// replayed reports whether Stripe answered with what it said the first time: to ask again would hear it again.
func replayed(err error) bool {
	var said *api.Error
	return errors.As(err, &said) && said.LastResponse != nil && said.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}

// refusal is what may be said of Stripe's error in a log: its kind, not its text, which can hold a card's details.
type refusal struct{ said *api.Error }

func (r refusal) Error() string {
	return fmt.Sprintf("stripe: %s %s (status %d, request %s)", r.said.Type, r.said.Code, r.said.HTTPStatusCode, r.said.RequestID)
}

func (r refusal) Unwrap() error { return r.said }

func bare(err error) error {
	var said *api.Error
	if errors.As(err, &said) {
		return refusal{said}
	}
	var way net.Error // cut, refused, too late
	switch {
	case err == nil:
		return nil
	case errors.As(err, &way), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled):
		return fmt.Errorf("stripe: %w", err)
	}
	return errUnread // its text has a piece of the answer in it
}
