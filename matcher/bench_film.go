package matcher

import (
	"context"
	"image"
	"math/rand/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/replay"
)

// AttackFilm is what films are made of: scenes of one person, all of one size.
type AttackFilm struct{ Front, Left, Right []image.Image }

// AttackFilms is what films of somebody who turns the head come to at captures.
type AttackFilms struct {
	Films    int     `json:"films"`             // whose scenes somebody chooses as the page asks for them
	Film     float64 `json:"enrolled_film"`     // share of them
	Recorded int     `json:"recordings"`        // of an enrolment that went well, played again, and again when over
	Record   float64 `json:"enrolled_recorded"` // share of them
	Looped   int     `json:"loops"`             // of a few seconds in which the head turns to either side
	Loop     float64 `json:"enrolled_looped"`   // share of them
}

// The scenes of a film, and how many frames of a capture it takes somebody to change them.
const (
	sceneFront = iota
	sceneLeft
	sceneRight
	scenes

	sceneDelay = 2
)

// sceneOf is what a hint asks for.
func sceneOf(h kaopass.Hint) int {
	switch h {
	case kaopass.HintTurnLeft:
		return sceneLeft
	case kaopass.HintTurnRight:
		return sceneRight
	}
	return sceneFront
}

// played is a film as the camera sees it: frames of each scene, photographed twice over.
type played [scenes][]image.Image

// play shows the scenes in the given way; "" is a program in the camera's place.
func (f AttackFilm) play(kind replay.Kind, seed uint64) (p played, err error) {
	var all []image.Image
	for range 2 {
		all = append(append(append(all, f.Front...), f.Left...), f.Right...)
	}
	if kind != "" {
		all = replay.Film(kind, seed, all)
	}
	if all, err = camera(all); err != nil {
		return p, err
	}
	for range 2 {
		for scene, n := range [scenes]int{len(f.Front), len(f.Left), len(f.Right)} {
			p[scene], all = append(p[scene], all[:n]...), all[n:]
		}
	}
	return p, nil
}

// puppet is somebody who plays the scene that is asked for, a moment later, and writes down what was played.
type puppet struct {
	random   *rand.Rand
	film     played
	heard    []int // scenes, by frame
	recorded []int
}

func (p *puppet) show(h kaopass.Hint, n int) image.Image {
	p.heard = append(p.heard, sceneOf(h))
	scene := p.heard[max(n-sceneDelay, 0)]
	p.recorded = append(p.recorded, scene)
	frames := p.film[scene]
	return frames[p.random.IntN(len(frames))]
}

// looping plays scenes that were fixed before, from anywhere on, over and over.
func looping(r *rand.Rand, film played, fixed []int) func(kaopass.Hint, int) image.Image {
	begin := r.IntN(len(fixed))
	return func(_ kaopass.Hint, n int) image.Image {
		at := (begin + n) % len(fixed)
		half := len(film[fixed[at]]) / 2 // the second half is the same, photographed again
		again := (begin + n) / len(fixed) % 2 * half
		return film[fixed[at]][at%half+again]
	}
}

// shortLoop is a second and a half of the front before each turn of almost a second.
func shortLoop() (fixed []int) {
	for _, side := range []int{sceneLeft, sceneRight} {
		for n := range 12 {
			fixed = append(fixed, map[bool]int{true: sceneFront, false: side}[n < 8])
		}
	}
	return fixed
}

// attackFilms tries to enrol films.
func (m *Matcher) attackFilms(ctx context.Context, rates *AttackFilms, kind replay.Kind, set AttackSet) error {
	if len(set.Film.Front)*len(set.Film.Left)*len(set.Film.Right) == 0 {
		return nil
	}
	real, err := set.Film.play("", 0)
	if err != nil {
		return err
	}
	for i := range set.Captures {
		r := rand.New(rand.NewPCG(uint64(i), 11))
		film, err := set.Film.play(kind, uint64(i))
		if err != nil {
			return err
		}
		recording, err := m.recording(ctx, r, real)
		if err != nil {
			return err
		}
		for _, try := range []struct {
			show  func(kaopass.Hint, int) image.Image
			n     *int
			share *float64
		}{
			{(&puppet{random: r, film: film}).show, &rates.Films, &rates.Film},
			{looping(r, film, recording), &rates.Recorded, &rates.Record},
			{looping(r, film, shortLoop()), &rates.Looped, &rates.Loop},
		} {
			done, err := m.attackCapture(ctx, try.show)
			if err != nil {
				return err
			}
			if *try.n++; done {
				*try.share++
			}
		}
	}
	rates.Film, rates.Record, rates.Loop = share(rates.Film, rates.Films), share(rates.Record, rates.Recorded), share(rates.Loop, rates.Looped)
	return nil
}

// recordingTries is how often the person of the film may try to give the face.
const recordingTries = 5

// recording is which scenes were seen in an enrolment of the film's person that went well.
func (m *Matcher) recording(ctx context.Context, r *rand.Rand, real played) ([]int, error) {
	var p puppet
	for range recordingTries {
		p = puppet{random: r, film: real}
		if done, err := m.attackCapture(ctx, p.show); err != nil || done {
			return p.recorded, err
		}
	}
	return p.recorded, nil
}
