package matcher

import (
	"encoding/json"
	"math"
	"testing"
)

func TestExplainIsWhatTheTillDoes(t *testing.T) {
	p := own(t)
	e := p.Explain(1_200_000, 150_000, 3, 3)
	limits := p.Till(3, 150_000, 1_200_000)
	if e.FMRTarget != limits.OnSite.FMR || e.Threshold != limits.OnSite.Raw || e.ThresholdC != limits.OnSite.C {
		t.Errorf("%+v, %+v", e, limits.OnSite)
	}
	if math.Abs(e.FMRTarget-0.01*0.8/150_000) > 1e-12 || e.Calibration.Caution != 1 || len(e.Till.Frames) != 3 {
		t.Errorf("%+v", e.Calibration)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

// The larger the gallery, the more people are asked for their code; the more of them are known to be on the site, too.
func TestMorePeopleAreAskedMore(t *testing.T) {
	for _, p := range []Policy{DefaultPolicy(), own(t)} {
		last := -1.0
		for _, people := range []int{100, 10_000, 1_000_000, 10_000_000} {
			e := p.Explain(people, 0, 1, 1)
			if e.AskCodeShare < last {
				t.Errorf("%d people: %.4f are asked, fewer than %.4f", people, e.AskCodeShare, last)
			}
			last = e.AskCodeShare
		}
		if site, all := p.Explain(1_000_000, 1000, 1, 1), p.Explain(1_000_000, 0, 1, 1); site.AskCodeShare > all.AskCodeShare {
			t.Errorf("on the site %.4f, anybody %.4f", site.AskCodeShare, all.AskCodeShare)
		}
	}
}

// Twenty of ten thousand, three times: what DESIGN says of the code.
func TestTheCodeIsModelled(t *testing.T) {
	code := DefaultPolicy().Explain(1_200_000, 150_000, 3, 3).Code
	if math.Abs(code.StrangerAfter-0.00599) > 1e-4 || code.StrangerAsked < 0.99 || code.StrangerBefore != 0.01 {
		t.Errorf("%+v", code)
	}
	small := DefaultPolicy().Explain(20, 0, 3, 3).Code
	if small.StrangerAsked > 0.1 || small.StrangerAfter > small.StrangerAsked {
		t.Errorf("among twenty people: %+v", small)
	}
}

func TestWhatWasNotMeasuredIsNotClaimed(t *testing.T) {
	p := own(t)
	for i := range p.Calibration.Cells {
		p.Calibration.Cells[i].Raw.Genuine, p.Calibration.Cells[i].C.Genuine = nil, nil
	}
	e := p.Explain(1000, 100, 1, 1)
	if e.AskCodeShare != unknownShare || e.Code.InListShare != unknownShare || e.Gate.Frames[0].RefusedShare != unknownShare {
		t.Errorf("%+v", e)
	}
	p.Foreign = true
	if e := p.Explain(1000, 100, 1, 1); e.Code.StrangerBefore != 0 || !e.Calibration.Foreign {
		t.Errorf("%+v", e.Code)
	}
}

func TestCrowdingNeverLoosens(t *testing.T) {
	p := own(t)
	last := 0.0
	for people := 1; people < 10_000_000; people *= 3 {
		if c := p.crowding(people); c < last || c > 0.5 {
			t.Errorf("%d people: %.3f after %.3f", people, c, last)
		} else {
			last = c
		}
	}
}
