// Package camera turns a phone's camera into an enrolment: it answers a WebRTC offer, looks at the frames that arrive,
// says one hint at a time, and hands the finished template to whoever mounted it.
//
// Start at [New] and [Camera.Mount]. The signalling is WHIP's (RFC 9725): an SDP offer is answered with 201, the answer
// and the session's address. Where WebRTC cannot connect, the same page sends JPEG stills into the same session.
//
// What stays true: a person has at most one session; a session lives under the camera's own context, never under the
// request that began it, and no longer than [kaopass.CaptureMax]; at most one frame of a session is being looked at,
// and what arrives meanwhile is dropped, never queued; no frame is kept.
package camera

import (
	"context"
	"crypto/rand"
	"errors"
	"image"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// Limits of a camera. Each is named so that a test can meet it.
const (
	SessionsDefault = 64          // live sessions at once
	offerMax        = 16 << 10    // bytes of an SDP offer; a browser's is 2 to 6 KB
	stillMax        = 4 << 20     // bytes of a JPEG still
	keyFrameMax     = 512 << 10   // bytes of a VP8 key frame
	frameSideMax    = 1920        // pixels of a frame's longer side
	frameAreaMax    = 1920 * 1080 // pixels of a frame
	frameInterval   = 150 * time.Millisecond
	gatherMax       = 2 * time.Second  // finding our own addresses
	idleMax         = 12 * time.Second // a session nobody sends frames to
	keptAfter       = 30 * time.Second // how long an ended session still answers how it ended
	finishMax       = 10 * time.Second // keeping the template, tries and all
	finishTries     = 3
	beginsPerMinute = 20 // sessions a person may begin
	stillsPerSecond = 8  // stills a person may send
)

// Config is what New needs.
type Config struct {
	Faces       *matcher.Matcher
	UDPPort     int          // media over UDP; 0: an ephemeral port
	TCPPort     int          // media over TCP (RFC 6544); 0: an ephemeral port
	PublicIPs   []string     // addresses to announce instead of our own, where a router translates them
	SessionsMax int          // live sessions at once; 0: SessionsDefault
	Log         *slog.Logger // nil: slog.Default
}

// capture is what a session needs of a *matcher.Capture.
type capture interface {
	Add(ctx context.Context, img image.Image) (kaopass.Progress, error)
	Template() (kaopass.Template, bool)
}

// Camera holds the live sessions. It is safe for concurrent use.
type Camera struct {
	ctx         context.Context // of every session; ended by Close
	stop        context.CancelFunc
	engine      *engine
	newCapture  func() capture
	decoders    chan struct{} // one place for each core: decoding is work too
	sessionsMax int
	idle        time.Duration // idleMax
	log         *slog.Logger
	running     sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	sessions  map[string]*session // by id: the live ones, and for keptAfter those that ended
	bySubject map[string]*session // the newest of each person
	begins    map[string]*rate.Limiter
}

// New opens the ports for media. It starts no session.
func New(cfg Config) (*Camera, error) {
	return newCamera(cfg, func() capture { return cfg.Faces.NewCapture() })
}

func newCamera(cfg Config, newCapture func() capture) (*Camera, error) {
	engine, err := newEngine(cfg)
	if err != nil {
		return nil, err
	}
	k := &Camera{engine: engine, newCapture: newCapture, sessionsMax: cfg.SessionsMax, idle: idleMax, log: cfg.Log,
		decoders: make(chan struct{}, runtime.GOMAXPROCS(0)),
		sessions: map[string]*session{}, bySubject: map[string]*session{}, begins: map[string]*rate.Limiter{}}
	if k.sessionsMax == 0 {
		k.sessionsMax = SessionsDefault
	}
	if k.log == nil {
		k.log = slog.Default()
	}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k, nil
}

// Close ends every session, waits for them and closes the ports.
func (k *Camera) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.stop()
	k.running.Wait()
	return k.engine.Close()
}

// What a request for a session can be told.
var (
	errFull  = respond.Problem{Status: 503, Code: "busy", Title: "One moment: too many people at once.", Retryable: true, RetryAfter: 2 * time.Second}
	errOften = respond.Problem{Status: 429, Code: "too_many_requests", Title: "Too many tries.", Retryable: true, RetryAfter: 5 * time.Second}
	errOver  = respond.Problem{Status: 409, Code: "capture_over", Title: "This capture has ended."}
	errOffer = respond.Problem{Status: 400, Code: "offer_unreadable", Title: "Not an SDP offer with one VP8 video."}
)

// begin makes a session for a person, ending the one before.
func (k *Camera) begin(subject string, h Host) (*session, error) {
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
	s := newSession(k.ctx, rand.Text(), subject, k.newCapture(), h.Finish)
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

// connect answers an offer for a session. The peer ends with the session.
func (k *Camera) connect(s *session, offer string) (answer string, err error) {
	p, answer, err := k.engine.answer(s.ctx, offer, s.frames)
	if err != nil {
		return "", errors.Join(errOffer, err)
	}
	if !s.attach(p) {
		return "", errors.Join(errOver, p.Close())
	}
	return answer, nil
}
