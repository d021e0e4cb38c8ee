package matcher

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Policy holds the operating points and the calibration in force, and derives every threshold from them. It is a value
// and a set of pure functions.
//
// The rules: 1:1, a cosine that strangers reach once in 1/GateFMR comparisons. 1:N, a stranger at a till meets everyone
// in the gallery, so the share of strangers taken for somebody is FPIR ≈ N · FMR, and the threshold grows with the
// gallery; see [Policy.Till]. Below it the face only makes a short list, and the code chooses from it.
type Policy struct {
	// Calibration says what scores mean. The shipped one was measured on photos of well-known people, and is too low for
	// people unlike them; the venue's own replaces it.
	Calibration Calibration

	// Foreign says that the calibration is of another model: what a score means is not known. Then the face alone never
	// pays, and a gate takes a hundredth of the strangers.
	Foreign bool

	// Caution, CautionC and CautionGate are how many times as many strangers as a calibration of other people's faces
	// says are to be expected. At LFW's thresholds East Asian faces showed 20 times as many by the bare score, 2.3 times
	// by c (DESIGN, section 7; small sets, so c has twice that). With the venue's own calibration all are 1.
	Caution, CautionC, CautionGate float64

	// RawSlack is how many times as many strangers may pass the bare score where c is asked, too, and the calibration is
	// the venue's own. It is the second lock of the two: c alone is blind where a group is a small part of the gallery.
	RawSlack float64

	// FrameShift is by how much a threshold rises with each frame fused beyond what was measured, up to three on a side: a
	// fused vector is nearer to everybody's (LFW: 0.406 → 0.422 → 0.439 for 1×1, 3×1, 3×3 at 1e-4, twice that further out).
	FrameShift float64

	GateFMR     float64 // share of strangers that pass for a ticket's holder
	TillFPIR    float64 // share of strangers that the face alone takes for somebody in the gallery
	OnSiteShare float64 // part of TillFPIR that goes to those on the site; the rest guards everyone else
	EnoughMin   float64 // cosine under which the face alone never pays, however small the gallery
	ListMin     float64 // cosine under which nobody comes on the short list
	LiveMin     float64 // mean share of "living" of a probe's frames; prints reach 0.03
	SameMin     float64 // cosine under which two frames of one approach are of two people

	AlikeMargin float64 // how far under "enough" two templates already are look-alikes: a probe of one wanders so far
	TwiceShare  float64 // share of newcomers who are asked in vain whether they enrolled before
	TwiceMin    float64 // cosine of two templates under which nobody is asked that, however small the gallery
}

// DefaultPolicy is what is in force until the venue has calibrated or says otherwise. A shipped calibration that cannot be
// read is left empty, and Open refuses to start.
func DefaultPolicy() Policy {
	shipped, _ := DefaultCalibration()
	return Policy{
		Calibration: shipped,
		Caution:     20,
		CautionC:    5,
		CautionGate: 5,
		RawSlack:    10,
		FrameShift:  0.015,
		GateFMR:     1e-4,
		TillFPIR:    0.01,
		OnSiteShare: 0.8,
		EnoughMin:   0.55,
		ListMin:     0.419,
		LiveMin:     0.3,
		SameMin:     0.35,

		AlikeMargin: 0.05,
		TwiceShare:  0.01,
		TwiceMin:    0.72, // two takes of one man: 0.74 and up; three frames of different days: 95 % reach 0.75
	}
}

// scoreMax is above every score: a threshold that nobody reaches.
const scoreMax = 2

// Threshold is the cosine that a share fmr of strangers reaches, with n frames fused in the probe and m in the template;
// m = 0 means templates as the gallery has them.
func (p Policy) Threshold(fmr float64, n, m int) float64 { return p.threshold(rawCurve, fmr, n, m) }

func (p Policy) threshold(of statistic, fmr float64, n, m int) float64 {
	score, beyond, ok := p.Calibration.threshold(of, fmr, n, m)
	if !ok {
		return scoreMax
	}
	return min(score+p.FrameShift*float64(beyond), 1)
}

// foreignGate is how many times as many strangers a gate expects where the calibration is of another model.
const foreignGate = 100

// caution answers how many times as many strangers are to be expected, where the calibration is not of the venue's own
// gallery.
func (p Policy) caution(times float64) float64 {
	if p.Calibration.Own {
		return 1
	}
	return times
}

// gate is the cosine from which a probe of n frames is the holder of a template of m.
func (p Policy) gate(n, m int) float64 {
	if p.Foreign {
		return p.Threshold(p.GateFMR/foreignGate, n, m)
	}
	return p.Threshold(p.GateFMR/p.caution(p.CautionGate), n, m)
}

// Enough is the cosine from which the bare score names somebody among people in the gallery, for a probe of n frames,
// with the whole of TillFPIR: what stands where neighbourhoods are not known.
func (p Policy) Enough(people, n int) float64 { return p.rawAlone(p.TillFPIR, people, n) }

func (p Policy) rawAlone(fpir float64, people, n int) float64 {
	if p.Foreign {
		return scoreMax
	}
	return max(p.EnoughMin, p.Threshold(fpir/(float64(max(people, 1))*p.caution(p.Caution)), n, 0))
}

// Alike is the cosine of two templates from which the till's rule could take one of the two people for the other: what is
// enough for one frame, which is the least that a till asks for, less the margin.
func (p Policy) Alike(people int) float64 { return p.Enough(people, 1) - p.AlikeMargin }

// Twice is the cosine of two templates from which they are most likely of one person, enrolled twice. It lies above what
// strangers reach in a gallery of so many people, and under most of what one person's templates of two days do.
func (p Policy) Twice(people int) float64 {
	strangers := p.Threshold(p.TwiceShare/(float64(max(people, 1))*p.caution(p.Caution)), framesCounted, framesCounted)
	return max(p.TwiceMin, p.Alike(people), strangers)
}

// valid reports whether the policy can decide at all.
func (p Policy) valid() bool {
	positive := min(p.GateFMR, p.TillFPIR, p.ListMin, p.RawSlack, p.EnoughMin) > 0 && max(p.GateFMR, p.TillFPIR) < 1
	cautious := min(p.Caution, p.CautionC, p.CautionGate, p.RawSlack) >= 1
	return p.Calibration.check() == nil && positive && cautious && within(p.OnSiteShare, math.SmallestNonzeroFloat64, 1)
}

// policyFor is the policy that a matcher of a model starts with. A calibration that somebody named must be of that model
// (law 7, refuse to start); where only the shipped one is at hand and is not, the face alone never pays.
func policyFor(cfg Config, model string) (Policy, error) {
	p := cfg.Policy
	if p.TillFPIR == 0 && p.GateFMR == 0 {
		p = DefaultPolicy()
	}
	if cfg.Calibration != nil {
		p.Calibration = *cfg.Calibration
	}
	if !p.valid() {
		return Policy{}, errors.New("matcher: the policy's calibration cannot be read, or a limit is missing")
	}
	if p.Foreign = !p.Calibration.For(model); p.Foreign && cfg.Calibration != nil {
		return Policy{}, wrongModel(p.Calibration, model)
	}
	return p, nil
}

func wrongModel(c Calibration, model string) error {
	return fmt.Errorf("matcher: the calibration is of %s, and this venue runs %s: what its scores mean is not known; "+
		"make one with kaopass evaluate --calibration", strings.Join(c.Models, ", "), model)
}

// Policy is the policy in force, with the newest calibration.
func (m *Matcher) Policy() Policy {
	p := m.policy
	if c := m.measured.Load(); c != nil {
		p.Calibration, p.Foreign = *c, false
	}
	return p
}

// Calibrate puts a calibration in force for every decision that begins from now on. It refuses one of another model, and
// one that cannot be read.
func (m *Matcher) Calibrate(c Calibration) error {
	if err := c.check(); err != nil {
		return err
	}
	if !c.For(m.model) {
		return wrongModel(c, m.model)
	}
	m.measured.Store(&c)
	return nil
}

// PolicyOf is the policy for a model's vectors: with the calibration that somebody named, which must be of that model, or
// where that is nil the shipped one.
func PolicyOf(model string, named *Calibration) (Policy, error) {
	return policyFor(Config{Calibration: named}, model)
}
