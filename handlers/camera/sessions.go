package camera

import (
	"context"
	"crypto/rand"
	"image"
	"time"

	"golang.org/x/time/rate"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
)

// What a request for a session can be told.
var (
	errFull  = respond.Problem{Status: 503, Code: "busy", Title: "One moment: too many people at once.", Retryable: true, RetryAfter: 2 * time.Second}
	errOften = respond.Problem{Status: 429, Code: "too_many_requests", Title: "Too many tries.", Retryable: true, RetryAfter: 5 * time.Second}
	errOver  = respond.Problem{Status: 409, Code: "capture_over", Title: "This capture has ended."}
	errOffer = respond.Problem{Status: 400, Code: "offer_unreadable", Title: "Not an SDP offer with one VP8 video."}
)

// refused is a capture that was over before it began; the person is told why in the way every capture ends.
type refused struct{ why kaopass.Reason }

func (r refused) Add(context.Context, image.Image) (kaopass.Progress, error) {
	return kaopass.Progress{Ended: r.why}, nil
}

func (r refused) Template() (t kaopass.Template, whole bool) { return t, false }

// beginWhereAllowed asks the host first.
func (k *Camera) beginWhereAllowed(ctx context.Context, subject string, h Host) (*session, error) {
	if h.May == nil {
		return k.begin(subject, h, k.newCapture(0))
	}
	leave, err := h.May(ctx, subject)
	if err != nil {
		return nil, err
	}
	if leave.Reason != "" {
		h.Ended = nil
		return k.begin(subject, h, refused{leave.Reason})
	}
	return k.begin(subject, h, k.newCapture(leave.Missed))
}

// begin makes a session for a person, ending the one before.
func (k *Camera) begin(subject string, h Host, c capture) (*session, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, errFull
	}
	if !k.mayBegin(subject) {
		return nil, errOften
	}
	before := k.bySubject[subject]
	if k.live() >= k.sessionsMax && (before == nil || before.ctx.Err() != nil) {
		return nil, errFull
	}
	if before != nil {
		before.cancel()
	}
	s := newSession(k.ctx, rand.Text(), subject, c, h)
	s.decoders, s.idle, s.log = k.decoders, k.idle, k.log.With("session", s.id[:6])
	k.sessions[s.id], k.bySubject[subject] = s, s
	k.running.Go(func() {
		s.run()
		k.forgetLater(s)
	})
	return s, nil
}

// live counts the sessions that go on; k.mu is held.
func (k *Camera) live() (n int) {
	for _, s := range k.sessions {
		if s.ctx.Err() == nil {
			n++
		}
	}
	return n
}

// mayBegin spends one of a person's beginnings; k.mu is held. Full limiters say nothing and are dropped.
func (k *Camera) mayBegin(subject string) bool {
	for s, l := range k.begins {
		if l.Tokens() >= beginsPerMinute {
			delete(k.begins, s)
		}
	}
	l := k.begins[subject]
	if l == nil {
		l = rate.NewLimiter(rate.Every(time.Minute/beginsPerMinute), beginsPerMinute)
		k.begins[subject] = l
	}
	return l.Allow()
}

// forgetLater keeps an ended session for those who poll, then drops it.
func (k *Camera) forgetLater(s *session) {
	forget := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.sessions, s.id)
		if k.bySubject[s.subject] == s {
			delete(k.bySubject, s.subject)
		}
	}
	if k.ctx.Err() != nil {
		forget()
		return
	}
	time.AfterFunc(keptAfter, forget)
}

// End ends a person's capture, where there is one. It outlives the request that began it, so whoever ends a person's sessions
// ends this too: else it would still keep the face of somebody who has just been signed out.
func (k *Camera) End(subject string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.bySubject[subject]; s != nil {
		s.cancel()
	}
}

// find answers a person's own session, live or lately ended; nil for anybody else's.
func (k *Camera) find(id, subject string) *session {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.sessions[id]; s != nil && s.subject == subject {
		return s
	}
	return nil
}

// resume answers the session that a person's request goes on with: the one it names, or the live one where it names
// none; nil means that a new one is to be begun. errOver says that the named one has ended.
func (k *Camera) resume(id, subject string) (*session, error) {
	if id != "" {
		s := k.find(id, subject)
		if s == nil || s.ctx.Err() != nil {
			return nil, errOver
		}
		return s, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.bySubject[subject]; s != nil && s.ctx.Err() == nil {
		return s, nil
	}
	return nil, nil
}
