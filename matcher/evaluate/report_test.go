package evaluate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// grouped is a crowd in two groups, of whom those of the second resemble each other, and one person of a third.
func grouped() *Album {
	r := rand.New(rand.NewPCG(31, 32))
	a := &Album{byName: map[string]int32{}, numbered: map[string]int{}}
	head := draw(r, 32, nil, 1)
	for who := range 81 {
		p := person{group: "far"}
		own := draw(r, 32, nil, 1)
		switch {
		case who == 80:
			p.group = "alone"
		case who%2 == 1:
			p.group, own = "near", draw(r, 32, head, 0.9)
		}
		for range 3 {
			p.photos = append(p.photos, len(a.photos))
			a.photos = append(a.photos, Photo{Person: int32(who), probe: draw(r, 32, own, 0.3), frame: draw(r, 32, own, 0.3)})
		}
		a.people = append(a.people, p)
	}
	return a
}

// A group's rate is that of its own strangers at everybody's threshold, counted one by one here.
func TestGroups(t *testing.T) {
	a := grouped()
	found, err := a.allPairs().compare(t.Context(), nil, 2, quiet)
	if err != nil {
		t.Fatal(err)
	}
	out := &Report{}
	out.groups(a, found.raw, Options{Rounds: 40, Seed: 1})
	if len(out.Groups) != 2 || out.Groups[0].Name != "far" || out.Groups[1].Name != "near" {
		t.Fatalf("somebody alone in a group meets no stranger of it: %+v", out.Groups)
	}
	threshold, _ := found.raw.Threshold(groupFMR)
	for _, g := range out.Groups {
		var reached, strangers, missed, genuine float64
		for _, c := range append(plainly(a.allPairs()).Tail, plainly(a.allPairs()).Genuine...) {
			if a.people[c.Probe].group != g.Name || a.people[c.Template].group != g.Name {
				continue
			}
			low := 0.0
			if float64(c.Score) < threshold {
				low = 1
			}
			if c.Probe == c.Template {
				genuine, missed = genuine+1, missed+low
			} else {
				strangers, reached = strangers+1, reached+1-low
			}
		}
		if g.People != 40 || g.Counts != (Counts{int(genuine), int64(strangers)}) || g.Threshold != threshold {
			t.Errorf("%+v, want %v of one person, %v of two", g, genuine, strangers)
		}
		if math.Abs(g.FMR-reached/strangers) > 1e-9 || math.Abs(g.FNMR-missed/genuine) > 1e-9 || math.Abs(g.Times-g.FMR/groupFMR) > 1e-9 {
			t.Errorf("%s: strangers %v, want %v; refused %v, want %v", g.Name, g.FMR, reached/strangers, g.FNMR, missed/genuine)
		}
		if g.FMRCI95[0] > g.FMR || g.FMRCI95[1] < g.FMR {
			t.Errorf("%s: %v is not in %v", g.Name, g.FMR, g.FMRCI95)
		}
	}
	if out.Groups[1].Times < 2 || out.Groups[0].Times > 1 {
		t.Errorf("those who resemble each other are accepted %.2f times as often, the others %.2f", out.Groups[1].Times, out.Groups[0].Times)
	}
}

// Four pairs whose similarities are known, and one with a photo that could not be read.
func TestPairsGiven(t *testing.T) {
	towards := func(cosine float64) []float32 {
		return []float32{float32(cosine), float32(math.Sqrt(1 - cosine*cosine))}
	}
	a := &Album{people: make([]person, 3)}
	for i, cosine := range []float64{1, 0.8, 0.6, 0.1, 0.3} {
		a.photos = append(a.photos, Photo{Person: int32(i / 2), probe: towards(cosine), frame: towards(cosine)})
	}
	a.photos = append(a.photos, Photo{Person: 2, Fault: faultNoFace})
	same, other := Pair{Fold: "1", NameA: "A", NameB: "A"}, Pair{Fold: "2", NameA: "A", NameB: "B"}
	out := &Report{}
	out.given(a, Options{Pairs: []Pair{same, same, other, other, same}, Rounds: 20}, [][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}})
	if out.Genuine != 3 || out.Impostor != 2 || out.PairsFailed != 1 {
		t.Errorf("%d, %d, %d failed", out.Genuine, out.Impostor, out.PairsFailed)
	}
	if out.Given.EER != 0 || out.Given.EERThreshold < 0.3 || out.Given.EERThreshold > 0.6 {
		t.Errorf("%+v", out.Given)
	}
	// The first fold is judged by the second's strangers, so from 0.3 on: two of three are right, the unread photo is not.
	// The second is judged by the first, where everybody is one person: neither is right.
	if math.Abs(out.Accuracy-1.0/3) > 1e-9 {
		t.Errorf("accuracy %v", out.Accuracy)
	}
	none := &Report{}
	if none.given(a, Options{}, nil); none.Given != nil || none.Accuracy != 0 {
		t.Error("no pairs say nothing")
	}
}

// The drawn curve begins at a tenth of all strangers, gets no better on its way, and ends where nothing is known.
func TestTheDrawnCurve(t *testing.T) {
	s := plainly(families(200, 3, 32).allPairs())
	tail, err := stat.FitTail(s)
	if err != nil {
		t.Fatal(err)
	}
	seen, carried := linesOf(s, nil), linesOf(s, &tail)
	if last := carried[len(carried)-1].FMR; last > lineLast*1.01 || len(seen) >= len(carried) || seen[0].FMR != lineFirst {
		t.Errorf("%d points seen, %d with the tail, the last at %g", len(seen), len(carried), last)
	}
	for i := 1; i < len(carried); i++ {
		if carried[i].FMR >= carried[i-1].FMR || carried[i].FNMR < carried[i-1].FNMR-0.01 {
			t.Errorf("%+v after %+v", carried[i], carried[i-1])
		}
	}
	h := histogramOf(s)
	for _, side := range [][]float64{h.Genuine, h.Impostor} {
		var sum float64
		for _, share := range side {
			sum += share
		}
		if len(side) != bars || math.Abs(sum-1) > 1e-9 {
			t.Errorf("%d bars, together %v", len(side), sum)
		}
	}
}

// Scripts of others read these keys (DESIGN, section 13).
func TestTheKeysOfTheReport(t *testing.T) {
	a := grouped()
	r := &running{album: a, workers: 1, say: quiet, out: &Report{}, options: Options{Rounds: 10, Seed: 1}}
	if err := r.cells(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.out.groups(a, r.first, r.options)
	r.out.PAD = padOf(map[string][]stat.Presentation{living: {{Live: 0.9, Answered: true}}, "print": {{Live: 0.1, Answered: true}}}, 1, 0.3, stat.Bootstrap{Rounds: 5})
	b, err := json.Marshal(r.out)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("genuine impostor failures accuracy eer det pad made model given_absent cells groups acquisition") {
		if _, ok := got[key]; ok == strings.HasSuffix(key, "_absent") {
			t.Errorf("key %s: %v", key, ok)
		}
	}
	var pad struct {
		BPCER *float64
		APCER map[string]float64
	}
	if err := json.Unmarshal(got["pad"], &pad); err != nil || pad.BPCER == nil || len(pad.APCER) != 1 {
		t.Errorf("%s %v", got["pad"], err)
	}
	var det []map[string]any
	if err := json.Unmarshal(got["det"], &det); err != nil || len(det) != len(stat.FMRs()) {
		t.Fatalf("%s %v", got["det"], err)
	}
	for _, key := range []string{"fmr", "threshold", "fnmr", "fnmr_ci95"} {
		if _, ok := det[0][key]; !ok {
			t.Errorf("an operating point without %s", key)
		}
	}
	for _, hidden := range []string{`"set"`, `"curve"`, `"Tail":[`, `"Genuine":[`} {
		if strings.Contains(string(b), hidden) {
			t.Errorf("single comparisons are in the report: %s", hidden)
		}
	}
}
