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
	Faces []image.Image // of different people: stills
	Film  AttackFilm    // of one person who turns the head
}

// AttackFilm is what is played to a capture: what the hints ask for is shown at once, as if somebody chose the scenes.
type AttackFilm struct{ Front, Left, Right []image.Image }

// AttackBench is what simulated presentation attacks come to, by kind. It says nothing of real ones.
type AttackBench struct {
	Kinds map[replay.Kind]*AttackRates `json:"kinds"`
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
	Films   int     `json:"films"`          // that turn as they are asked
	Film    float64 `json:"enrolled_film"`
}

// What is shown: frames of one approach, frames drawn for one capture (and shown over and over), captures of a kind.
const (
	attackFrames   = 3
	attackLoop     = 8
	attackCaptures = 4
	attackQuality  = 85 // of the JPEG that a camera sends
)

// BenchAttack shows each face in each way to a gate and a till, and a few faces and the film to captures. It tells
// meanwhile which kind comes next.
func BenchAttack(ctx context.Context, m *Matcher, set AttackSet, say func(kind replay.Kind)) (AttackBench, error) {
	out := AttackBench{Kinds: map[replay.Kind]*AttackRates{}}
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
	return out, nil
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
	for i := range min(attackCaptures, len(set.Faces)) {
		still := replay.Approach(kind, uint64(i), set.Faces[i], attackLoop)
		done, err := m.attackCapture(ctx, AttackFilm{still, still, still})
		if err != nil {
			return err
		}
		if rates.Capture++; done {
			rates.Still++
		}
	}
	for i := range attackCaptures {
		f := set.Film
		if len(f.Front)*len(f.Left)*len(f.Right) == 0 {
			break
		}
		played := replay.Film(kind, uint64(i), append(append(append([]image.Image(nil), f.Front...), f.Left...), f.Right...))
		done, err := m.attackCapture(ctx, AttackFilm{played[:len(f.Front)], played[len(f.Front) : len(f.Front)+len(f.Left)],
			played[len(f.Front)+len(f.Left):]})
		if err != nil {
			return err
		}
		if rates.Films++; done {
			rates.Film++
		}
	}
	rates.Still, rates.Film = share(rates.Still, rates.Capture), share(rates.Film, rates.Films)
	return nil
}

// attackCapture plays to a capture, four frames a second of a time of its own, until it ends.
func (m *Matcher) attackCapture(ctx context.Context, f AttackFilm) (enrolled bool, err error) {
	c, at := m.NewCapture(0), time.Now()
	c.now = func() time.Time { return at }
	var p kaopass.Progress
	for i := 0; !p.Done && p.Ended == ""; i++ {
		shown := f.Front
		switch p.Hint {
		case kaopass.HintTurnLeft:
			shown = f.Left
		case kaopass.HintTurnRight:
			shown = f.Right
		}
		b, err := sent(shown[i%len(shown)])
		if err != nil {
			return false, err
		}
		img, err := Decode(b)
		if err != nil {
			return false, err
		}
		if p, err = c.Add(ctx, img); err != nil {
			return false, err
		}
		at = at.Add(250 * time.Millisecond)
	}
	return p.Done, nil
}

// sent is a frame as a camera sends it.
func sent(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: attackQuality})
	return b.Bytes(), err
}
