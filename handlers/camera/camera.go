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
	"image"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kaopass/kaopass"
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
	Loopback    bool         // listen on this machine only, as a server does that is reached from nowhere else
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
	newCapture  func(missed int) capture
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
	return newCamera(cfg, func(missed int) capture { return cfg.Faces.NewCapture(missed) })
}

func newCamera(cfg Config, newCapture func(missed int) capture) (*Camera, error) {
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
