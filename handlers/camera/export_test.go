package camera

import (
	"context"
	"image"
	"time"

	"github.com/kaopass/kaopass"
)

// Scripted is a capture for tests: it says what a test wrote down, one line a frame.
type Scripted struct {
	Say  func(frame int, img image.Image) (kaopass.Progress, error)
	seen int
}

// Add says the next line.
func (s *Scripted) Add(_ context.Context, img image.Image) (kaopass.Progress, error) {
	s.seen++
	return s.Say(s.seen, img)
}

// Template is a template of one frame.
func (s *Scripted) Template() (kaopass.Template, bool) {
	return kaopass.Template{Model: "test", Frames: [][]float32{{1}}}, true
}

// NewScripted is New with captures that follow a script.
func NewScripted(cfg Config, idle time.Duration, say func(frame int, img image.Image) (kaopass.Progress, error)) (*Camera, error) {
	k, err := newCamera(cfg, func(int) capture { return &Scripted{Say: say} })
	if err == nil && idle > 0 {
		k.idle = idle
	}
	return k, err
}

// Live counts the sessions that go on.
func (k *Camera) Live() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.live()
}

// The limits that tests meet.
const (
	OfferMax        = offerMax
	StillMax        = stillMax
	BeginsPerMinute = beginsPerMinute
	FinishTries     = finishTries
)

// LiveID is the id of a person's live session, or "".
func (k *Camera) LiveID(subject string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.bySubject[subject]; s != nil && s.ctx.Err() == nil {
		return s.id
	}
	return ""
}
