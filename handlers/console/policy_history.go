package console

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// with is the policy under another calibration; ok is false for one that cannot be read.
func with(p matcher.Policy, c kaopass.Calibration) (_ matcher.Policy, ok bool) {
	found, err := matcher.ReadCalibration(bytes.NewReader(c.Body))
	p.Calibration, p.Foreign = found, false
	return p, err == nil
}

// waiting is the measurement that an administrator has to decide about, beside what is in force.
func (n numerals) waiting(p matcher.Policy, runs []kaopass.Calibration, size venueSize) *view.PolicyChange {
	at := slices.IndexFunc(runs, func(c kaopass.Calibration) bool { return c.State == kaopass.CalibrationWaits })
	if at < 0 {
		return nil
	}
	c := runs[at]
	next, ok := with(p, c)
	if !ok {
		return nil
	}
	change := &view.PolicyChange{ID: c.ID, Made: n.DateTime(c.Made), People: n.count(c.People), Loosens: n.score(c.Loosens), Step: n.score(kaopass.CalibrationStep)}
	row := func(name, now, then string) {
		change.Rows = append(change.Rows, view.ChangeRow{Name: name, Now: now, Then: then})
	}
	before := p.Explain(size.population, size.onSite, usualFrames, usualTemplate)
	after := next.Explain(size.population, size.onSite, usualFrames, usualTemplate)
	tills := n.till(after)
	for i, now := range n.till(before) {
		name := n.With("console.policy.tillRow", views.Args{"Frames": now.Frames, "Who": now.Who})
		row(name, now.Cosine+" / "+now.C, tills[i].Cosine+" / "+tills[i].C)
	}
	for i, now := range n.gate(before) {
		row(n.With("console.policy.gateRow", views.Args{"Frames": now.Frames, "Template": now.Template}), now.Cosine, n.gate(after)[i].Cosine)
	}
	row(n.p("asked"), n.share(before.AskCodeShare), n.share(after.AskCodeShare))
	return change
}

// history lists the measurements, newest first, and draws how the threshold for one frame moved, oldest first.
func (n numerals) history(p matcher.Policy, runs []kaopass.Calibration, population int) (rows []view.PolicyRun, drift view.Drift) {
	var thresholds []float64
	var stood []bool
	for _, c := range runs {
		row := view.PolicyRun{Made: n.DateTime(c.Made), People: n.count(c.People), Strangers: n.count(c.Strangers), LeftOut: n.count(c.Twice),
			Threshold: "–", Loosens: fmt.Sprintf("%+.3f", c.Loosens), By: c.DecidedBy, State: n.state(c.State)}
		if at, ok := with(p, c); ok {
			t := at.Enough(population, 1)
			row.Threshold = n.score(t)
			thresholds, stood = append(thresholds, t), append(stood, c.State == kaopass.CalibrationStands || c.State == kaopass.CalibrationPast)
		}
		rows = append(rows, row)
	}
	if len(thresholds) == 0 {
		return rows, drift
	}
	low, high := slices.Min(thresholds), slices.Max(thresholds)
	drift = view.Drift{Label: n.p("drift"), From: n.Date(runs[len(runs)-1].Made), Till: n.Date(runs[0].Made), Low: n.score(low), High: n.score(high)}
	for i := len(thresholds) - 1; i >= 0; i-- {
		point := view.DriftPoint{X: 1 - float64(i)/float64(max(len(thresholds)-1, 1)), Y: 0.5, Stood: stood[i]}
		if high > low {
			point.Y = (thresholds[i] - low) / (high - low)
		}
		drift.Points = append(drift.Points, point)
	}
	return rows, drift
}

func (n numerals) state(s kaopass.CalibrationState) views.Tag {
	kind := map[kaopass.CalibrationState]views.NoticeKind{kaopass.CalibrationWaits: views.Again, kaopass.CalibrationStands: views.Good}[s]
	if kind == "" {
		kind = views.Info
	}
	return views.Tag{Kind: kind, Text: n.p("states." + string(s))}
}
