package matcher

import (
	"cmp"
	"math"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// Limits is what a face must reach to name one of so many people without the code.
type Limits struct {
	People int
	FMR    float64 // share of strangers that may reach one of them: the budget, divided by People
	Alone  float64 // cosine, where c is not known
	Raw    float64 // cosine, where c is known
	C      float64 // the statistic c, besides Raw; more than any score where it was not measured
}

// TillLimits is what a till judges a search by: those on the site by their own, smaller number, everyone else by the
// whole gallery's.
type TillLimits struct{ OnSite, Everyone Limits }

// Till derives a till's limits for a probe of n frames, with so many people on the site and in the whole gallery.
//
// A stranger is taken for somebody at most TillFPIR of the times: OnSiteShare of that over the people on the site, the
// rest over all. Where nobody is known to be on the site, everyone has the whole.
func (p Policy) Till(n, onSite, all int) TillLimits {
	if onSite <= 0 {
		return TillLimits{Everyone: p.limits(p.TillFPIR, n, all, all)}
	}
	return TillLimits{p.limits(p.TillFPIR*p.OnSiteShare, n, onSite, all), p.limits(p.TillFPIR*(1-p.OnSiteShare), n, all, all)}
}

// limits are those of a subset of so many people in a gallery of all. c is about the neighbourhoods of the whole gallery:
// where that is of quite another size than the one that was measured, c is not asked and the bare score does more.
func (p Policy) limits(fpir float64, n, people, all int) Limits {
	fmr := fpir / float64(max(people, 1))
	if p.Foreign {
		return Limits{people, fmr, scoreMax, scoreMax, scoreMax}
	}
	l := Limits{People: people, FMR: fmr, Alone: p.rawAlone(fpir, people, n), C: scoreMax}
	if p.Calibration.comparable(all) {
		thinner := min(float64(all)/float64(max(p.Calibration.Gallery, 1)), 1) // neighbours are further off than they were
		l.C = p.threshold(cCurve, fmr*thinner/p.caution(p.CautionC), n, 0)
	}
	if l.Raw = l.Alone; l.C < scoreMax {
		l.Raw = max(p.EnoughMin, p.Threshold(p.besideC(fmr), n, 0))
	}
	return l
}

// besideC is the share of strangers that may reach the bare score where c is asked, too. Where the calibration is of other
// people's faces it is no larger than the target: both locks, the bare one without the caution that c makes needless.
func (p Policy) besideC(fmr float64) float64 {
	if p.Calibration.Own {
		return fmr * p.RawSlack
	}
	return fmr
}

// pass reports whether a score names its candidate. c is NaN where a neighbourhood is not known.
func (l Limits) pass(score, c float64) bool {
	if math.IsNaN(c) || l.C >= scoreMax {
		return score >= l.Alone
	}
	return score >= l.Raw && c >= l.C
}

// candidate is somebody whom a search found, as the rule looks at them.
type candidate struct {
	id     kaopass.EnrolmentID
	rank   float64 // score, less for whoever is not known to be on the site: it takes more to believe them
	passes bool
}

// decide turns a search into a conclusion. Two people over their thresholds are look-alikes: the face cannot tell them
// apart, the code can. The short list has those on the site before others who are as near.
func (p Policy) decide(f found, n int) kaopass.Identification {
	limits := p.Till(n, f.onSitePeople, f.allPeople)
	list := p.candidates(f, limits)
	var out kaopass.Identification
	passing := 0
	for i, c := range list {
		if c.passes {
			passing++
		}
		if i < kaopass.ShortListMax {
			out.ShortList = append(out.ShortList, c.id)
		}
	}
	switch {
	case len(list) == 0:
		out.Identity, out.Reason = kaopass.Nobody, kaopass.FaceUnknown
	case passing == 1:
		out.Identity = kaopass.Enough
	default:
		out.Identity = kaopass.AskCode
	}
	return out
}

// candidates are those above the short list's floor: who passes first, then by rank.
func (p Policy) candidates(f found, limits TillLimits) []candidate {
	elsewhere := max(limits.Everyone.Raw-limits.OnSite.Raw, 0)
	if limits.OnSite.People == 0 {
		f.onSite, elsewhere = nil, 0
	}
	list := make([]candidate, 0, len(f.onSite)+len(f.all))
	add := func(hits []index.Hit, l Limits, less float64) {
		for _, h := range hits {
			known := slices.ContainsFunc(list, func(c candidate) bool { return c.id == h.ID })
			score := float64(h.Score)
			if known || !(score >= p.ListMin) {
				continue
			}
			list = append(list, candidate{h.ID, score - less, l.pass(score, relative(f.all, h))})
		}
	}
	add(f.onSite, limits.OnSite, 0)
	add(f.all, limits.Everyone, elsewhere)
	slices.SortStableFunc(list, func(a, b candidate) int {
		if a.passes != b.passes {
			return boolFirst(a.passes)
		}
		return cmp.Compare(b.rank, a.rank)
	})
	return list
}

func boolFirst(first bool) int {
	if first {
		return -1
	}
	return 1
}

// relative is a hit's statistic c: NaN where its own neighbourhood is not known, or the search found too few others to
// know the probe's.
func relative(all []index.Hit, h index.Hit) float64 {
	var sum float64
	others := 0
	for _, o := range all {
		if o.ID != h.ID && others < NearestOthers {
			sum, others = sum+float64(o.Score), others+1
		}
	}
	if others < NearestOthers {
		return math.NaN()
	}
	return Relative(float64(h.Score), sum/NearestOthers, float64(h.Mean))
}
