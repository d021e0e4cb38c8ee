package matcher

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of a measurement of the gallery.
const (
	StrangersMax   = 100_000                // searches of one night
	measureBatch   = 10                     // strangers at once: their searches share a pass over the gallery
	measureYield   = 20 * time.Millisecond  // while somebody waits at a gate or a till
	measurePause   = 500 * time.Millisecond // at most, between two batches
	measureHits    = NearestOthers + 1      // of others
	maskedMost     = 32                     // own entry and own other enrolments
	pairsAStranger = 100                    // random comparisons for the wide end of the curve
	panelMost      = 2000                   // people whom those are with
	knownLeast     = 0.95                   // share of searches whose neighbourhoods must be known for c to be measured
	framesMany     = 3                      // fused for half of the strangers, where they have as many
)

// Sample draws strangers for a measurement: one enrolled picture, or three fused, of each of many people. It holds
// vectors, so it lives no longer than the measurement.
type Sample struct {
	gallery   *gallery
	most      int
	offered   int
	strangers []stranger
}

// stranger is somebody who is searched for as if they were not enrolled.
type stranger struct {
	own  kaopass.EnrolmentID
	one  []float32 // a picture
	many []float32 // three fused; nil for most
}

// query is one search: of a picture, or of three.
type query struct {
	own    kaopass.EnrolmentID
	vector []float32
	frames int
}

// NewSample makes an empty sample of at most so many people.
func (m *Matcher) NewSample(most int) *Sample {
	return &Sample{gallery: m.gallery, most: min(most, StrangersMax)}
}

// Offer may take somebody into the sample: everyone who is offered has the same chance (Vitter, algorithm R). A template
// of another model is passed over.
func (s *Sample) Offer(id kaopass.EnrolmentID, t kaopass.Template) {
	if t.Model != s.gallery.model || len(t.Frames) == 0 {
		return
	}
	s.offered++
	at := len(s.strangers)
	if at == s.most {
		if at = rand.IntN(s.offered); at >= s.most { //nolint:gosec // a sample, not a secret
			return
		}
	} else {
		s.strangers = append(s.strangers, stranger{})
	}
	s.strangers[at] = drawnFrom(id, t.Frames)
}

// drawnFrom is a picture of somebody and, as a coin says, three fused.
func drawnFrom(id kaopass.EnrolmentID, frames [][]float32) stranger {
	s := stranger{own: id, one: frames[rand.IntN(len(frames))]} //nolint:gosec // any of them will do
	if len(frames) >= framesMany && rand.IntN(2) == 0 {         //nolint:gosec // a coin, not a secret
		s.many = fuse(frames[:framesMany])
	}
	return s
}

// queries are the searches of some strangers.
func queries(batch []stranger) (all []query) {
	for _, s := range batch {
		all = append(all, query{s.own, s.one, 1})
		if s.many != nil {
			all = append(all, query{s.own, s.many, framesMany})
		}
	}
	return all
}

// Measured is what a measurement of the gallery answers. Few is set where the gallery is too small to say anything; then
// there is no calibration.
type Measured struct {
	Calibration Calibration
	People      int // who could be found
	Strangers   int // searches made
	Twice       int // hits left out as the stranger's own other enrolments
	Few         bool
}

// Measure searches everyone of a sample in the gallery, each without their own entry and without the enrolments that twice
// says are most likely their own, and makes a calibration of what strangers reach. It compares with everyone (exact
// scan), and steps back whenever a gate or a till waits. The right people's side is taken from base: a gallery holds
// nobody's second visit.
//
// Who only looks like somebody else is not left out: those are the strangers that a threshold is about, and leaving them
// out would lower it night by night.
func (m *Matcher) Measure(ctx context.Context, s *Sample, twice map[kaopass.EnrolmentID][]kaopass.EnrolmentID, base Calibration) (Measured, error) {
	out := Measured{People: m.gallery.people.Len(), Strangers: len(s.strangers)}
	if min(out.People, out.Strangers) < kaopass.CalibrationPeople {
		out.Few = true
		return out, nil
	}
	tops := map[int]*reached{1: {}, framesMany: {}}
	for batch := range slices.Chunk(s.strangers, measureBatch) {
		began := time.Now()
		out.Twice += m.searchStrangers(queries(batch), twice, tops)
		if err := m.stepBack(ctx, time.Since(began)); err != nil {
			return out, err
		}
	}
	out.Calibration = Calibration{
		Version: CalibrationVersion, Models: []string{m.model}, Made: time.Now().UTC().Truncate(time.Second), Own: true,
		Source: "this venue's own gallery: an enrolled picture of each person, compared with everyone else's template",
		Limits: []string{
			"how often the right person falls short is taken from: " + base.Source,
			fmt.Sprintf("%d enrolments that are most likely of one person were left out", out.Twice),
		},
		People: out.Strangers, Gallery: out.People,
	}
	for _, n := range []int{1, framesMany} {
		if r := tops[n]; len(r.raw) >= kaopass.CalibrationPeople {
			out.Calibration.Cells = append(out.Calibration.Cells, m.measuredCell(n, r, s, base))
		}
	}
	return out, out.Calibration.check()
}

// reached is the best that each stranger reached with anybody.
type reached struct {
	raw, c    []float64
	crowd     float64 // sum of the means that c takes off
	unclear   int     // searches without a known neighbourhood
	neighbour int
}

// searchStrangers adds what a batch reaches, and answers how many hits were left out as their own.
func (m *Matcher) searchStrangers(batch []query, twice map[kaopass.EnrolmentID][]kaopass.EnrolmentID, tops map[int]*reached) (left int) {
	vectors := make([][]float32, len(batch))
	for i, s := range batch {
		vectors[i] = s.vector
	}
	for i, hits := range m.gallery.people.ExactAll(vectors, measureHits+maskedMost, -1) {
		own := twice[batch[i].own]
		others := hits[:0:0]
		for _, h := range hits {
			switch {
			case h.ID == batch[i].own:
			case slices.Contains(own, h.ID):
				left++
			default:
				others = append(others, h)
			}
		}
		if len(others) > 0 {
			tops[batch[i].frames].add(found{all: others[:min(len(others), measureHits)]})
		}
	}
	return left
}

func (r *reached) add(f found) {
	r.raw = append(r.raw, float64(f.all[0].Score))
	best := math.Inf(-1)
	for _, h := range f.all {
		if c := relative(f.all, h); c > best {
			best = c
		}
	}
	if math.IsInf(best, 0) {
		r.unclear++
		return
	}
	r.c = append(r.c, best)
	if c := relative(f.all, f.all[0]); !math.IsNaN(c) {
		r.crowd, r.neighbour = r.crowd+float64(f.all[0].Score)-c, r.neighbour+1
	}
}

// stepBack leaves the processor to whoever waits, and never takes more than half of one.
func (m *Matcher) stepBack(ctx context.Context, worked time.Duration) error {
	rest := time.NewTimer(min(worked, measurePause))
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-rest.C:
		}
		if m.queue.workers == 0 || m.queue.stats().Waiting == 0 {
			return nil
		}
		rest.Reset(measureYield)
	}
}

// measuredCell makes the curves of strangers with n frames against the gallery's templates as they are.
func (m *Matcher) measuredCell(n int, r *reached, s *Sample, base Calibration) Cell {
	people := m.gallery.people.Len()
	cell := Cell{Probe: n, Raw: wide(m.randomPairs(n, s), searchCurve(r.raw, people))}
	cell.Raw.Genuine, cell.Raw.Pairs = rightPeople(base, n, 0)
	if float64(len(r.c)) >= knownLeast*float64(len(r.raw)) && r.neighbour > 0 {
		c := searchCurve(r.c, people)
		c.Genuine, c.Pairs = rightPeople(base, n, r.crowd/float64(r.neighbour))
		cell.C = &c
	}
	return cell
}

// rightPeople is the genuine side of another calibration, less what neighbourhoods take off.
func rightPeople(base Calibration, n int, less float64) ([]Quantile, int) {
	from, fits := Curve{}, -1
	for _, x := range base.Cells {
		if f := x.Probe + x.Template; x.fits(n, framesMany) && f > fits {
			from, fits = x.Raw, f
		}
	}
	out := slices.Clone(from.Genuine)
	for i := range out {
		out[i].Score -= less
	}
	return out, from.Pairs
}

// randomPairs compares strangers with templates of other people at random: the many ordinary comparisons, which a search
// for the nearest never shows.
func (m *Matcher) randomPairs(n int, s *Sample) []float64 {
	type other struct {
		id     kaopass.EnrolmentID
		vector []float32
	}
	var panel []other
	for _, at := range rand.Perm(len(s.strangers))[:min(len(s.strangers), panelMost)] { //nolint:gosec // a sample, not a secret
		if v, there := m.gallery.people.Vector(s.strangers[at].own); there {
			panel = append(panel, other{s.strangers[at].own, v})
		}
	}
	var scores []float64
	for _, q := range queries(s.strangers) {
		for range min(pairsAStranger, len(panel)/4) {
			if b := panel[rand.IntN(len(panel))]; q.frames == n && b.id != q.own { //nolint:gosec // a sample, not a secret
				scores = append(scores, cosine(q.vector, b.vector))
			}
		}
	}
	return scores
}

// KnowNeighbours finds everyone's neighbourhood now, for a command that measures once: a server does it by and by, see
// [Matcher.TendGallery].
func (m *Matcher) KnowNeighbours(ctx context.Context) {
	m.gallery.means.rest = 0
	(&tender{gallery: m.gallery, ctx: ctx}).pass(true)
}
