package matcher

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// town is people whose faces are drawn about a common face: the closer they live, the more alike they are.
type town struct {
	random *rand.Rand
	common []float32
	alike  float64 // cosine of a person to the common face
	noise  float64 // cosine of a picture to its person
}

func newTown(seed uint64, alike float64) *town {
	r := rand.New(rand.NewPCG(seed, 9))
	return &town{r, drawn(r), alike, 0.85}
}

// person draws somebody's true face.
func (w *town) person() []float32 {
	return turnedBy(w.random, w.common, w.alike+0.02*w.random.NormFloat64())
}

// pictures draws n pictures of a face.
func (w *town) pictures(face []float32, n int) [][]float32 {
	out := make([][]float32, n)
	for i := range out {
		out[i] = turnedBy(w.random, face, w.noise)
	}
	return out
}

// settle enrols n people with templates of three pictures, and offers them to a sample.
func (m *Matcher) settle(w *town, prefix string, n int, s *Sample) (faces [][]float32) {
	for i := range n {
		face := w.person()
		id := kaopass.EnrolmentID(fmt.Sprint(prefix, i))
		t := kaopass.Template{Model: m.model, Frames: w.pictures(face, 3)}
		m.Apply(kaopass.TemplateChange{Enrolment: id, Purpose: kaopass.ForPayment, Template: t})
		if s != nil {
			s.Offer(id, t)
		}
		faces = append(faces, face)
	}
	return faces
}

// taken counts how many of n strangers a policy takes for somebody, by the whole decision.
func (m *Matcher) taken(p Policy, w *town, n, frames int) float64 {
	enough := 0
	for range n {
		probe := fuse(w.pictures(w.person(), frames))
		if p.decide(m.gallery.search(probe), frames).Identity == kaopass.Enough {
			enough++
		}
	}
	return float64(enough) / float64(n)
}

// lenient takes the floors away, so that only what is derived judges made-up faces.
func lenient(c Calibration) Policy {
	p := DefaultPolicy()
	p.Calibration, p.EnoughMin, p.ListMin, p.TillFPIR, p.OnSiteShare = c, 0.01, 0.01, 0.03, 0.8
	return p
}

// What the gallery predicts of strangers comes true for people who were never enrolled, with one picture and with three,
// and for those on the site by their own, lower thresholds.
func TestTheGalleryPredictsItsStrangers(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 searches")
	}
	m, w := crowd(), newTown(3, 0.6)
	sample := m.NewSample(3000)
	m.settle(w, "enr_", 3000, sample)
	m.KnowNeighbours(t.Context())
	got, err := m.Measure(t.Context(), sample, nil, measured(t, [2]int{1, 1}))
	if err != nil || got.Few || got.Strangers != 3000 || len(got.Calibration.Cells) != 2 || got.Calibration.Cells[0].C == nil {
		t.Fatalf("%v, %+v", err, got)
	}
	p := lenient(got.Calibration)
	p.RawSlack = 1
	for i := range 400 {
		m.ApplyPresence(kaopass.PresenceChange{Enrolment: kaopass.EnrolmentID(fmt.Sprint("enr_", i)), OnSite: true})
	}
	for _, frames := range []int{1, 3} {
		if share := m.taken(p, w, 2500, frames); share > 0.045 || share < 0.004 {
			t.Errorf("%d frames: %.2f %% of strangers are taken for somebody, at most 3 %% are wanted", frames, 100*share)
		} else {
			t.Logf("%d frames: %.2f %% of strangers are taken for somebody, at most 3 %% are wanted", frames, 100*share)
		}
	}
}

// People who are more alike than those who were measured: what c says of them stays nearer to the truth than what the bare
// score does.
func TestTheStatisticCarriesToOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 searches")
	}
	here, there := crowd(), crowd()
	few, many := newTown(5, 0.5), newTown(6, 0.65)
	sample := here.NewSample(3000)
	here.settle(few, "enr_", 3000, sample)
	there.settle(many, "enr_", 3000, nil)
	here.KnowNeighbours(t.Context())
	there.KnowNeighbours(t.Context())
	got, err := here.Measure(t.Context(), sample, nil, measured(t, [2]int{1, 1}))
	if err != nil {
		t.Fatal(err)
	}
	bare, c := lenient(got.Calibration), lenient(got.Calibration)
	c.RawSlack = 1e6
	bare.Calibration.Cells = slices.Clone(bare.Calibration.Cells)
	for i := range bare.Calibration.Cells {
		bare.Calibration.Cells[i].C = nil
	}
	byScore, byC := there.taken(bare, many, 1500, 1), there.taken(c, many, 1500, 1)
	t.Logf("3 %% are wanted: %.1f %% by the bare score, %.1f %% by c", 100*byScore, 100*byC)
	if byC >= byScore {
		t.Errorf("strangers of another group: %.1f %% by the bare score, %.1f %% by c", 100*byScore, 100*byC)
	}
}

// A second enrolment of the same person is not a stranger, and neither is one's own; a twin is.
func TestOnlyOnesOwnAreLeftOut(t *testing.T) {
	m, w := crowd(), newTown(7, 0.3)
	sample := m.NewSample(1200)
	faces := m.settle(w, "enr_", 600, sample)
	twice := map[kaopass.EnrolmentID][]kaopass.EnrolmentID{}
	for i, face := range faces[:300] {
		again := kaopass.EnrolmentID(fmt.Sprint("again_", i))
		template := kaopass.Template{Model: m.model, Frames: w.pictures(face, 1)}
		m.Apply(kaopass.TemplateChange{Enrolment: again, Purpose: kaopass.ForPayment, Template: template})
		sample.Offer(again, template)
		own := kaopass.EnrolmentID(fmt.Sprint("enr_", i))
		twice[own], twice[again] = []kaopass.EnrolmentID{again}, []kaopass.EnrolmentID{own}
	}
	tenth := func(twice map[kaopass.EnrolmentID][]kaopass.EnrolmentID) (float64, int) {
		got, err := m.Measure(t.Context(), sample, twice, measured(t, [2]int{1, 1}))
		if err != nil || got.Few {
			t.Fatalf("%v, %+v", err, got)
		}
		return got.Calibration.Cells[0].Raw.At(0.1 / float64(got.People)), got.Twice
	}
	known, left := tenth(twice)
	if known > 0.65 || left < 500 {
		t.Errorf("without one's own the tenth nearest stranger is at %.3f, %d left out", known, left)
	}
	if unknown, left := tenth(nil); unknown < 0.66 || left != 0 {
		t.Errorf("who resembles another is a stranger until they say otherwise: %.3f, %d left out", unknown, left)
	}
}

func TestASmallGallerySaysNothing(t *testing.T) {
	m, w := crowd(), newTown(8, 0.3)
	sample := m.NewSample(1000)
	m.settle(w, "enr_", kaopass.CalibrationPeople-1, sample)
	got, err := m.Measure(t.Context(), sample, nil, Calibration{})
	if err != nil || !got.Few || got.People != kaopass.CalibrationPeople-1 {
		t.Errorf("%v, %+v", err, got)
	}
}

// Where nobody's neighbourhood is known yet there is no c: the bare score has to do.
func TestWithoutNeighbourhoodsThereIsNoC(t *testing.T) {
	m, w := crowd(), newTown(8, 0.3)
	sample := m.NewSample(1000)
	m.settle(w, "enr_", 700, sample)
	got, err := m.Measure(t.Context(), sample, nil, measured(t, [2]int{1, 1}))
	if err != nil || got.Few || got.Calibration.Cells[0].C != nil {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestAMeasurementStopsAndStepsBack(t *testing.T) {
	m, w := crowd(), newTown(8, 0.3)
	sample := m.NewSample(1000)
	m.settle(w, "enr_", 700, sample)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := m.Measure(ctx, sample, nil, Calibration{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	m.queue.workers, m.queue.free = 1, make(chan *workspace, 1)
	m.queue.waiting.Store(1)
	begun := time.Now()
	time.AfterFunc(100*time.Millisecond, func() { m.queue.waiting.Store(0) })
	if err := m.stepBack(t.Context(), 0); err != nil || time.Since(begun) < 90*time.Millisecond {
		t.Errorf("went on after %v while a till waited (%v)", time.Since(begun), err)
	}
}

// Everyone has the same chance to be in the sample, and nobody is in it twice.
func TestTheSampleIsFair(t *testing.T) {
	m := crowd()
	v := drawn(rand.New(rand.NewPCG(1, 1)))
	early := 0
	for range 400 {
		s := m.NewSample(20)
		for i := range 100 {
			s.Offer(person(i), kaopass.Template{Model: m.model, Frames: [][]float32{v}})
		}
		s.Offer("enr_other", kaopass.Template{Model: "another", Frames: [][]float32{v}})
		seen := map[kaopass.EnrolmentID]bool{}
		for _, one := range s.strangers {
			if seen[one.own] {
				t.Fatal("twice in the sample")
			}
			if seen[one.own] = true; one.own < person(50) {
				early++
			}
		}
		if len(s.strangers) != 20 || seen["enr_other"] {
			t.Fatalf("%d in the sample", len(s.strangers))
		}
	}
	if share := float64(early) / (400 * 20); math.Abs(share-0.5) > 0.03 {
		t.Errorf("%.3f of the sample are of the first half", share)
	}
}

func TestLoosens(t *testing.T) {
	p := own(t)
	tighter, looser := own(t).Calibration, own(t).Calibration
	shift := func(c *Calibration, by float64) {
		for i := range c.Cells {
			for j := range c.Cells[i].Raw.Strangers {
				c.Cells[i].Raw.Strangers[j].Score += by
				c.Cells[i].C.Strangers[j].Score += by
			}
		}
	}
	shift(&tighter, 0.03)
	shift(&looser, -0.03)
	if got := p.Loosens(p.Calibration, 1000, 1_000_000); math.Abs(got) > 1e-9 {
		t.Errorf("itself: %.3f", got)
	}
	if got := p.Loosens(tighter, 1000, 1_000_000); got > 0 || math.IsNaN(got) {
		t.Errorf("a tighter one: %.3f", got)
	}
	if got := p.Loosens(looser, 1000, 1_000_000); math.Abs(got-0.03) > 1e-6 {
		t.Errorf("a looser one: %.3f", got)
	}
	if got := DefaultPolicy().Loosens(p.Calibration, 0, 100_000); got <= kaopass.CalibrationStep {
		t.Errorf("the first of the venue's own ends the caution: %.3f", got)
	}
	foreign := DefaultPolicy()
	foreign.Foreign = true
	if got := foreign.Loosens(p.Calibration, 0, 100_000); got <= kaopass.CalibrationStep {
		t.Errorf("from nobody to somebody: %.3f", got)
	}
}
