package matcher

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

const crowdDim = 64

// crowd is a matcher that only has a gallery: vectors are made, not read from faces.
func crowd() *Matcher {
	return &Matcher{policy: DefaultPolicy(), model: "made", gallery: newGallery("made", crowdDim)}
}

func (m *Matcher) join(id kaopass.EnrolmentID, v []float32) kaopass.Template {
	t := kaopass.Template{Model: m.model, Frames: [][]float32{v}}
	m.Apply(kaopass.TemplateChange{Enrolment: id, Purpose: kaopass.ForPayment, Template: t})
	return t
}

func drawn(r *rand.Rand) []float32 {
	v := make([]float32, crowdDim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	normalise(v)
	return v
}

// turned is a unit vector at a given cosine to v.
func turnedBy(r *rand.Rand, v []float32, c float64) []float32 {
	w := drawn(r)
	along := float32(cosine(v, w))
	for i := range w {
		w[i] -= along * v[i]
	}
	normalise(w)
	for i := range w {
		w[i] = float32(c)*v[i] + float32(math.Sqrt(1-c*c))*w[i]
	}
	normalise(w)
	return w
}

func person(i int) kaopass.EnrolmentID { return kaopass.EnrolmentID(fmt.Sprintf("enr_%06d", i)) }

func TestNeighboursTellHowNear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	m, v := crowd(), drawn(r)
	for i, c := range []float64{0.95, 0.8, 0.6, 0.3, -0.2} {
		m.join(person(i), turnedBy(r, v, c))
	}
	t.Run("by two thresholds", func(t *testing.T) {
		near := m.Neighbours(kaopass.Template{Model: m.model, Frames: [][]float32{v}})
		if !slices.Equal(near.Same, []kaopass.EnrolmentID{person(0), person(1)}) ||
			!slices.Equal(near.Alike, []kaopass.EnrolmentID{person(0), person(1), person(2)}) || len(near.Nearest) != 4 {
			t.Errorf("%+v", near)
		}
	})
	t.Run("one's own left out", func(t *testing.T) {
		near := m.Neighbours(kaopass.Template{Model: m.model, Frames: [][]float32{v}}, person(0))
		if !slices.Equal(near.Same, []kaopass.EnrolmentID{person(1)}) || slices.Contains(near.Nearest, person(0)) {
			t.Errorf("%+v", near)
		}
	})
	t.Run("never across models", func(t *testing.T) {
		if near := m.Neighbours(kaopass.Template{Model: "other", Frames: [][]float32{v}}); near.Nearest != nil {
			t.Errorf("%+v", near)
		}
		if near := m.Neighbours(kaopass.Template{Model: m.model}); near.Nearest != nil {
			t.Errorf("%+v", near)
		}
	})
}

// TestNeighboursAllSaysTheSame as one search after another.
func TestNeighboursAllSaysTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	m := crowd()
	changes := []kaopass.TemplateChange{{Enrolment: "enr_other", Template: kaopass.Template{Model: "other", Frames: [][]float32{drawn(r)}}}}
	for i := range 300 {
		v := drawn(r)
		changes = append(changes, kaopass.TemplateChange{Enrolment: person(2 * i), Template: m.join(person(2*i), v)})
		m.join(person(2*i+1), turnedBy(r, v, 0.5+float64(i)/600))
	}
	for i, got := range m.NeighboursAll(changes) {
		want := m.Neighbours(changes[i].Template, changes[i].Enrolment)
		if !slices.Equal(got.Same, want.Same) || !slices.Equal(got.Alike, want.Alike) || len(got.Nearest) != len(want.Nearest) {
			t.Fatalf("%d: %d same, %d alike, %d nearest; alone %d, %d, %d", i, len(got.Same), len(got.Alike), len(got.Nearest),
				len(want.Same), len(want.Alike), len(want.Nearest))
		}
	}
}

func TestNeighboursAreBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m, v := crowd(), drawn(r)
	for i := range kaopass.NearestMax + 200 {
		m.join(person(i), turnedBy(r, v, 0.9))
	}
	near := m.Neighbours(kaopass.Template{Model: m.model, Frames: [][]float32{v}}, person(0), person(1))
	if len(near.Same) != kaopass.AlikeMax || len(near.Alike) != kaopass.AlikeMax || len(near.Nearest) != kaopass.NearestMax {
		t.Errorf("%d same, %d alike, %d nearest", len(near.Same), len(near.Alike), len(near.Nearest))
	}
}

// TestLookAlikesLieBetweenStrangersAndOneself: whoever is taken for enough is a look-alike before, and nobody is asked
// whether they came twice at a distance that strangers reach.
func TestLookAlikesLieBetweenStrangersAndOneself(t *testing.T) {
	p := DefaultPolicy()
	for _, people := range []int{0, 1, 12, 1000, 100_000, 1_200_000, 50_000_000} {
		alike, twice := p.Alike(people), p.Twice(people)
		if alike >= p.Enough(people, 1) || alike <= p.ListMin || twice < alike || twice < p.TwiceMin {
			t.Errorf("%d people: alike from %.3f, twice from %.3f, enough from %.3f", people, alike, twice, p.Enough(people, 1))
		}
	}
}

// TestEveryPlantedTwinIsFound adds 10,000 people one after another, as the feed does, with 200 twins and 50 people who come
// twice among them.
func TestEveryPlantedTwinIsFound(t *testing.T) {
	const people, twins, twice = 10_000, 200, 50
	if testing.Short() {
		t.Skip("10,000 exact searches")
	}
	r := rand.New(rand.NewPCG(5, 6))
	m := crowd()
	vectors := make([][]float32, people)
	planted, kind := map[int]int{}, map[int]float64{}
	for i := range vectors {
		vectors[i] = drawn(r)
		if i < people-twins-twice {
			continue
		}
		of := r.IntN(people - twins - twice)
		kind[i] = 0.68
		if i >= people-twice {
			kind[i] = 0.9
		}
		planted[i], vectors[i] = of, turnedBy(r, vectors[of], kind[i])
	}
	for n, i := range r.Perm(people) {
		self := kaopass.Template{Model: m.model, Frames: [][]float32{vectors[i]}}
		near := m.Neighbours(self, person(i))
		if len(near.Nearest) > n/4 {
			t.Fatalf("%d of %d could be on one short list", len(near.Nearest), n)
		}
		for _, id := range near.Alike {
			var other int
			if _, err := fmt.Sscanf(string(id), "enr_%d", &other); err != nil {
				t.Fatal(err)
			}
			delete(pairOf(planted, i, other), max(i, other))
		}
		m.join(person(i), vectors[i])
	}
	if len(planted) != 0 {
		t.Errorf("%d of %d twins were not found", len(planted), twins+twice)
	}
}

// pairOf is the plan where it holds the pair, and an empty one where it does not.
func pairOf(planted map[int]int, a, b int) map[int]int {
	if of, is := planted[max(a, b)]; is && of == min(a, b) {
		return planted
	}
	return nil
}
