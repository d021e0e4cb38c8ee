package evaluate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// families is a crowd in which some are far nearer to each other than a normal distribution would have them.
func families(people, photos, dim int) *Album {
	r := rand.New(rand.NewPCG(21, 22))
	a := &Album{byName: map[string]int32{}, numbered: map[string]int{}}
	var heads [][]float32
	for range people / 8 {
		heads = append(heads, draw(r, dim, nil, 1))
	}
	for who := range people {
		own := draw(r, dim, heads[r.IntN(len(heads))], 1.5)
		p := person{}
		for range photos {
			p.photos = append(p.photos, len(a.photos))
			a.photos = append(a.photos, Photo{Person: int32(who), probe: draw(r, dim, own, 0.4), frame: draw(r, dim, own, 0.4)})
		}
		a.people = append(a.people, p)
	}
	return a
}

func simulating(t *testing.T, a *Album, population int) *running {
	t.Helper()
	r := &running{album: a, workers: 2, say: quiet, out: &Report{}, options: Options{Population: population, OnSite: population / 5, Rounds: 20, Seed: 1}}
	if err := r.cells(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// Made-up strangers must meet people whom their maker never saw as often as real ones do, and a venue that sets its
// threshold by them must let through what it meant to.
func TestASimulatedVenue(t *testing.T) {
	r := simulating(t, families(400, 6, 48), 4000)
	s, err := r.simulate(t.Context())
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	if len(s.Generator.Checks) < 3 || s.Generator.FittedTo != 200 || s.Real != 200 {
		t.Errorf("%+v, %d real", s.Generator, s.Real)
	}
	for _, c := range s.Generator.Checks {
		if c.FMR >= 1e-3 && (c.Ratio < 0.6 || c.Ratio > 1.6) {
			t.Errorf("made-up strangers reach what %g of real ones do %.2f times as often", c.FMR, c.Ratio)
		}
	}
	if len(s.Steps) != 15 || len(s.Extrapolated) != 3 {
		t.Fatalf("%d steps, %d extrapolated", len(s.Steps), len(s.Extrapolated))
	}
	for _, x := range s.Steps {
		if sum := x.FaceOnly + x.AskCode + x.NotFound + x.Wrong; math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: everybody is %v of everybody", x.Name, sum)
		}
		if x.FPIR > 0.06 || x.FPIRCode < x.FPIR || x.FPIRCode > x.FPIR+0.0021 {
			t.Errorf("%s: strangers %v, with a code %v", x.Name, x.FPIR, x.FPIRCode)
		}
	}
	if one, three := s.Steps[1], s.Steps[11]; one.Searched != 4000 || s.Steps[2].Searched != 800 || three.FaceOnly < one.FaceOnly {
		t.Errorf("one photo %v, three against three %v", one.FaceOnly, three.FaceOnly)
	}
	if rows := s.table(); len(rows) != 2+len(s.Steps)+len(s.Generator.Checks)+len(s.Extrapolated) || !strings.Contains(rows[1][0], "4,000") {
		t.Errorf("%d rows, %v", len(rows), rows[1])
	}
}

func TestTheSameSeedMakesTheSameVenue(t *testing.T) {
	a := families(200, 3, 32)
	r := &running{album: a, options: Options{}}
	fit, _ := r.halves()
	g := fitGenerator(r.photosOf(fit), 1)
	one, err := openVenue(t.Context(), g, 500, 100, 7, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	two, err := openVenue(t.Context(), g, 500, 100, 7, 3, quiet)
	if err != nil {
		t.Fatal(err)
	}
	probe := [][]float32{a.photos[1].probe}
	x, errX := one.search(t.Context(), probe, 1, quiet)
	y, errY := two.search(t.Context(), probe, 1, quiet)
	if errX != nil || errY != nil || math.Abs(x[0].all[0]-y[0].all[0]) > 1e-6 || x[0].all[0] < x[0].onSite[0] {
		t.Errorf("%v %v", x[0].all[0], y[0].all[0])
	}
	if one.people.Len() != 500 || one.onSite.Len() != 100 {
		t.Errorf("%d people, %d on the site", one.people.Len(), one.onSite.Len())
	}
}

func TestSimulationsThatCannotBe(t *testing.T) {
	r := simulating(t, crowd(60, 4, 24, 0.5), 1000)
	if s, err := r.simulate(t.Context()); s != nil || err != nil {
		t.Error("thirty people stand for a thousand")
	}
	for _, o := range []Options{{Population: populationMax + 1}, {Population: 10, OnSite: 11}} {
		r.options = o
		if _, err := r.simulate(t.Context()); err == nil {
			t.Errorf("%+v was simulated", o)
		}
	}
	if (*Simulation)(nil).table() != nil {
		t.Error("a table of nothing")
	}
}

func TestGeneratorKeepsTheCovariance(t *testing.T) {
	a := crowd(600, 1, 16, 1)
	for i := range a.photos { // one direction has most of the variance
		a.photos[i].frame[0] *= 3
		a.photos[i].frame = fuse(a.photos[i].frame)
	}
	r := &running{album: a}
	people := make([]int, len(a.people))
	for i := range people {
		people[i] = i
	}
	real := r.photosOf(people)
	g := fitGenerator(real, 1)
	random := rand.New(rand.NewPCG(1, 1))
	variance := func(v func(i int) []float32, k int) (sum float64) {
		for i := range 600 {
			x := float64(v(i)[k])
			sum += x * x / 600
		}
		return sum
	}
	for _, k := range []int{0, 5} {
		want := variance(func(i int) []float32 { return real[i][0] }, k)
		got := variance(func(int) []float32 { return g.draw(random) }, k)
		if got < want/2 || got > want*2 {
			t.Errorf("number %d: variance %v, of real people %v", k, got, want)
		}
	}
}

// Directions that the data deny must not blow a made-up face up.
func TestCholeskyOfWhatIsNoCovariance(t *testing.T) {
	l := cholesky([]float64{1, 0, 0, 0.5, 1, 0, 2, 0.1, -0.5}, 3)
	for _, v := range l {
		if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 3 {
			t.Fatalf("%v", l)
		}
	}
	l = cholesky([]float64{4, 0, 2, 5}, 2) // of [[4 2][2 5]]: [[2 0][1 2]], but for the ridge
	for i, want := range []float64{2, 0, 1, 2} {
		if math.Abs(float64(l[i])-want) > 0.03 {
			t.Errorf("%v", l)
		}
	}
}

func TestStretch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	set := func(spread float64) *stat.Set {
		s := &stat.Set{People: 2, Floor: -2}
		for range 200_000 {
			put(s, stat.Comparison{Score: float32(spread * r.NormFloat64()), Template: 1}, false)
		}
		s.Sort()
		return s
	}
	s := newStretch(set(0.1), set(0.12))
	for _, made := range []float64{0.1, 0.2, 0.3, 0.4} {
		if got := s.of(made); math.Abs(got-1.2*made) > 0.02 {
			t.Errorf("%v becomes %v, want %v", made, got, 1.2*made)
		}
		if back := s.back(s.of(made)); math.Abs(back-made) > 1e-6 {
			t.Errorf("%v comes back as %v", made, back)
		}
	}
	if none := (stretch{}); none.of(0.3) != 0.3 {
		t.Error("nothing known is nothing stretched")
	}
	if s.of(5) != 1 {
		t.Error("no similarity is above 1")
	}
}
