package matcher

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

func added(seq int64, n int, vector []float32) kaopass.TemplateChange {
	return kaopass.TemplateChange{Seq: seq, Enrolment: person(n), Purpose: kaopass.ForPayment,
		Template: kaopass.Template{Model: "made", Frames: [][]float32{vector}}}
}

func removed(seq int64, n int) kaopass.TemplateChange {
	return kaopass.TemplateChange{Seq: seq, Enrolment: person(n), Purpose: kaopass.ForPayment, Removed: true}
}

func ids(hits []index.Hit) (out []kaopass.EnrolmentID) {
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

// Whatever the two feeds say, in whatever order, a search finds exactly the nearest of those who are enrolled, and of
// those of them who are on the site.
func TestASearchFindsWhomTheFeedsSay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	m := crowd()
	enrolled, present := map[int][]float32{}, map[int]bool{}
	for seq := range int64(3000) {
		switch n := random.IntN(60); random.IntN(12) {
		case 0, 1, 2, 3:
			enrolled[n] = drawn(random)
			m.Apply(added(seq, n, enrolled[n]))
		case 4, 5:
			delete(enrolled, n)
			m.Apply(removed(seq, n))
		case 6:
			delete(enrolled, n)
			m.Forget(person(n), seq)
		case 7, 8, 9, 10:
			if present[n] = !present[n]; !present[n] {
				delete(present, n)
			}
			m.ApplyPresence(kaopass.PresenceChange{Seq: seq, Enrolment: person(n), OnSite: present[n]})
		case 11:
			if random.IntN(20) == 0 {
				clear(present)
				m.ApplyPresence(kaopass.PresenceChange{Seq: seq})
			}
		}
		if seq%30 == 0 {
			agree(t, m, enrolled, present, drawn(random))
		}
	}
}

func agree(t *testing.T, m *Matcher, enrolled map[int][]float32, present map[int]bool, query []float32) {
	t.Helper()
	var all, here []index.Hit
	for n, v := range enrolled {
		h := index.Hit{ID: person(n), Score: float32(cosine(v, query))}
		if all = append(all, h); present[n] {
			here = append(here, h)
		}
	}
	got := m.gallery.search(query)
	if got.allPeople != len(all) || got.onSitePeople != len(here) || m.OnSite() != len(here) || m.GallerySize(kaopass.ForPayment) != len(all) {
		t.Fatalf("%d of %d, want %d of %d", got.onSitePeople, got.allPeople, len(here), len(all))
	}
	for what, lists := range map[string][2][]index.Hit{"all": {got.all, all}, "on site": {got.onSite, here}} {
		found, want := lists[0], lists[1]
		slices.SortFunc(want, func(a, b index.Hit) int { return cmpDesc(float64(a.Score), float64(b.Score)) })
		if len(found) != min(len(want), hitsMax) {
			t.Fatalf("%s: %d hits of %d people", what, len(found), len(want))
		}
		for i, h := range found { // a byte a dimension: two who are as near may change places
			if !slices.Contains(ids(want), h.ID) || math.Abs(float64(h.Score-want[i].Score)) > 0.02 {
				t.Fatalf("%s, rank %d: %v %v, want %v", what, i+1, h.ID, h.Score, want[i])
			}
		}
	}
}

// What the feed said before a withdrawal, and tells only after it, does not bring the person back; what it says later does.
func TestForgetIsAheadOfTheFeed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	m, face := crowd(), drawn(random)
	here := func() bool { return len(m.gallery.search(face).all) > 0 }
	m.Apply(added(10, 1, face))
	m.ApplyPresence(kaopass.PresenceChange{Seq: 11, Enrolment: person(1), OnSite: true})
	m.Forget(person(1), 20)
	if here() || m.OnSite() != 0 {
		t.Fatal("found after Forget returned")
	}
	m.Apply(added(15, 1, face)) // read before the withdrawal, told after it
	if here() {
		t.Fatal("the feed's past brought somebody back")
	}
	m.Apply(removed(21, 1))
	m.Apply(added(30, 1, face)) // consent given again
	if !here() || m.OnSite() != 1 {
		t.Error("not found after a new consent, or not on the site")
	}
	m.Forget(person(1), 25) // the answer to an old withdrawal comes late: what was said since stands in the feed
	m.Forget("", 99)
	if len(m.gallery.forgotten) != 0 {
		t.Error("remembers whom to forget for ever:", m.gallery.forgotten)
	}
}

func TestAWithdrawalWhileTheGalleryIsRead(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	old, m := crowd(), crowd()
	for n := range 5 {
		old.Apply(added(int64(n), n, drawn(random)))
	}
	var file bytes.Buffer
	if err := old.WriteGallery(&file); err != nil {
		t.Fatal(err)
	}
	m.HoldGallery()
	m.ApplyPresence(kaopass.PresenceChange{Enrolment: person(2), OnSite: true})
	m.Forget(person(3), 100)
	if _, err := m.Identify(t.Context(), kaopass.ForPayment, nil); !errors.Is(err, ErrBusy) {
		t.Error("a till was answered from half a gallery:", err)
	}
	if err := m.ReadGallery(&file); err != nil {
		t.Fatal(err)
	}
	m.OpenGallery(50)
	if m.GallerySize(kaopass.ForPayment) != 4 || m.OnSite() != 1 || !m.GalleryOpen() || m.GallerySeq() != 50 {
		t.Error(m.GallerySize(kaopass.ForPayment), m.OnSite(), m.GallerySeq())
	}
	for n := range 5 {
		if _, there := m.gallery.people.Vector(person(n)); there != (n != 3) {
			t.Errorf("person %d: %v", n, there)
		}
	}
	if err := m.ReadGallery(bytes.NewReader(nil)); err == nil {
		t.Error("read a second time, from nothing")
	}
}

// Means are those of the twenty nearest others, whoever comes and goes; nobody in a small gallery waits for the night.
func TestEveryoneHasAMean(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	m := crowd()
	ctx, stop := context.WithCancel(t.Context())
	var tending sync.WaitGroup
	tending.Go(func() { m.TendGallery(ctx, nil) })
	faces := map[int][]float32{}
	for n := range 90 {
		faces[n] = drawn(random)
		m.Apply(added(int64(n), n, faces[n]))
	}
	for n := range 30 {
		delete(faces, n)
		m.Apply(removed(int64(100+n), n))
	}
	want := func(own int) float64 {
		var scores []float64
		for n, v := range faces {
			if n != own {
				scores = append(scores, cosine(v, faces[own]))
			}
		}
		slices.SortFunc(scores, cmpDesc)
		sum := 0.0
		for _, s := range scores[:neighboursMax] {
			sum += s / neighboursMax
		}
		return sum
	}
	off := func() (worst float64) {
		for n, v := range faces {
			hit := m.gallery.search(v).all[0]
			if d := math.Abs(float64(hit.Mean) - want(n)); d > worst || math.IsNaN(d) {
				worst = d
			}
		}
		return worst
	}
	for until := time.Now().Add(10 * time.Second); !(off() < 0.005); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("means are off by", off())
		}
	}
	stop()
	tending.Wait()
}

// In a large gallery newcomers have theirs at once, those who were loaded by and by, and all a new one at night.
func TestMeansOfALargeGallery(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	m := crowd()
	m.gallery.means.rest, m.gallery.means.queue, m.gallery.means.smallUntil = 0, 100, 100
	for n := range 300 { // more than the queue holds
		m.gallery.apply(added(0, n, drawn(random)))
	}
	unknown := func() (n int) {
		m.gallery.people.Each(func(_ kaopass.EnrolmentID, _ []float32, mean float32) bool {
			if math.IsNaN(float64(mean)) {
				n++
			}
			return true
		})
		return n
	}
	night := make(chan time.Time)
	ctx, stop := context.WithCancel(t.Context())
	var tending sync.WaitGroup
	tending.Go(func() { m.TendGallery(ctx, night) })
	wait := func(what string, done func() bool) {
		t.Helper()
		for until := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal(what)
			}
		}
	}
	wait("some have no mean", func() bool { return unknown() == 0 })
	m.gallery.people.SetMean(person(0), 2) // stale
	m.gallery.apply(added(1, 9999999, drawn(random)))
	wait("a newcomer has no mean", func() bool { return unknown() == 0 })
	stale := func() bool {
		v, _ := m.gallery.people.Vector(person(0))
		return m.gallery.search(v).all[0].Mean == 2
	}
	if !stale() {
		t.Error("one newcomer made everybody's mean anew")
	}
	night <- time.Now()
	wait("the night passed and a mean is still old", func() bool { return !stale() })
	stop()
	tending.Wait()
}

func TestMeanOfOthers(t *testing.T) {
	for _, c := range []struct {
		hits []index.Hit
		want float32
		some bool
	}{
		{nil, 0, false},
		{[]index.Hit{{ID: "me", Score: 1}}, 0, false},
		{[]index.Hit{{ID: "twin", Score: 1}, {ID: "me", Score: 1}, {ID: "b", Score: 0.5}}, 0.75, true},
	} {
		if got, some := meanOfOthers("me", c.hits); got != c.want || some != c.some {
			t.Error(c, got, some)
		}
	}
	far := slices.Repeat([]index.Hit{{ID: "x", Score: 0.1}}, neighboursMax+5)
	if got, _ := meanOfOthers("me", far); math.Abs(float64(got)-0.1) > 1e-6 {
		t.Error(got)
	}
}

// A thousand things at once, for the race detector.
func TestTheGalleryTakesEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	m := crowd()
	ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	var all sync.WaitGroup
	all.Go(func() { m.TendGallery(ctx, time.Tick(20*time.Millisecond)) })
	for worker := range 4 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(11, uint64(worker)))
			for seq := int64(0); ctx.Err() == nil; seq++ {
				n := random.IntN(100)
				switch random.IntN(6) {
				case 0, 1:
					m.Apply(added(seq, n, drawn(random)))
				case 2:
					m.Apply(removed(seq, n))
				case 3:
					m.Forget(person(n), seq)
				case 4:
					m.ApplyPresence(kaopass.PresenceChange{Seq: seq, Enrolment: person(n), OnSite: seq%2 == 0})
				case 5:
					if got := m.gallery.search(drawn(random)); len(got.all) > hitsMax {
						t.Error(len(got.all))
					}
				}
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil {
			if err := m.WriteGallery(&bytes.Buffer{}); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
}
