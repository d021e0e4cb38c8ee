package evaluate

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/internal/permit"
)

// Say is told what goes on meanwhile.
type Say func(format string, args ...any)

// sayEvery is how often a long step says how far it is.
const sayEvery = 5 * time.Second

// faultNoFace is a photo in which the detector finds nobody; a broken file's fault is the image error's kind.
const faultNoFace = "no_face"

// Acquire reads every wanted photo once. What cannot be read is a failure to acquire, with its reason, and no error.
func (a *Album) Acquire(ctx context.Context, m *matcher.Matcher, say Say) error {
	raw := m.Raw(permit.Measuring{})
	wanted := a.wanted()
	return eachOf(ctx, "photos read", len(wanted), raw.Workers(), say, func(i int) error {
		p := &a.photos[wanted[i]]
		if p.Fault != "" {
			return nil
		}
		face, err := readFace(ctx, raw, p.Path, matcher.RawWish{Middle: true, Vectors: true})
		if err != nil {
			return err
		}
		p.Fault, p.Refused, p.probe, p.frame = face.fault, face.Refused, face.Probe, face.Frame
		return nil
	})
}

// reading is what a file gave, or the fault that kept it from giving anything.
type reading struct {
	matcher.RawFace
	fault string
}

func readFace(ctx context.Context, raw matcher.Raw, path string, wish matcher.RawWish) (out reading, err error) {
	b, err := read(path)
	if err == nil {
		out.RawFace, err = raw.Face(ctx, b, wish)
	}
	var image *matcher.ImageError
	switch {
	case errors.As(err, &image):
		return reading{fault: string(image.Kind)}, nil
	case errors.Is(err, os.ErrNotExist):
		return reading{fault: faultMissing}, nil
	case err == nil && out.Faces == 0:
		out.fault = faultNoFace
	}
	return out, err
}

// eachOf does n things, workers of them at once, until all are done, one fails or the context ends.
func eachOf(ctx context.Context, what string, n, workers int, say Say, do func(i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next, done atomic.Int64
	var all sync.WaitGroup
	for range max(workers, 1) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					stop(err)
				}
				done.Add(1)
			}
		})
	}
	finished := make(chan struct{})
	go func() { all.Wait(); close(finished) }()
	for tick := time.NewTicker(sayEvery); ; {
		select {
		case <-tick.C:
			say("%s: %d of %d", what, done.Load(), n)
		case <-finished:
			tick.Stop()
			return context.Cause(ctx)
		}
	}
}

// Acquisition is what was lost before anything was compared (ISO/IEC 19795-1: failure to acquire, to enrol), and what
// the product would have said about the photos that were compared here all the same.
type Acquisition struct {
	Photos   int            `json:"photos"`
	People   int            `json:"people"`
	Failures int            `json:"failures"`    // photos of which nothing was acquired
	Rate     float64        `json:"fta"`         // Failures over Photos
	Reasons  map[string]int `json:"reasons"`     // of the failures
	Lost     int            `json:"people_lost"` // people of whom nothing was acquired: failure to enrol
	FTE      float64        `json:"fte"`         // Lost over People

	Refused map[matcher.Use]map[kaopass.Reason]int `json:"refused"` // photos that this use would refuse, with the reason
}

// Acquisition counts what was and was not acquired.
func (a *Album) Acquisition() Acquisition {
	out := Acquisition{Reasons: map[string]int{}, Refused: map[matcher.Use]map[kaopass.Reason]int{}}
	for _, use := range []matcher.Use{matcher.UseEnrol, matcher.UseGate, matcher.UseTill} {
		out.Refused[use] = map[kaopass.Reason]int{}
	}
	for i := range a.people {
		photos := slices.Concat(a.people[i].photos, a.people[i].gallery)
		if len(photos) == 0 {
			continue
		}
		out.People++
		if len(a.usable(photos)) == 0 {
			out.Lost++
		}
		for _, at := range photos {
			out.count(&a.photos[at])
		}
	}
	out.Rate = float64(out.Failures) / max(float64(out.Photos), 1)
	out.FTE = float64(out.Lost) / max(float64(out.People), 1)
	return out
}

func (out *Acquisition) count(p *Photo) {
	out.Photos++
	if !p.acquired() {
		out.Failures++
		out.Reasons[p.Fault]++
		return
	}
	for use, reason := range maps.All(p.Refused) {
		out.Refused[use][reason]++
	}
}
