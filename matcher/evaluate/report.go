package evaluate

import (
	"math"
	"time"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
	"github.com/kaopass/kaopass/matcher/internal/permit"
)

func permitted() permit.Measuring { return permit.Measuring{} }

// Report is everything that was measured, as `kaopass evaluate --json` prints it. It holds rates, thresholds and curves
// of many comparisons; no name, no file and no person's similarity.
type Report struct {
	Made  time.Time `json:"made"`
	Model string    `json:"model"`

	// The labelled pairs as they are given.
	Genuine       int     `json:"genuine"`        // pairs of one person
	Impostor      int     `json:"impostor"`       // pairs of two
	Failures      int     `json:"failures"`       // photos of which nothing could be acquired
	PairsFailed   int     `json:"pairs_failed"`   // pairs with such a photo; they count as refused in Accuracy, and are in no other rate
	Accuracy      float64 `json:"accuracy"`       // share told rightly, each fold by the others' threshold
	AccuracyError float64 `json:"accuracy_error"` // its standard error over the folds
	Given         *Given  `json:"given,omitempty"`

	// All pairs of the same photos, one frame against one.
	EER float64      `json:"eer"`
	DET []stat.Point `json:"det"`
	All Counts       `json:"all"`

	Acquisition Acquisition `json:"acquisition"`
	Taken       *Taken      `json:"taken,omitempty"`
	Cells       []Cell      `json:"cells"`
	Albums      []Albums    `json:"by_photos,omitempty"`
	Groups      []Group     `json:"groups,omitempty"`
	PAD         *PAD        `json:"pad,omitempty"`
	Simulation  *Simulation `json:"simulation,omitempty"`
}

// Taken is one frame against one among the photos that the product would take: probes that a gate would, templates that
// an enrolment would. Its thresholds are those of all photos.
type Taken struct {
	Probes    int     `json:"probes"`
	Templates int     `json:"templates"`
	All       Counts  `json:"all"`
	Points    []Point `json:"det"`
}

// Rates are what some of the photos show at a threshold that all photos set.
type Rates struct {
	Threshold float64 `json:"threshold"`
	FMR       float64 `json:"fmr"` // of strangers among them
	FNMR      float64 `json:"fnmr"`
}

// Point is an operating point of some of the photos.
type Point struct {
	Rates
	FMRAll   float64       `json:"fmr_all"` // of all photos, at which the threshold was set
	FNMRCI95 stat.Interval `json:"fnmr_ci95"`
}

// Counts says how many comparisons there were.
type Counts struct {
	Genuine  int   `json:"genuine"`
	Impostor int64 `json:"impostor"`
}

// Given is what the labelled pairs alone say.
type Given struct {
	EER          float64      `json:"eer"`
	EERThreshold float64      `json:"eer_threshold"`
	DET          []stat.Point `json:"det"`
}

// Cell is what so many fused frames on each side gave.
type Cell struct {
	ProbeFrames    int             `json:"probe_frames"`
	TemplateFrames int             `json:"template_frames"`
	Gallery        int             `json:"gallery"` // people whom each probe met
	Raw            Distribution    `json:"raw"`     // of cosines
	C              *Distribution   `json:"c,omitempty"`
	Identification *Identification `json:"identification,omitempty"`
}

// Distribution is the comparisons of a cell by one statistic.
type Distribution struct {
	Genuine       int          `json:"genuine"`
	GenuinePeople int          `json:"genuine_people"`
	Impostors     int64        `json:"impostor"`
	EER           float64      `json:"eer"`
	EERThreshold  float64      `json:"eer_threshold"`
	DET           []stat.Point `json:"det"`
	Tail          *stat.Tail   `json:"tail,omitempty"`
	Histogram     Histogram    `json:"histogram"`
	Lines         []Line       `json:"lines"` // the DET curve itself

	curve matcher.Curve
	set   *stat.Set
}

// Histogram is the shares of comparisons in bars of equal width.
type Histogram struct {
	Low      float64   `json:"low"`
	High     float64   `json:"high"`
	Genuine  []float64 `json:"genuine"`
	Impostor []float64 `json:"impostor"`
}

// Line is one point of the drawn DET curve.
type Line struct {
	FMR  float64 `json:"fmr"`
	FNMR float64 `json:"fnmr"`
}

// Group is one group's own rates, at the threshold that all photos together set for a rate of strangers.
type Group struct {
	Name   string `json:"name"`
	People int    `json:"people"`
	Counts Counts `json:"counts"` // within the group
	Rates
	FMRCI95 stat.Interval `json:"fmr_ci95"`
	Times   float64       `json:"times"` // FMR over that of all strangers
}

// groupFMR is the rate at whose common threshold groups are compared.
const groupFMR = 1e-3

const bars = 100

func histogramOf(s *stat.Set) Histogram {
	out := Histogram{Low: -0.5, High: 1}
	out.Genuine = stat.Bars(scoresOf(s.Genuine), nil, out.Low, out.High, bars)
	out.Impostor = stat.Bars(scoresOf(s.Tail), &s.Below, out.Low, out.High, bars)
	return out
}

func scoresOf(all []stat.Comparison) []float32 {
	out := make([]float32, len(all))
	for i, c := range all {
		out[i] = c.Score
	}
	return out
}

// Where the drawn DET curve begins and ends, and how finely it is drawn.
const (
	lineFirst  = 0.1
	lineLast   = 1e-6
	lineDecade = 8
)

func linesOf(s *stat.Set, tail *stat.Tail) []Line {
	var out []Line
	for i := 0; ; i++ {
		fmr := lineFirst * math.Pow(10, -float64(i)/lineDecade)
		if fmr < lineLast*0.99 {
			return out
		}
		threshold, reached := s.Threshold(fmr)
		if reached < 10 {
			if tail == nil {
				return out
			}
			threshold = tail.Threshold(fmr)
		}
		out = append(out, Line{fmr, s.FNMR(threshold)})
	}
}

// given reads the labelled pairs.
func (out *Report) given(a *Album, o Options, photos [][2]int) {
	if len(o.Pairs) == 0 {
		return
	}
	set := &stat.Set{People: len(a.people), Floor: -2}
	judged := make([]stat.Judged, len(o.Pairs))
	for i, p := range o.Pairs {
		template, probe := &a.photos[photos[i][0]], &a.photos[photos[i][1]]
		judged[i] = stat.Judged{Fold: p.Fold, Same: p.Same(), Score: -1}
		if p.Same() {
			out.Genuine++
		} else {
			out.Impostor++
		}
		if !template.acquired() || !probe.acquired() {
			out.PairsFailed++
			continue
		}
		judged[i].Score = dot(probe.probe, template.frame)
		put(set, stat.Comparison{Score: judged[i].Score, Probe: probe.Person, Template: template.Person}, p.Same())
	}
	set.Sort()
	out.Accuracy, out.AccuracyError = stat.Accuracy(judged)
	out.Given = &Given{DET: set.Points([]float64{1e-1, 1e-2, 1e-3}, nil, o.bootstrap())}
	out.Given.EER, out.Given.EERThreshold = set.EER()
}

// groups compares strangers of one group with each other at a common threshold: what is rare among all may be frequent
// among them.
func (out *Report) groups(a *Album, all *stat.Set, o Options) {
	threshold, _ := all.Threshold(groupFMR)
	for _, name := range a.groups() {
		set := a.within(name, all)
		if set.Impostors == 0 {
			continue
		}
		g := Group{Name: name, Counts: Counts{len(set.Genuine), set.Impostors}, Rates: ratesOf(set, threshold)}
		for _, p := range a.people {
			if p.group == name && len(p.photos) > 0 {
				g.People++
			}
		}
		g.FMRCI95 = set.Reach(threshold, o.bootstrap())
		g.Times = g.FMR / groupFMR
		out.Groups = append(out.Groups, g)
	}
}

// ratesOf reads a set at a threshold.
func ratesOf(s *stat.Set, threshold float64) Rates {
	return Rates{Threshold: threshold, FMR: s.FMR(threshold), FNMR: s.FNMR(threshold)}
}

// within is the part of a trial of all pairs that one group's people made.
func (a *Album) within(group string, all *stat.Set) *stat.Set {
	set := &stat.Set{People: all.People, Floor: all.Floor}
	member := make([]float64, all.People)
	for who, p := range a.people {
		if p.group == group {
			member[who] = 1
		}
	}
	for _, c := range all.Genuine {
		if member[c.Probe] == 1 {
			set.Genuine = append(set.Genuine, c)
		}
	}
	for _, c := range all.Tail {
		if member[c.Probe]*member[c.Template] == 1 {
			set.Tail = append(set.Tail, c)
		}
	}
	set.Impostors = int64(all.Weight(member))
	set.Weight = func(w []float64) float64 {
		inside := make([]float64, len(w))
		for i := range w {
			inside[i] = w[i] * member[i]
		}
		return all.Weight(inside)
	}
	return set
}
