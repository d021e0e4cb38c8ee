package console

import (
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// PolicyModel is every number by which faces are judged, as text: how a share or a threshold is written is decided where
// the model is made.
type PolicyModel struct {
	Page               views.Page
	Population, OnSite string // what the page is worked out for
	Notices            []views.Notice
	Figures            []Number
	Waiting            *PolicyChange // nil where nothing waits
	Source             []Fact
	Limits             []string // in the calibration's own words, English
	Gate               []GateRow
	Till               []TillRow
	Rules              []Fact
	Needs              []NeedRow
	Living             NeedRow
	Runs               []PolicyRun
	Drift              Drift
}

// Fact is a name and a value. Own says that the value is in the calibration's own words, English.
type Fact struct {
	Name, Value string
	Own         bool
}

// PolicyChange is a measurement that waits for an administrator.
type PolicyChange struct {
	ID            kaopass.CalibrationID
	Made          string
	People        string
	Loosens, Step string
	Rows          []ChangeRow
}

// ChangeRow is a threshold as it is and as it would be.
type ChangeRow struct{ Name, Now, Then string }

// GateRow is the 1:1 threshold for so many frames.
type GateRow struct{ Frames, Template, Cosine, Refused string }

// TillRow is what a probe of so many frames must reach.
type TillRow struct{ Frames, Who, People, Cosine, C, Asked string }

// NeedRow is what a picture must show for each use.
type NeedRow struct{ Name, Enrol, Gate, Till string }

// PolicyRun is one measurement of the gallery.
type PolicyRun struct {
	Made, People, Strangers, LeftOut, Threshold, Loosens, By string
	State                                                    views.Tag
}

// Drift is a threshold over time, for the same people: the measurements oldest first, as a small chart.
type Drift struct {
	Label      string
	From, Till string // the first and the last day
	Low, High  string // the ends of the scale
	Points     []DriftPoint
}

// DriftPoint is one measurement: 0 to 1 from left to right and from the low end to the high.
type DriftPoint struct {
	X, Y  float64
	Stood bool // it was in force, or is
}

// The chart's box, in its own units.
const (
	driftWidth  = 600
	driftHeight = 120
	driftEdge   = 8
)

func (p DriftPoint) at() (x, y float64) {
	return driftEdge + p.X*(driftWidth-2*driftEdge), driftHeight - driftEdge - p.Y*(driftHeight-2*driftEdge)
}

// line joins what was in force, as an SVG polyline's points.
func (d Drift) line() string {
	var b strings.Builder
	for _, p := range d.Points {
		if p.Stood {
			x, y := p.at()
			fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
		}
	}
	return strings.TrimSpace(b.String())
}

func (p DriftPoint) cx() string { x, _ := p.at(); return fmt.Sprintf("%.1f", x) }
func (p DriftPoint) cy() string { _, y := p.at(); return fmt.Sprintf("%.1f", y) }
