package matcher

import (
	"math"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// Policy holds the thresholds in force and the rules that use them. It is a value and a set of pure functions.
//
// The rules: 1:1, a cosine that strangers reach once in 1/GateFMR comparisons. 1:N, a stranger at a till meets everyone
// in the gallery, so the share of strangers taken for somebody is FPIR ≈ N · FMR, and the threshold grows with the
// gallery; below it the face only makes a short list, and the code chooses from it.
type Policy struct {
	// Curve says which cosine of one frame against one frame a share of strangers reaches, most strangers first. The
	// default was measured on LFW and CFP, and is too low for people unlike those in them; the venue's own calibration
	// replaces it.
	Curve []Point

	// FrameShift is by how much of itself a threshold rises with each frame fused beyond the first, up to three, on
	// either side: a fused vector is nearer to everybody's (LFW: 0.406 → 0.422 → 0.439 for 1×1, 3×1, 3×3 at 1e-4).
	FrameShift float64

	// Caution is how many times as many strangers as the curve says are to be expected until the venue has calibrated:
	// 20 is what East Asian faces showed at LFW's threshold for 1e-3. It guards payments; 1 once calibrated.
	Caution float64

	GateFMR   float64 // share of strangers that pass for a ticket's holder
	TillFPIR  float64 // share of strangers that the face alone takes for somebody in the gallery
	EnoughMin float64 // cosine under which the face alone never pays, however small the gallery
	ListMin   float64 // cosine under which nobody comes on the short list
	LiveMin   float64 // mean share of "living" of a probe's frames; prints reach 0.03
	SameMin   float64 // cosine under which two frames of one approach are of two people

	AlikeMargin float64 // how far under "enough" two templates already are look-alikes: a probe of one wanders so far
	TwiceShare  float64 // share of newcomers who are asked in vain whether they enrolled before
	TwiceMin    float64 // cosine of two templates under which nobody is asked that, however small the gallery
}

// Point is one operating point of the model.
type Point struct{ FMR, Cosine float64 }

// DefaultPolicy is what is in force until the venue has calibrated (DESIGN, section 7; the last point is the one that
// FPIR 1 % at 1.2 million people needs).
func DefaultPolicy() Policy {
	return Policy{
		Curve:      []Point{{1e-3, 0.341}, {1e-4, 0.419}, {1e-5, 0.489}, {1e-6, 0.540}, {8.3e-9, 0.650}},
		FrameShift: 0.025,
		Caution:    20,
		GateFMR:    1e-4,
		TillFPIR:   0.01,
		EnoughMin:  0.55,
		ListMin:    0.419,
		LiveMin:    0.3,
		SameMin:    0.35,

		AlikeMargin: 0.05,
		TwiceShare:  0.01,
		TwiceMin:    0.72, // two takes of one man: 0.74 and up; three frames of different days: 95 % reach 0.75
	}
}

// Threshold is the cosine that a share fmr of strangers reaches, with n frames fused in the probe and m in the template.
// Between two points of the curve it goes by the logarithm of fmr; beyond the ends the last slope goes on.
func (p Policy) Threshold(fmr float64, n, m int) float64 {
	c := p.Curve
	i := slices.IndexFunc(c, func(q Point) bool { return q.FMR <= fmr })
	switch i {
	case -1:
		i = len(c) - 1
	case 0:
		i = 1
	}
	from, to := c[i-1], c[i]
	share := math.Log(fmr/from.FMR) / math.Log(to.FMR/from.FMR)
	more := min(max(n, 1), framesCounted) + min(max(m, 1), framesCounted) - 2
	return min((from.Cosine+share*(to.Cosine-from.Cosine))*(1+p.FrameShift*float64(more)), 1)
}

// gate is the cosine from which a probe of n frames is the holder of a template of m.
func (p Policy) gate(n, m int) float64 { return p.Threshold(p.GateFMR, n, m) }

// Enough is the cosine from which the face alone names somebody among people in the gallery, for a probe of n frames.
// Templates count as three frames, the strictest.
func (p Policy) Enough(people, n int) float64 {
	return max(p.EnoughMin, p.Threshold(p.TillFPIR/(float64(max(people, 1))*p.Caution), n, framesCounted))
}

// Alike is the cosine of two templates from which the till's rule could take one of the two people for the other: what is
// enough for one frame, which is the least that a till asks for, less the margin.
func (p Policy) Alike(people int) float64 { return p.Enough(people, 1) - p.AlikeMargin }

// Twice is the cosine of two templates from which they are most likely of one person, enrolled twice. It lies above what
// strangers reach in a gallery of so many people, and under most of what one person's templates of two days do.
func (p Policy) Twice(people int) float64 {
	strangers := p.Threshold(p.TwiceShare/(float64(max(people, 1))*p.Caution), framesCounted, framesCounted)
	return max(p.TwiceMin, p.Alike(people), strangers)
}

// decide turns a search's hits, best first, into a conclusion. Two people over the threshold are look-alikes: the face
// cannot tell them apart, the code can.
func (p Policy) decide(hits []index.Hit, people, n int) kaopass.Identification {
	var out kaopass.Identification
	enough := p.Enough(people, n)
	near := 0
	for _, h := range hits[:min(len(hits), kaopass.ShortListMax)] {
		if float64(h.Score) < p.ListMin {
			break
		}
		if float64(h.Score) >= enough {
			near++
		}
		out.ShortList = append(out.ShortList, h.ID)
	}
	switch {
	case len(out.ShortList) == 0:
		out.Identity, out.Reason = kaopass.Nobody, kaopass.FaceUnknown
	case near == 1:
		out.Identity = kaopass.Enough
	default:
		out.Identity = kaopass.AskCode
	}
	return out
}

// valid reports whether the policy can decide at all.
func (p Policy) valid() bool {
	falling := slices.IsSortedFunc(p.Curve, func(a, b Point) int { return cmpDesc(a.FMR, b.FMR) })
	return len(p.Curve) >= 2 && falling && p.Caution >= 1 && p.GateFMR > 0 && p.TillFPIR > 0 && p.ListMin > 0
}
