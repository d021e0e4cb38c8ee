package matcher

import (
	"cmp"
	"math"
	"slices"

	"github.com/kaopass/kaopass"
)

// Explanation is every number of the policy in force, for a venue of so many people, and where it comes from. It speaks
// of shares of many people, never of one, and goes to whoever runs the venue: a device is told none of it.
type Explanation struct {
	Population     int    `json:"population"`      // people who can be found by the face
	OnSite         int    `json:"on_site"`         // of them on the site now
	ProbeFrames    int    `json:"probe_frames"`    // for which the four shares below are
	TemplateFrames int    `json:"template_frames"` //
	Model          string `json:"model,omitempty"`

	FMRTarget    float64 `json:"fmr_target"`     // share of strangers that may reach one person on the site
	Threshold    float64 `json:"threshold"`      // cosine that somebody on the site must reach, besides c where that is measured
	ThresholdC   float64 `json:"threshold_c"`    // statistic c; 0 where it was not measured
	AskCodeShare float64 `json:"ask_code_share"` // expected, of those on the site, for one good capture; −1 where not known

	Calibration CalibrationNote `json:"calibration"`
	Gate        GateNote        `json:"gate"`
	Till        TillNote        `json:"till"`
	Code        CodeNote        `json:"code"`
	Alike       AlikeNote       `json:"look_alikes"`
}

// CalibrationNote says what the thresholds rest on.
type CalibrationNote struct {
	Source   string   `json:"source"`
	Made     string   `json:"made"` // RFC 3339, the day
	Own      bool     `json:"own"`
	Foreign  bool     `json:"foreign"` // of another model: the face alone never pays
	Models   []string `json:"models"`
	People   int      `json:"people"`
	Gallery  int      `json:"gallery"`
	Measured float64  `json:"fmr_measured"` // the smallest share of strangers that was counted; less is the tail model's
	Caution  float64  `json:"caution"`      // strangers expected for each that the calibration says, by the bare score
	CautionC float64  `json:"caution_c"`    // by c
	Limits   []string `json:"limits"`
}

// GateNote is the 1:1 comparison.
type GateNote struct {
	FMRTarget float64     `json:"fmr_target"`
	Caution   float64     `json:"caution"`
	Frames    []GateFrame `json:"frames"`
}

// GateFrame is the 1:1 threshold for so many frames.
type GateFrame struct {
	Probe        int     `json:"probe_frames"`
	Template     int     `json:"template_frames"`
	Threshold    float64 `json:"threshold"`
	RefusedShare float64 `json:"refused_share"` // of the right people, with one good capture; −1 where not known
}

// TillNote is the 1:N search.
type TillNote struct {
	FPIRTarget  float64     `json:"fpir_target"`
	OnSiteShare float64     `json:"on_site_share"` // of the budget
	Floor       float64     `json:"enough_min"`
	Frames      []TillFrame `json:"frames"`
}

// TillFrame is what one probe of so many frames must reach.
type TillFrame struct {
	Probe    int       `json:"probe_frames"`
	Template int       `json:"template_frames"`
	OnSite   TillLimit `json:"on_site"` // without people where nobody is known to be on the site
	Everyone TillLimit `json:"everyone"`
}

// TillLimit is one subset's limits and what they mean for the people in it.
type TillLimit struct {
	People       int     `json:"people"`
	FMRTarget    float64 `json:"fmr_target"`
	Threshold    float64 `json:"threshold"`   // cosine, besides c
	ThresholdC   float64 `json:"threshold_c"` // 0 where c was not measured
	Alone        float64 `json:"threshold_alone"`
	AskCodeShare float64 `json:"ask_code_share"` // −1 where not known
}

// CodeNote models the code: the face makes a list of at most ListMax, exactly one of whom must have it.
type CodeNote struct {
	ListMax        int     `json:"list_max"`
	ListFloor      float64 `json:"list_floor"`      // cosine
	InListShare    float64 `json:"in_list_share"`   // of the right people; −1 where not known
	StrangerAsked  float64 `json:"stranger_asked"`  // share of strangers who are like somebody enough to be asked
	StrangerBefore float64 `json:"stranger_before"` // who pay by the face alone
	StrangerAfter  float64 `json:"stranger_after"`  // who guess a code in all their tries
	Tries          int     `json:"tries"`
	AlwaysFromYen  int     `json:"always_from_yen"`
}

// AlikeNote is about people whom the face alone cannot tell apart.
type AlikeNote struct {
	Threshold float64 `json:"threshold"`      // cosine of two templates from which both are always asked for the code
	Share     float64 `json:"expected_share"` // of people whom strangers as near are expected for
}

// unknownShare stands where nothing was measured: JSON knows no NaN.
const unknownShare = -1

// Explain says what the policy does in a venue of so many people of whom so many are on the site, for probes of n frames
// and templates of m.
func (p Policy) Explain(population, onSite, n, m int) Explanation {
	e := Explanation{Population: population, OnSite: min(onSite, population), ProbeFrames: n, TemplateFrames: m,
		Calibration: p.calibrationNote(), Gate: p.gateNote(), Till: p.tillNote(population, min(onSite, population), m),
		Code: p.codeNote(population, n, m), Alike: p.alikeNote(population)}
	asked := p.tillFrame(population, e.OnSite, n, m)
	here := asked.OnSite
	if e.OnSite == 0 {
		here = asked.Everyone
	}
	e.FMRTarget, e.Threshold, e.ThresholdC, e.AskCodeShare = here.FMRTarget, here.Threshold, here.ThresholdC, here.AskCodeShare
	return e
}

func (p Policy) calibrationNote() CalibrationNote {
	c := p.Calibration
	note := CalibrationNote{Source: c.Source, Made: c.Made.Format("2006-01-02"), Own: c.Own, Foreign: p.Foreign, Models: c.Models,
		People: c.People, Gallery: c.Gallery, Caution: p.caution(p.Caution), CautionC: p.caution(p.CautionC), Limits: c.Limits, Measured: 1}
	for _, x := range c.Cells {
		note.Measured = min(note.Measured, x.Raw.Measured())
	}
	return note
}

func (p Policy) gateNote() GateNote {
	note := GateNote{FMRTarget: p.GateFMR, Caution: p.caution(p.CautionGate)}
	for _, f := range [][2]int{{1, 1}, {1, 3}, {3, 3}, {5, 5}} {
		at := p.gate(f[0], f[1])
		note.Frames = append(note.Frames, GateFrame{f[0], f[1], at, p.missed(rawCurve, at, f[0], f[1])})
	}
	return note
}

func (p Policy) tillNote(population, onSite, m int) TillNote {
	note := TillNote{FPIRTarget: p.TillFPIR, OnSiteShare: p.OnSiteShare, Floor: p.EnoughMin}
	for _, n := range []int{1, 3, FramesMax} {
		note.Frames = append(note.Frames, p.tillFrame(population, onSite, n, m))
	}
	return note
}

func (p Policy) tillFrame(population, onSite, n, m int) TillFrame {
	limits := p.Till(n, onSite, population)
	return TillFrame{n, m, p.tillLimit(limits.OnSite, population, n, m), p.tillLimit(limits.Everyone, population, n, m)}
}

// tillLimit is what a subset's limits mean for the people in it. Raw and c miss mostly the same people, so the share of
// those asked for the code is the larger of the two.
func (p Policy) tillLimit(l Limits, population, n, m int) TillLimit {
	if l.People == 0 {
		return TillLimit{}
	}
	out := TillLimit{People: l.People, FMRTarget: l.FMR, Threshold: l.Raw, ThresholdC: l.C, Alone: l.Alone}
	if l.C >= scoreMax {
		out.Threshold, out.ThresholdC = l.Alone, 0
		out.AskCodeShare = p.missed(rawCurve, l.Alone, n, m)
		return out
	}
	raw, c := p.missed(rawCurve, l.Raw, n, m), p.missed(cCurve, l.C+p.crowding(population), n, m)
	if out.AskCodeShare = max(raw, c); min(raw, c) < 0 {
		out.AskCodeShare = unknownShare
	}
	return out
}

// crowding is how much nearer everybody's neighbours are in a larger gallery than in the one that was measured: c of the
// right person is less by so much, and so is a stranger's, which the thresholds leave out of account on purpose.
func (p Policy) crowding(population int) float64 {
	was := max(p.Calibration.Gallery, NearestOthers)
	if population <= was {
		return 0
	}
	middle := NearestOthers / math.E // the mean of the 20 nearest lies about there
	return max(p.Threshold(middle/float64(population), 1, 0)-p.Threshold(middle/float64(was), 1, 0), 0)
}

// missed is the share of right people under a score, from what was measured with as many frames or the next fewer.
func (p Policy) missed(of statistic, score float64, n, m int) float64 {
	best, fits := 0.0, -1
	for _, x := range p.Calibration.Cells {
		curve := of(x)
		if curve == nil || len(curve.Genuine) == 0 || !x.fits(n, m) {
			continue
		}
		if f := x.Probe + x.Template; f > fits {
			best, fits = math.Round(curve.Missed(score)*missedParts)/missedParts, f
		}
	}
	if fits < 0 {
		return unknownShare
	}
	return best
}

// missedParts is how finely a share of right people is told: more digits would be made up.
const missedParts = 10_000

func (p Policy) codeNote(population, n, m int) CodeNote {
	note := CodeNote{ListMax: kaopass.ShortListMax, ListFloor: p.ListMin, Tries: kaopass.CodeTries, AlwaysFromYen: kaopass.CodeAbove,
		StrangerBefore: p.TillFPIR}
	if p.Foreign {
		note.StrangerBefore = 0
	}
	reach := p.share(p.ListMin, n) * p.caution(p.Caution)
	note.StrangerAsked = 1 - math.Exp(-float64(population)*reach)
	guess := math.Pow(1-float64(kaopass.ShortListMax)/kaopass.Codes, kaopass.CodeTries)
	note.StrangerAfter = note.StrangerAsked * (1 - guess)
	crowd := p.Threshold(float64(kaopass.ShortListMax)/float64(max(population, 1)), n, 0) // where the twentieth stranger is
	note.InListShare = p.missed(rawCurve, max(p.ListMin, crowd), n, m)
	if note.InListShare >= 0 {
		note.InListShare = 1 - note.InListShare
	}
	return note
}

// share is the share of strangers who reach a cosine with n frames.
func (p Policy) share(score float64, n int) float64 {
	cells, _ := p.Calibration.measured(rawCurve, 0)
	if len(cells) == 0 {
		return 1
	}
	nearest := slices.MinFunc(cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(apart(a.Probe, n), apart(b.Probe, n)), cmp.Compare(b.Template, a.Template))
	})
	return nearest.Raw.Share(score)
}

func (p Policy) alikeNote(population int) AlikeNote {
	at := p.Alike(population)
	if p.Foreign {
		return AlikeNote{Threshold: at}
	}
	return AlikeNote{at, 1 - math.Exp(-float64(population)*p.share(at, framesCounted))}
}

func apart(a, b int) int { return max(a-b, b-a) }
