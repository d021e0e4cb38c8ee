package matcher

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/replay"
)

// AttackSet is what simulated attackers have to show.
type AttackSet struct {
	Faces    []image.Image // of different people: stills
	Film     AttackFilm    // of one person who turns the head
	Captures int           // of each sort and kind
}

// AttackBench is what simulated presentation attacks come to, by kind. It says nothing of real ones.
type AttackBench struct {
	Kinds    map[replay.Kind]*AttackRates `json:"kinds"`
	Injected *AttackFilms                 `json:"injected"` // films fed in by a program, in place of a camera: captures only
}

// AttackRates is one kind's: the shares of presentations that a gate, a till and a capture took for a person (APCER of
// ISO/IEC 30107-3), and the share that showed a gate no face good enough to ask.
type AttackRates struct {
	Shown   int     `json:"shown"` // stills, each an approach of attackFrames frames
	Gate    float64 `json:"gate"`
	Till    float64 `json:"till"`
	Unread  float64 `json:"unread"`
	Capture int     `json:"captures"`       // of stills
	Still   float64 `json:"enrolled_still"` // of them
	AttackFilms
}

// What is shown: frames of one approach, frames drawn for one capture (and shown over and over).
const (
	attackFrames  = 3
	attackLoop    = 8
	attackQuality = 85 // of the JPEG that a camera sends
)

// BenchAttack shows each face in each way to a gate and a till, and a few faces and the film to captures. It tells
// meanwhile which kind comes next.
func BenchAttack(ctx context.Context, m *Matcher, set AttackSet, say func(kind replay.Kind)) (AttackBench, error) {
	out := AttackBench{Kinds: map[replay.Kind]*AttackRates{}, Injected: &AttackFilms{}}
	for _, kind := range replay.Kinds() {
		say(kind)
		rates := &AttackRates{}
		out.Kinds[kind] = rates
		for i, face := range set.Faces {
			if err := m.attackDevices(ctx, rates, replay.Approach(kind, uint64(i), face, attackFrames)); err != nil {
				return out, err
			}
		}
		rates.Gate, rates.Till, rates.Unread = share(rates.Gate, rates.Shown), share(rates.Till, rates.Shown), share(rates.Unread, rates.Shown)
		if err := m.attackCaptures(ctx, rates, kind, set); err != nil {
			return out, err
		}
	}
	say("injected")
	return out, m.attackFilms(ctx, out.Injected, "", set)
}

func share(n float64, of int) float64 { return n / float64(max(of, 1)) }

// attackDevices shows one approach to a gate and to a till.
func (m *Matcher) attackDevices(ctx context.Context, rates *AttackRates, frames []image.Image) error {
	var photos [][]byte
	for _, f := range frames {
		b, err := sent(f)
		if err != nil {
			return err
		}
		photos = append(photos, b)
	}
	gate, err := m.Read(ctx, UseGate, photos)
	if err != nil {
		return err
	}
	till, err := m.Read(ctx, UseTill, photos)
	if err != nil {
		return err
	}
	rates.Shown++
	switch gate.Reason {
	case "":
		rates.Gate++
	case kaopass.NotLive:
	default:
		rates.Unread++
	}
	if till.Reason == "" {
		rates.Till++
	}
	return nil
}

// attackCaptures tries to enrol stills and films.
func (m *Matcher) attackCaptures(ctx context.Context, rates *AttackRates, kind replay.Kind, set AttackSet) error {
	for i := range min(set.Captures, len(set.Faces)) {
		still, err := camera(replay.Approach(kind, uint64(i), set.Faces[i], attackLoop))
		if err != nil {
			return err
		}
		done, err := m.attackCapture(ctx, func(_ kaopass.Hint, n int) image.Image { return still[n%len(still)] })
		if err != nil {
			return err
		}
		if rates.Capture++; done {
			rates.Still++
		}
	}
	rates.Still = share(rates.Still, rates.Capture)
	return m.attackFilms(ctx, &rates.AttackFilms, kind, set)
}

// attackInterval is the time between two frames of a capture.
const attackInterval = 200 * time.Millisecond

// attackCapture plays to a capture, five frames a second of a time of its own, until it ends. What is shown may go by
// what the page asks, and by how many frames there were.
func (m *Matcher) attackCapture(ctx context.Context, show func(kaopass.Hint, int) image.Image) (enrolled bool, err error) {
	c, at := m.NewCapture(0), time.Now()
	c.now = func() time.Time { return at }
	var p kaopass.Progress
	for i := 0; !p.Done && p.Ended == ""; i++ {
		if p, err = c.Add(ctx, show(p.Hint, i)); err != nil {
			return false, err
		}
		at = at.Add(attackInterval)
	}
	return p.Done, nil
}

// camera is what a camera sends of pictures, and a capture decodes.
func camera(pictures []image.Image) (all []image.Image, err error) {
	for _, p := range pictures {
		b, err := sent(p)
		if err != nil {
			return nil, err
		}
		img, err := Decode(b)
		if err != nil {
			return nil, err
		}
		all = append(all, img)
	}
	return all, nil
}

// sent is a frame as a camera sends it.
func sent(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: attackQuality})
	return b.Bytes(), err
}
