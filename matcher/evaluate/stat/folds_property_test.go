package stat

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// No threshold tells more pairs rightly than the best one, tried at and between all scores.
func TestNoThresholdIsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Judged {
			return Judged{Same: rapid.Bool().Draw(t, "same"), Score: float32(rapid.IntRange(-9, 9).Draw(t, "score")) / 10}
		}), 1, 40).Draw(t, "pairs")
		best := right(pairs, bestThreshold(pairs))
		for at := float32(-1.05); at < 1.1; at += 0.05 {
			if r := right(pairs, at); r > best+1e-9 {
				t.Fatalf("%v tells %v rightly, the best %v", at, r, best)
			}
		}
	})
}

// One fold is judged by its own threshold, two by each other's; a fold's name and the order of pairs say nothing.
func TestFoldsJudgeEachOther(t *testing.T) {
	pairs := []Judged{{"a", true, 0.5}, {"a", false, 0.3}, {"b", true, 0.9}, {"b", false, 0.7}}
	if mean, e := Accuracy(pairs[:2]); mean != 1 || e != 0 {
		t.Errorf("one fold: %v ± %v", mean, e)
	}
	// By b's threshold, 0.8, a's genuine pair is refused; by a's, 0.4, b's strangers are accepted.
	if mean, e := Accuracy(pairs); mean != 0.5 || e != 0 {
		t.Errorf("two folds: %v ± %v", mean, e)
	}
	uneven := append(pairs, Judged{"c", true, 0.95}, Judged{"c", false, 0.1})
	mean, e := Accuracy(uneven)
	back := make([]Judged, len(uneven))
	for i, p := range uneven {
		p.Fold = "other " + p.Fold
		back[len(uneven)-1-i] = p
	}
	if m, d := Accuracy(back); m != mean || d != e || e == 0 || math.IsNaN(e) {
		t.Errorf("%v ± %v, from behind %v ± %v", mean, e, m, d)
	}
	if mean, _ := Accuracy(nil); mean != 0 {
		t.Error("no pairs are told rightly")
	}
}

// Rates of presentations are counted, those without an answer aside, and lie in their intervals.
func TestPresentationsAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Presentation {
			return Presentation{Subject: rapid.IntRange(0, 5).Draw(t, "subject"), Live: float64(rapid.IntRange(0, 10).Draw(t, "live")) / 10,
				Answered: rapid.IntRange(0, 9).Draw(t, "answered") > 0}
		}), 1, 40).Draw(t, "presentations")
		at := float64(rapid.IntRange(0, 10).Draw(t, "threshold")) / 10
		subjects, answered, living := map[int]bool{}, 0.0, 0.0
		for _, p := range all {
			subjects[p.Subject] = true
			if p.Answered {
				answered++
				if p.Live >= at {
					living++
				}
			}
		}
		b := Bootstrap{Rounds: 30, Seed: 1}
		attacked, refused := Attacked(all, at, b), Refused(all, at, b)
		if answered > 0 && (math.Abs(attacked.Rate-living/answered) > 1e-9 || math.Abs(attacked.Rate+refused.Rate-1) > 1e-9) {
			t.Fatalf("let through %v, refused %v, counted %v of %v", attacked.Rate, refused.Rate, living, answered)
		}
		for _, r := range []PADRate{attacked, refused} {
			if r.Subjects != len(subjects) || r.Presentations != len(all) || math.Abs(r.NonResponse-1+answered/float64(len(all))) > 1e-9 {
				t.Fatalf("%+v", r)
			}
			if r.CI95[0] > r.Rate+1e-9 || r.CI95[1] < r.Rate-1e-9 || r.Rate == 0 && r.CI95[1] < NoneOf(len(subjects)) {
				t.Fatalf("%v is not in %v", r.Rate, r.CI95)
			}
		}
	})
}
