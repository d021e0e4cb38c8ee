// Package evaluate measures a face model on somebody's photos: how often it takes two people for one, one for two, and
// a picture for a person (ISO/IEC 19795-1, 30107-3), and what that means for a venue of a million.
//
// Start at [Run]. It reads each photo once, compares all of them, and answers a [Report] of rates with their confidence
// intervals and, on request, a calibration for the policy. What stays true: nothing but the product's own stages makes
// the vectors; people are resampled, never comparisons; no vector outlives Run, and none is written anywhere; what was
// extrapolated says so.
package evaluate

import (
	"context"
	"fmt"
	"time"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Options say what is to be measured.
type Options struct {
	Pairs      []Pair      // labelled pairs; none: every photo in Images is compared
	Same       [][2]string // two names of one person, see [Album.SetAside]
	Images     string      // folder, see [OpenAlbum]
	Gallery    string      // folder of those enrolled; "" means that the photos in Images are both
	PAD        string      // folder, dir/live/<subject>/… and dir/<kind>/<subject>/…; "" means that no attacks are measured
	Population int         // people to extrapolate 1:N to; 0: the gallery's own size only
	OnSite     int         // of them on the site today; 0: an eighth
	Rounds     int         // of resampling; 0: 300
	Seed       uint64
}

// The defaults of Options.
const (
	rounds      = 300
	onSiteShare = 8 // 150,000 of 1.2 million
)

func (o *Options) fill() {
	if o.Rounds == 0 {
		o.Rounds = rounds
	}
	if o.OnSite == 0 {
		o.OnSite = o.Population / onSiteShare
	}
}

func (o *Options) bootstrap() stat.Bootstrap { return stat.Bootstrap{Rounds: o.Rounds, Seed: o.Seed} }

// cellFrames are the numbers of frames on either side that are measured, one against one first.
func cellFrames() []Frames { return []Frames{{1, 1}, {3, 1}, {3, 3}} }

// Run measures. It says what it does meanwhile and can be stopped by its context at any time.
func Run(ctx context.Context, m *matcher.Matcher, o Options, say Say) (*Report, error) {
	o.fill()
	album, err := OpenAlbum(o.Images, o.Gallery)
	if err != nil {
		return nil, err
	}
	photos := make([][2]int, 0)
	if len(o.Pairs) > 0 {
		if photos, err = album.Keep(o.Pairs); err != nil {
			return nil, err
		}
	}
	if err := album.SetAside(o.Same); err != nil {
		return nil, err
	}
	if err := album.Acquire(ctx, m, say); err != nil {
		return nil, err
	}
	out := &Report{Made: time.Now().UTC().Truncate(time.Second), Model: m.Model(), Acquisition: album.Acquisition()}
	out.Failures = out.Acquisition.Failures
	out.given(album, o, photos)
	run := &running{album: album, options: o, workers: m.Raw(permitted()).Workers(), say: say, out: out}
	if err := run.cells(ctx); err != nil {
		return nil, err
	}
	out.groups(album, run.first, o)
	out.albums(album, run.first, o)
	if o.Population > 0 {
		if out.Simulation, err = run.simulate(ctx); err != nil {
			return nil, err
		}
	}
	if o.PAD != "" {
		if out.PAD, err = measurePAD(ctx, m, o, say); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// running is one run's state.
type running struct {
	album   *Album
	options Options
	workers int
	say     Say
	out     *Report
	first   *stat.Set // one frame against one, by cosine
}

// cells compares everything with one frame on each side, and what is dealt with more.
func (r *running) cells(ctx context.Context) error {
	for _, f := range cellFrames() {
		t := r.album.deal(f, r.options.Seed)
		if f == (Frames{1, 1}) {
			t = r.album.allPairs()
		}
		r.say("%d×%d frames: %d probes, %d templates", f.Probe, f.Template, t.probes.len(), t.templates.len())
		near, err := t.neighbours(ctx, r.workers, r.say)
		if err != nil {
			return err
		}
		found, err := t.compare(ctx, near, r.workers, r.say)
		if err != nil {
			return err
		}
		if r.first == nil {
			r.first = found.raw
			if len(found.raw.Genuine) == 0 || found.raw.Impostors == 0 {
				return fmt.Errorf("%d comparisons of one person and %d of two: there must be some of each",
					len(found.raw.Genuine), found.raw.Impostors)
			}
		}
		if len(found.raw.Genuine) > 0 && found.raw.Impostors > 0 {
			r.out.Cells = append(r.out.Cells, r.cell(t, near, found))
		}
	}
	if err := r.taken(ctx); err != nil {
		return err
	}
	one := r.out.Cells[0].Raw
	r.out.EER, r.out.DET, r.out.All = one.EER, one.DET, Counts{one.Genuine, one.Impostors}
	return nil
}

// cell reads everything off one trial.
func (r *running) cell(t *trial, near *neighbourhoods, found scored) Cell {
	out := Cell{ProbeFrames: t.frames.Probe, TemplateFrames: t.frames.Template, Raw: r.distribution(found.raw)}
	if near != nil {
		c := r.distribution(found.relative)
		out.C, out.Gallery = &c, near.people
		out.Identification = identify(t, near)
	}
	return out
}

// distribution reads off a set what the report shows and what a calibration keeps.
func (r *running) distribution(s *stat.Set) Distribution {
	out := Distribution{Genuine: len(s.Genuine), Impostors: s.Impostors, GenuinePeople: s.GenuinePeople(), set: s}
	out.EER, out.EERThreshold = s.EER()
	if tail, err := stat.FitTail(s); err == nil {
		out.Tail = &tail
	}
	out.DET = s.Points(stat.FMRs(), out.Tail, r.options.bootstrap())
	out.Histogram = histogramOf(s)
	out.Lines = linesOf(s, out.Tail)
	out.curve = curveOf(s, out.Tail, r.options.bootstrap())
	return out
}

// taken compares the photos that the product would take, at the thresholds of all.
func (r *running) taken(ctx context.Context) error {
	t := r.album.taken()
	found, err := t.compare(ctx, nil, r.workers, r.say)
	if err != nil || len(found.raw.Genuine) == 0 {
		return err
	}
	r.out.Taken = &Taken{Probes: t.probes.len(), Templates: t.templates.len(), All: Counts{len(found.raw.Genuine), found.raw.Impostors}}
	for _, p := range r.out.Cells[0].Raw.DET {
		r.out.Taken.Points = append(r.out.Taken.Points, Point{Rates: ratesOf(found.raw, p.Threshold), FMRAll: p.FMR,
			FNMRCI95: found.raw.Missed(p.Threshold, r.options.bootstrap())})
	}
	return nil
}
