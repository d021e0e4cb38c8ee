package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sized is people of whom there are so many photos each; those with more photos are the harder to recognise by deviation.
func sized(sizes []int, deviation func(photos int) float64) *Album {
	r := rand.New(rand.NewPCG(41, 42))
	a := &Album{byName: map[string]int32{}, numbered: map[string]int{}}
	for who, n := range sizes {
		own := draw(r, 32, nil, 1)
		p := person{}
		for range n {
			v := draw(r, 32, own, deviation(n))
			p.photos = append(p.photos, len(a.photos))
			a.photos = append(a.photos, Photo{Person: int32(who), probe: v, frame: v})
		}
		a.people = append(a.people, p)
	}
	return a
}

// Everybody is in one line, by the photos of which something was acquired, and a line's share is counted one by one here.
func TestAlbumsOfEverySize(t *testing.T) {
	sizes := []int{1, 2, 2, 2, 3, 4, 5, 6, 9, 10, 19, 20, 25}
	for range 300 {
		sizes = append(sizes, 1)
	}
	a := sized(sizes, func(n int) float64 { return 0.2 + float64(n)/50 })
	lost := a.people[12].photos[0] // of 25, and of one of those with two
	a.photos[lost].probe, a.photos[lost].frame = nil, nil
	gone := a.people[3].photos[1]
	a.photos[gone].probe, a.photos[gone].frame = nil, nil
	set := plainly(a.allPairs())
	out := &Report{}
	out.albums(a, set, Options{Rounds: 40, Seed: 1})
	want := []struct{ from, to, people, genuine int }{{2, 2, 2, 2}, {3, 3, 1, 3}, {4, 5, 2, 6 + 10}, {6, 9, 2, 15 + 36}, {10, 19, 2, 45 + 171}, {20, 0, 2, 190 + 276}}
	if len(out.Albums) != len(want) {
		t.Fatalf("%+v", out.Albums)
	}
	threshold, _ := set.Threshold(albumFMR)
	total := 0
	for i, w := range want {
		got := out.Albums[i]
		if got.Photos != [2]int{w.from, w.to} || got.People != w.people || got.Genuine != w.genuine {
			t.Errorf("%+v, want %+v", got, w)
		}
		var missed, of float64
		for _, c := range set.Genuine {
			if n := len(a.usable(a.people[c.Probe].photos)); n >= w.from && (w.to == 0 || n <= w.to) {
				of++
				if float64(c.Score) < threshold {
					missed++
				}
			}
		}
		if math.Abs(got.FNMR-missed/of) > 1e-9 || got.FNMRCI95[0] > got.FNMR || got.FNMRCI95[1] < got.FNMR {
			t.Errorf("%+v, want %v", got, missed/of)
		}
		total += got.Genuine
	}
	if total != len(set.Genuine) {
		t.Errorf("%d comparisons of %d", total, len(set.Genuine))
	}
	if first, last := out.Albums[0].FNMR, out.Albums[5].FNMR; last <= first {
		t.Errorf("those with many photos are harder here: %v, and %v with two", last, first)
	}
}

// With a gallery of its own a person's photos are those on both sides.
func TestAlbumsWithAGallery(t *testing.T) {
	a := sized([]int{4, 4, 4}, func(int) float64 { return 0.3 })
	a.apart = true
	for i := range a.people {
		p := &a.people[i]
		p.photos, p.gallery = p.photos[:3], p.photos[3:]
	}
	out := &Report{}
	out.albums(a, plainly(a.allPairs()), Options{Rounds: 10})
	if len(out.Albums) != 1 || out.Albums[0].Photos != [2]int{4, 5} || out.Albums[0].People != 3 || out.Albums[0].Genuine != 9 {
		t.Errorf("%+v", out.Albums)
	}
}
