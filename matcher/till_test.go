package matcher

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

func hit(id string, score, mean float64) index.Hit {
	return index.Hit{ID: kaopass.EnrolmentID(id), Score: float32(score), Mean: float32(mean)}
}

// search is what a gallery answered: of all, those whose id begins with "on" are on the site.
func search(onSite, all int, hits ...index.Hit) found {
	f := found{all: hits, onSitePeople: onSite, allPeople: all}
	for _, h := range hits {
		if h.ID[:2] == "on" {
			f.onSite = append(f.onSite, h)
		}
	}
	return f
}

// strangers are so many strangers from a score downwards.
func strangers(n int, from float64) (hits []index.Hit) {
	for i := range n {
		hits = append(hits, hit(fmt.Sprint("enr_", i), from-0.001*float64(i), 0.1))
	}
	return hits
}

var unknown = math.NaN()

func TestDecide(t *testing.T) {
	shipped := DefaultPolicy()
	for name, c := range map[string]struct {
		found  found
		want   kaopass.Identity
		list   int
		reason kaopass.Reason
	}{
		"an empty gallery":                {search(0, 0), kaopass.Nobody, 0, kaopass.FaceUnknown},
		"a stranger":                      {search(0, 12, hit("on_a", 0.3, unknown)), kaopass.Nobody, 0, kaopass.FaceUnknown},
		"a good frame in a small venue":   {search(0, 12, hit("on_a", 0.72, unknown), hit("on_b", 0.2, unknown)), kaopass.Enough, 1, ""},
		"a poor frame in a small venue":   {search(0, 12, hit("on_a", 0.5, unknown), hit("on_b", 0.44, unknown)), kaopass.AskCode, 2, ""},
		"a good frame among very many":    {search(0, 1_200_000, hit("on_a", 0.66, unknown), hit("on_b", 0.55, unknown)), kaopass.AskCode, 2, ""},
		"an excellent one among many":     {search(0, 1_200_000, hit("on_a", 0.92, unknown), hit("on_b", 0.55, unknown)), kaopass.Enough, 2, ""},
		"twins":                           {search(0, 12, hit("on_a", 0.9, unknown), hit("on_b", 0.88, unknown)), kaopass.AskCode, 2, ""},
		"more than a short list may hold": {search(0, 1_200_000, strangers(40, 0.5)...), kaopass.AskCode, kaopass.ShortListMax, ""},
		"a score that is not a number":    {search(0, 12, hit("on_a", unknown, unknown)), kaopass.Nobody, 0, kaopass.FaceUnknown},
	} {
		got := shipped.decide(c.found, 1)
		if got.Identity != c.want || len(got.ShortList) != c.list || got.Reason != c.reason {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Somebody who is known to be on the site is believed with a lower score than somebody who is not.
func TestTheSiteIsThePrior(t *testing.T) {
	p := own(t)
	limits := p.Till(1, 1000, 1_200_000)
	if limits.OnSite.Raw >= limits.Everyone.Raw || limits.OnSite.C >= limits.Everyone.C || limits.OnSite.Alone >= limits.Everyone.Alone {
		t.Fatalf("%+v", limits)
	}
	between := (limits.OnSite.Alone + limits.Everyone.Alone) / 2
	for id, want := range map[string]kaopass.Identity{"on_a": kaopass.Enough, "off_a": kaopass.AskCode} {
		if got := p.decide(search(1000, 1_200_000, hit(id, between, unknown)), 1); got.Identity != want {
			t.Errorf("%s: %s, want %s", id, got.Identity, want)
		}
	}
	if nobody := p.Till(1, 0, 1_200_000); nobody.Everyone.FMR != p.TillFPIR/1_200_000 || nobody.OnSite.People != 0 {
		t.Errorf("nobody known to be on the site: %+v", nobody)
	}
}

// The list has room for twenty, and many strangers are as near as that among 1.2 million: who is on the site comes first.
func TestTheShortListPrefersTheSite(t *testing.T) {
	p := own(t)
	hits := append(strangers(21, 0.54), hit("on_a", 0.52, unknown))
	got := p.decide(search(150_000, 1_200_000, hits...), 1)
	if at := slices.Index(got.ShortList, "on_a"); got.Identity != kaopass.AskCode || len(got.ShortList) != 20 || at != 0 {
		t.Errorf("%s, place %d of %d", got.Identity, at, len(got.ShortList))
	}
}

// c asks how much nearer the candidate is than others are: in a crowded place the same score is worth less.
func TestACrowdedPlaceNeedsMore(t *testing.T) {
	p := own(t)
	p.Calibration.Gallery = 10_000
	limits := p.Till(3, 0, 10_000).Everyone
	score := limits.Raw + 0.01
	decide := func(neighbours, mean float64) kaopass.Identity {
		return p.decide(search(0, 10_000, append([]index.Hit{hit("enr_x", score, mean)}, strangers(20, neighbours)...)...), 3).Identity
	}
	free := 2*(score-limits.C) - 0.1
	if got := decide(free/2, free/2); got != kaopass.Enough {
		t.Errorf("a free place: %s", got)
	}
	if got := decide(score-0.05, score-0.05); got != kaopass.AskCode {
		t.Errorf("a crowded place: %s", got)
	}
	if got := decide(free/2, unknown); got != kaopass.AskCode && score < limits.Alone {
		t.Errorf("without the candidate's own neighbourhood the bare score has to do more: %s", got)
	}
}

func TestFewNeighboursAreNoNeighbourhood(t *testing.T) {
	all := strangers(20, 0.5)
	if c := relative(all, all[0]); !math.IsNaN(c) {
		t.Errorf("19 others: %.3f", c)
	}
	all = strangers(21, 0.5)
	want := 0.5 - (0.1+0.5-0.001*10.5)/2
	if c := relative(all, all[0]); math.Abs(c-want) > 1e-6 {
		t.Errorf("20 others: %.4f, want %.4f", c, want)
	}
}

// anyPolicy draws a calibration and whose it is.
func anyPolicy(t *testing.T) *rapid.Generator[Policy] {
	shipped, venue := DefaultPolicy(), own(t)
	stranger := venue
	stranger.Calibration.Own = false
	return rapid.SampledFrom([]Policy{shipped, venue, stranger})
}

// atLeast leaves room for rounding.
func atLeast(a, b Limits) bool {
	const rounding = 1e-12
	return a.Raw >= b.Raw-rounding && a.C >= b.C-rounding && a.Alone >= b.Alone-rounding
}

// TestCIsAskedWhereItMeansTheSame: in a gallery of quite another size the bare score does all.
func TestCIsAskedWhereItMeansTheSame(t *testing.T) {
	p := own(t)
	for people, asked := range map[int]bool{1: false, 499_999: false, 500_000: true, 1_000_000: true, 4_000_000: true, 4_000_001: false} {
		l := p.Till(1, people/10, people).Everyone
		if (l.C < scoreMax) != asked || !asked && l.Raw != l.Alone {
			t.Errorf("%d people, measured among a million: %+v", people, l)
		}
	}
}

// What must be true of the thresholds, whatever the numbers are.
func TestThresholdsAreMonotone(t *testing.T) {
	policies := anyPolicy(t)
	rapid.Check(t, func(r *rapid.T) {
		p := policies.Draw(r, "policy")
		n := rapid.IntRange(1, FramesMax-1).Draw(r, "frames")
		all := rapid.IntRange(1, 3_000_000).Draw(r, "people")
		onSite := rapid.IntRange(0, all).Draw(r, "on site")
		larger := all + rapid.IntRange(1, 1_000_000).Draw(r, "newcomers")
		here, more := p.Till(n, onSite, all), p.Till(n, onSite, larger)
		known := p.Calibration.comparable(all) || !p.Calibration.comparable(larger) // nothing new is known of the larger one
		more.OnSite.C = max(more.OnSite.C, here.OnSite.C)                           // it may fall: in a larger gallery neighbours are nearer
		if known && (!atLeast(more.Everyone, here.Everyone) || !atLeast(more.OnSite, here.OnSite)) || more.Everyone.Alone < here.Everyone.Alone-1e-12 {
			r.Fatalf("a larger gallery lowers a threshold: %+v, %+v", here, more)
		}
		if onSite > 0 && p.Calibration.comparable(all) == p.Calibration.comparable(all+1) {
			if entered := p.Till(n, onSite+1, all+1); !atLeast(entered.OnSite, here.OnSite) || !atLeast(entered.Everyone, entered.OnSite) {
				r.Fatalf("more people on the site lower a threshold: %+v, %+v", here, entered)
			}
		}
		if frames := p.Till(n+1, onSite, all); !atLeast(frames.Everyone, here.Everyone) {
			r.Fatalf("a frame more lowers a threshold: %+v, %+v", here, frames)
		}
		strict := p
		strict.TillFPIR /= rapid.Float64Range(1, 100).Draw(r, "stricter")
		if s := strict.Till(n, onSite, all); !atLeast(s.Everyone, here.Everyone) || !atLeast(s.OnSite, here.OnSite) {
			r.Fatalf("a lower target loosens: %+v, %+v", here, s)
		}
		if here.Everyone.Alone < p.EnoughMin || here.Everyone.Raw < p.EnoughMin || here.Everyone.Alone < here.Everyone.Raw {
			r.Fatalf("under the floor, or the bare score has less to do where it is alone: %+v", here)
		}
	})
}

// drawSearch draws a search's answer: some people, near and far, some on the site.
func drawSearch(r *rapid.T) found {
	n := rapid.IntRange(0, 30).Draw(r, "hits")
	hits := make([]index.Hit, n)
	for i := range hits {
		mean := rapid.SampledFrom([]float64{unknown, 0, 0.2, 0.4}).Draw(r, "mean")
		hits[i] = hit(fmt.Sprint(rapid.SampledFrom([]string{"on_", "off_"}).Draw(r, "where"), i), rapid.Float64Range(-0.2, 1).Draw(r, "score"), mean)
	}
	slices.SortFunc(hits, func(a, b index.Hit) int { return int(math.Copysign(1, float64(b.Score-a.Score))) })
	all := n + rapid.IntRange(0, 1_000_000).Draw(r, "others")
	f := search(0, all, hits...)
	f.onSitePeople = rapid.IntRange(len(f.onSite), all).Draw(r, "on site")
	return f
}

// What must be true of the decision, whatever a search finds.
func TestDecisionsAreSafe(t *testing.T) {
	policies := anyPolicy(t)
	rapid.Check(t, func(r *rapid.T) {
		p, f, n := policies.Draw(r, "policy"), drawSearch(r), rapid.IntRange(1, FramesMax).Draw(r, "frames")
		d := p.decide(f, n)
		score := map[kaopass.EnrolmentID]float64{}
		for _, h := range f.all {
			score[h.ID] = float64(h.Score)
		}
		seen := map[kaopass.EnrolmentID]bool{}
		for _, id := range d.ShortList {
			if s, known := score[id]; !known || s < p.ListMin || seen[id] {
				r.Fatalf("%s is on the list, score %.3f", id, s)
			}
			seen[id] = true
		}
		switch d.Identity {
		case kaopass.Nobody:
			if len(d.ShortList) > 0 || d.Reason == "" || len(f.all) > 0 && float64(f.all[0].Score) >= p.ListMin {
				r.Fatalf("nobody, though %d are on the list", len(d.ShortList))
			}
		case kaopass.Enough:
			if s := score[d.ShortList[0]]; s < p.EnoughMin || s < p.Till(n, f.onSitePeople, f.allPeople).OnSite.Raw {
				r.Fatalf("enough at %.3f", s)
			}
		case kaopass.AskCode:
			if len(d.ShortList) == 0 {
				r.Fatal("a code of nobody")
			}
		}
		if len(d.ShortList) > kaopass.ShortListMax {
			r.Fatalf("%d on the list", len(d.ShortList))
		}
	})
}

// Another weak candidate never turns nobody into somebody, and never names a person whom the face did not name before.
func TestMoreHitsNeverLoosen(t *testing.T) {
	policies := anyPolicy(t)
	rapid.Check(t, func(r *rapid.T) {
		p, f := policies.Draw(r, "policy"), drawSearch(r)
		before := p.decide(f, 1)
		passed := func(f found) (names []kaopass.EnrolmentID) {
			for _, c := range p.candidates(f, p.Till(1, f.onSitePeople, f.allPeople)) {
				if c.passes {
					names = append(names, c.id)
				}
			}
			return names
		}
		weak := hit("off_weak", rapid.Float64Range(-1, p.ListMin-0.001).Draw(r, "weak"), 0.1)
		at, _ := slices.BinarySearchFunc(f.all, weak, func(a, b index.Hit) int {
			if a.Score >= b.Score {
				return -1
			}
			return 1
		})
		more := f
		more.all, more.allPeople = slices.Insert(slices.Clone(f.all), at, weak), f.allPeople+1
		after := p.decide(more, 1)
		if before.Identity == kaopass.Nobody && after.Identity != kaopass.Nobody {
			r.Fatalf("nobody became %s", after.Identity)
		}
		if len(f.all) <= NearestOthers {
			return // with the twentieth neighbour the place becomes known: another rule judges from then on
		}
		was := passed(f)
		for _, id := range passed(more) {
			if !slices.Contains(was, id) {
				r.Fatalf("%s passes because somebody else came", id)
			}
		}
	})
}

// The same face, nearer: never less believed.
func TestNearerIsNeverLessBelieved(t *testing.T) {
	policies := anyPolicy(t)
	rapid.Check(t, func(r *rapid.T) {
		p, f := policies.Draw(r, "policy"), drawSearch(r)
		limits := p.Till(1, f.onSitePeople, f.allPeople)
		if len(f.all) == 0 {
			return
		}
		nearer := f.all[0]
		nearer.Score = min(nearer.Score+0.1, 1)
		was := limits.Everyone.pass(float64(f.all[0].Score), relative(f.all, f.all[0]))
		if is := limits.Everyone.pass(float64(nearer.Score), relative(f.all, nearer)); was && !is {
			r.Fatalf("%.3f passes and %.3f does not", f.all[0].Score, nearer.Score)
		}
	})
}
