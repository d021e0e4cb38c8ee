package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func fitted(t *testing.T, a *Album, frames int) *generator {
	t.Helper()
	r := &running{album: a}
	people := make([]int, len(a.people))
	for i := range people {
		people[i] = i
	}
	return fitGenerator(r.photosOf(people), frames)
}

// Whoever is made up is a unit vector near real people and a copy of none, and the same seed makes the same people.
func TestMadeUpPeopleAreNobody(t *testing.T) {
	g := fitted(t, families(200, 2, 32), 1)
	r, again := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(1, 2))
	nearest := make([]float64, 300)
	for i := range nearest {
		v := g.draw(r)
		if !slices.Equal(v, g.draw(again)) {
			t.Fatal("the same seed made somebody else")
		}
		if length := math.Sqrt(float64(dot(v, v))); math.Abs(length-1) > 1e-5 {
			t.Fatalf("length %v", length)
		}
		nearest[i] = -1
		for _, a := range g.anchor {
			nearest[i] = max(nearest[i], float64(dot(v, a)))
		}
	}
	slices.Sort(nearest)
	if top, middle := nearest[len(nearest)-1], nearest[len(nearest)/2]; top > 0.97 || middle < 0.4 {
		t.Errorf("the nearest real person to somebody made up is at %v, half of them at %v", top, middle)
	}
}

// Drawing a person leaves those it is mixed of as they are.
func TestDrawingChangesNobody(t *testing.T) {
	g := fitted(t, crowd(80, 2, 16, 0.5), 1)
	var before [][]float32
	for _, a := range g.anchor {
		before = append(before, slices.Clone(a))
	}
	mean, factor := slices.Clone(g.mean), slices.Clone(g.factor)
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		g.draw(r)
	}
	for i, a := range g.anchor {
		if !slices.Equal(a, before[i]) {
			t.Fatalf("person %d was changed", i)
		}
	}
	if !slices.Equal(mean, g.mean) || !slices.Equal(factor, g.factor) {
		t.Error("the distribution was changed")
	}
}

// Fused frames differ less from each other: the more of them, the less is drawn.
func TestMoreFramesVaryLess(t *testing.T) {
	a := crowd(300, 4, 16, 1.5) // photos of one person lie far apart
	spread := func(g *generator) (sum float64) {
		for _, x := range g.factor { // the squares of a factor add up to the covariance's trace
			sum += float64(x) * float64(x)
		}
		return sum
	}
	one, three, five := spread(fitted(t, a, 1)), spread(fitted(t, a, 3)), spread(fitted(t, a, 5))
	if !(one > three && three > five) || three > 0.9*one {
		t.Errorf("one frame %v, three %v, five %v", one, three, five)
	}
	var within float64 // half the mean square of a difference of two photos
	for _, p := range a.people {
		first := a.photos[p.photos[0]].frame
		for _, at := range p.photos[1:] {
			within += float64(1-dot(first, a.photos[at].frame)) / float64(3*len(a.people))
		}
	}
	if got, want := one-three, within*(1-1.0/3)*(1+ridge); math.Abs(got-want) > 0.02*want {
		t.Errorf("three frames take %v away, want two thirds of what photos of one person differ by, %v", got, want)
	}
	single := crowd(300, 1, 16, 1.5)
	if x, y := spread(fitted(t, single, 1)), spread(fitted(t, single, 3)); x != y {
		t.Errorf("of one photo each nothing is known about frames: %v and %v", x, y)
	}
}

// Everybody's neighbours are the nearest others, and never the person.
func TestAnchorsKnowTheirNeighbours(t *testing.T) {
	g := fitted(t, families(150, 1, 16), 1)
	for i, list := range g.near {
		if len(list) != anchorNear {
			t.Fatalf("%d neighbours", len(list))
		}
		farthest := list[anchorNear-1].score
		kept := map[int32]bool{int32(i): true}
		for _, n := range list {
			if int(n.who) == i {
				t.Fatalf("person %d is its own neighbour", i)
			}
			kept[n.who] = true
		}
		for j, other := range g.anchor {
			if s := dot(g.anchor[i], other); !kept[int32(j)] && s > farthest {
				t.Fatalf("%d is nearer to %d than the last that was kept", j, i)
			}
		}
	}
}

// A covariance is what its definition says, and its factor times itself is it again, but for the ridge.
func TestCovarianceAndItsFactor(t *testing.T) {
	const dim = 5
	r := rand.New(rand.NewPCG(5, 6))
	c := newCovariance(dim)
	want := make([]float64, dim*dim)
	for range 400 {
		a, b := draw(r, dim, nil, 1), draw(r, dim, nil, 1)
		c.add(a, b)
		for i := range dim {
			for j := range dim {
				want[i*dim+j] += float64(a[i]-b[i]) * float64(a[j]-b[j]) / 400
			}
		}
	}
	got := c.mean()
	var trace float64
	for i := range dim {
		trace += want[i*dim+i] / dim
		for j := range i + 1 {
			if math.Abs(got[i*dim+j]-want[i*dim+j]) > 1e-6 {
				t.Fatalf("%d, %d: %v, want %v", i, j, got[i*dim+j], want[i*dim+j])
			}
		}
	}
	l := cholesky(got, dim)
	for i := range dim {
		for j := range i + 1 {
			var product float64
			for k := range j + 1 {
				product += float64(l[i*dim+k]) * float64(l[j*dim+k])
			}
			full := want[i*dim+j]
			if i == j {
				full += ridge * trace
			}
			if math.Abs(product-full) > 1e-5 {
				t.Errorf("%d, %d: the factor gives %v, want %v", i, j, product, full)
			}
		}
	}
	if empty := newCovariance(2).mean(); empty[0] != 0 {
		t.Error("nothing varies")
	}
}
