package camera

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/image/vp8"
	"golang.org/x/time/rate"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// session is one person's capture. Its run method is the only one that touches the capture; everybody else hands it
// frames and reads how it stands.
type session struct {
	id, subject string
	ctx         context.Context // until the capture is over, whatever way
	cancel      context.CancelFunc
	capture     capture
	host        Host
	frames      chan frame // unbuffered: a frame is taken now or not at all
	decoders    chan struct{}
	idle        time.Duration // without a frame, until the session ends
	vp8         *vp8.Decoder
	stills      *rate.Limiter
	faults      int // frames in a row that failed for a reason of ours
	log         *slog.Logger

	mu       sync.Mutex
	peer     *peer
	progress Progress
}

// faultsMax is how many frames in a row may fail for a reason of ours before the capture gives up.
const faultsMax = 5

// newSession starts the clock of a capture; run does the work.
func newSession(parent context.Context, id, subject string, c capture, h Host) *session {
	s := &session{id: id, subject: subject, capture: c, host: h, frames: make(chan frame), vp8: vp8.NewDecoder(),
		stills: rate.NewLimiter(stillsPerSecond, stillsPerSecond), progress: Progress{Session: id, Hint: kaopass.HintLook}}
	s.ctx, s.cancel = context.WithTimeout(parent, kaopass.CaptureMax)
	return s
}

// run looks at one frame after another until the capture is over, then frees everything.
func (s *session) run() {
	defer s.close()
	tick := time.NewTicker(frameInterval)
	defer tick.Stop()
	seen := time.Now()
	for s.ctx.Err() == nil {
		select {
		case f := <-s.frames:
			s.look(f)
			seen = time.Now()
		case <-tick.C:
			if time.Since(seen) > s.idle {
				return
			}
			s.ask()
		case <-s.ctx.Done():
		}
	}
	if errors.Is(s.ctx.Err(), context.DeadlineExceeded) {
		s.end(Progress{Ended: kaopass.CaptureExpired})
	}
}

// look shows one frame to the capture and tells the person what came of it.
func (s *session) look(f frame) {
	if f.reply != nil {
		s.detach() // stills are what is left where video did not connect
	}
	img, err := s.decode(f)
	if err != nil {
		f.answer(Progress{}, err)
		return
	}
	p, err := s.capture.Add(s.ctx, img)
	switch {
	case s.ctx.Err() != nil:
	case errors.Is(err, matcher.ErrBusy):
		s.say(kaopass.Progress{Hint: kaopass.HintWait, Step: s.state().Step, Steps: s.state().Steps, Share: s.state().Share})
	case err != nil:
		s.fault(err)
	default:
		s.faults = 0
		s.say(p)
	}
	f.answer(s.state(), nil)
}

// answer tells whoever sent a still.
func (f frame) answer(p Progress, err error) {
	if f.reply != nil {
		f.reply <- looked{p, err} // there is room for one
	}
}

// say passes on what the capture said, and ends with it where it ended.
func (s *session) say(p kaopass.Progress) {
	switch {
	case p.Ended != "":
		s.tellHost(p.Ended) // first, so that a try which the page begins at once is counted after this one
		s.end(Progress{Ended: p.Ended})
	case p.Done:
		s.tell(Progress{Hint: kaopass.HintDone, Step: p.Steps, Steps: p.Steps, Share: 1})
		s.keep()
	default:
		s.tell(Progress{Hint: p.Hint, Step: p.Step, Steps: p.Steps, Share: p.Share})
	}
}

func (s *session) fault(err error) {
	s.log.Error("a frame could not be looked at", "error", err)
	if s.faults++; s.faults >= faultsMax {
		s.end(Progress{Fault: true})
	}
}

// keep hands the template over, once; a fault of the keeper is tried again a little later, and then told.
func (s *session) keep() {
	t, whole := s.capture.Template()
	if !whole {
		s.log.Error("a finished capture has no template")
		s.end(Progress{Fault: true})
		return
	}
	// The person has done their part: neither a closed page nor our own shutdown takes it back.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), finishMax)
	defer cancel()
	reason, err := s.host.Finish(ctx, s.subject, t)
	for try := 1; err != nil && try < finishTries && ctx.Err() == nil; try++ {
		time.Sleep(time.Duration(try) * 500 * time.Millisecond)
		reason, err = s.host.Finish(ctx, s.subject, t)
	}
	switch {
	case err != nil:
		s.log.Error("a face could not be kept", "error", err)
		s.end(Progress{Fault: true})
	case reason != "":
		s.end(Progress{Ended: reason})
	default:
		s.end(Progress{Hint: kaopass.HintDone, Step: s.state().Steps, Share: 1, Done: true})
	}
}

// tellHost says why the capture gave up, whether or not the page is still there to hear it.
func (s *session) tellHost(why kaopass.Reason) {
	if s.host.Ended == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), finishMax)
	defer cancel()
	if err := s.host.Ended(ctx, s.subject, why); err != nil {
		s.log.Error("how a capture ended could not be kept", "error", err)
	}
}

// end tells how the capture ended and ends the session.
func (s *session) end(p Progress) {
	now := s.state()
	p.Steps = now.Steps
	if !p.Done {
		p.Step, p.Share, p.Hint = now.Step, now.Share, now.Hint
	}
	s.tell(p)
	s.cancel()
}

// tell remembers how the capture stands and tells the page, where that is news.
func (s *session) tell(p Progress) {
	p.Session = s.id
	s.mu.Lock()
	news, peer := p != s.progress, s.peer
	s.progress = p
	s.mu.Unlock()
	if !news || peer == nil {
		return
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.log.Error("a hint could not be written", "error", err)
		return
	}
	peer.tell(string(text))
}

// state is how the capture stands.
func (s *session) state() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress
}

// still hands a still over and waits for what comes of it; a frame that is being looked at comes first.
func (s *session) still(ctx context.Context, data []byte) (Progress, error) {
	reply := make(chan looked, 1)
	select {
	case s.frames <- frame{data: data, reply: reply}:
	case <-s.ctx.Done():
		return s.state(), nil
	case <-ctx.Done():
		return Progress{}, matcher.ErrBusy
	}
	select {
	case l := <-reply:
		return l.progress, l.err
	case <-ctx.Done(): // it is still being looked at: the next answer will tell
		return Progress{}, matcher.ErrBusy
	}
}

// attach gives the session a connection in place of the one before; false where the session has ended.
func (s *session) attach(p *peer) bool {
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return false
	}
	before := s.peer
	s.peer = p
	s.mu.Unlock()
	s.drop(before)
	return true
}

// detach ends the connection; the capture goes on for those who send stills, or connect again before idle is over.
func (s *session) detach() {
	s.mu.Lock()
	before := s.peer
	s.peer = nil
	s.mu.Unlock()
	s.drop(before)
}

func (s *session) drop(p *peer) {
	if p == nil {
		return
	}
	if err := p.Close(); err != nil {
		s.log.Debug("closing a connection", "error", err)
	}
}

// ask asks for the next key frame, and lets go of a connection that is lost.
func (s *session) ask() {
	s.mu.Lock()
	p := s.peer
	s.mu.Unlock()
	if p == nil {
		return
	}
	select {
	case <-p.gone:
		s.detach()
	default:
		p.ask()
	}
}

// close ends the session; the last message is given a moment to arrive.
func (s *session) close() {
	s.cancel()
	s.mu.Lock()
	p := s.peer
	over := s.progress.Done || s.progress.Ended != "" || s.progress.Fault
	s.mu.Unlock()
	if p != nil && over {
		p.linger()
	}
	s.detach()
}
