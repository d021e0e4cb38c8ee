package evaluate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// anybody is a simulation of a few people, with whatever neighbours they have.
func anybody(t *rapid.T) *simulated {
	score := rapid.Float64Range(0, 1)
	s := &simulated{options: Options{Population: 1000}, listMin: score.Draw(t, "least on the list")}
	for range rapid.IntRange(1, 12).Draw(t, "people") {
		others := rapid.SliceOfN(score, 21, 21).Draw(t, "others")
		slices.Sort(others)
		slices.Reverse(others)
		met := seen{score: others[0], c: rapid.Float64Range(-1, 1).Draw(t, "c"), others: others}
		s.judges = append(s.judges, encounter{all: met, onSite: met})
		s.own = append(s.own, mate{score.Draw(t, "own"), score.Draw(t, "neighbourhood")})
	}
	return s
}

// Everybody has one fate, whatever the lock is, and a stricter lock lets fewer through by the face alone: right people,
// wrong people and strangers.
func TestAStricterLockOpensToFewer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anybody(t)
		loose := lock{rapid.Float64Range(0, 1).Draw(t, "score"), rapid.Float64Range(-1, 1).Draw(t, "c")}
		strict := lock{loose.score + rapid.Float64Range(0, 0.5).Draw(t, "higher"), loose.c + rapid.Float64Range(0, 0.5).Draw(t, "farther")}
		a, b := s.step("loose", s.everyone(), loose), s.step("strict", s.everyone(), strict)
		for _, x := range []Step{a, b} {
			if sum := x.FaceOnly + x.AskCode + x.NotFound + x.Wrong; math.Abs(sum-1) > 1e-9 {
				t.Fatalf("everybody is %v of everybody: %+v", sum, x)
			}
			if x.FPIRCode < x.FPIR || x.FPIRCode > x.FPIR+20.0/codes+1e-9 {
				t.Fatalf("a code opens to %v beside %v", x.FPIRCode, x.FPIR)
			}
		}
		if b.FaceOnly > a.FaceOnly+1e-9 || b.Wrong > a.Wrong+1e-9 || b.FPIR > a.FPIR+1e-9 {
			t.Fatalf("%+v opens to more than %+v", b, a)
		}
	})
}

// Of one lot of photos each pair of photos counts once, of one person as of two; with a gallery each of one side with
// each of the other.
func TestEachPairCountsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 6), 2, 8).Draw(t, "photos of each person")
		a := sized(sizes, func(int) float64 { return 0.5 })
		photos, genuine := 0, 0
		for _, n := range sizes {
			photos, genuine = photos+n, genuine+n*(n-1)/2
		}
		s := plainly(a.allPairs())
		if len(s.Genuine) != genuine || s.Impostors != int64(photos*(photos-1)/2-genuine) {
			t.Fatalf("%d photos: %d of one person, %d of two", photos, len(s.Genuine), s.Impostors)
		}
		a.apart = true
		probes, both := 0, 0
		for i := range a.people {
			p := &a.people[i]
			p.gallery, p.photos = p.photos[:1], p.photos[1:]
			probes, both = probes+len(p.photos), both+len(p.photos)
		}
		s = plainly(a.allPairs())
		if len(s.Genuine) != both || s.Impostors != int64(probes*(len(sizes)-1)) {
			t.Fatalf("%d probes, %d templates: %d of one person, %d of two", probes, len(sizes), len(s.Genuine), s.Impostors)
		}
	})
}

// What groups and points have in common is written beside what each has alone, not within.
func TestRatesAreWrittenFlat(t *testing.T) {
	rates := Rates{Threshold: 0.4, FMR: 1e-3, FNMR: 0.02}
	for name, of := range map[string]any{
		"group": Group{Rates: rates}, "point": Point{Rates: rates},
		"people by photos": Albums{Photos: [2]int{2, 2}, FNMR: 0.02},
	} {
		b, err := json.Marshal(of)
		var got map[string]any
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil || got["fnmr"] != 0.02 || name != "people by photos" && (got["threshold"] != 0.4 || got["fmr"] != 1e-3) {
			t.Errorf("%s: %s %v", name, b, err)
		}
	}
	r := &Report{Albums: []Albums{{}}}
	if b, err := json.Marshal(r); err != nil || !json.Valid(b) || !slices.Contains(keysOf(b), "by_photos") {
		t.Errorf("%s %v", b, err)
	}
	s := strangersOf(1000, 9, func(r *rand.Rand) float64 { return r.Float64() })
	s.Genuine = []stat.Comparison{{Score: 0.2}, {Score: 0.8}}
	if got := ratesOf(s, 0.5); got.Threshold != 0.5 || got.FNMR != 0.5 || math.Abs(got.FMR-0.5) > 0.06 {
		t.Errorf("%+v", got)
	}
}

func keysOf(b []byte) (keys []string) {
	var all map[string]json.RawMessage
	if json.Unmarshal(b, &all) == nil {
		for key := range all {
			keys = append(keys, key)
		}
	}
	return keys
}
