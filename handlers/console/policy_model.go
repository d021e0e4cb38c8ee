package console

import (
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// What the page's figures are worked out for, unless its table says otherwise.
const (
	usualFrames   = 3
	usualTemplate = 3
)

// venueSize is how many people the policy judges among: people there are, and those whom the page was asked about.
type venueSize struct {
	people, population, onSite int
	named                      bool
}

// policyModel turns the policy in force into what its page shows.
func policyModel(p views.Page, policy matcher.Policy, runs []kaopass.Calibration, size venueSize) view.PolicyModel {
	n := numerals{p.Words}
	e := policy.Explain(size.population, size.onSite, usualFrames, usualTemplate)
	m := view.PolicyModel{Page: p, Population: fmt.Sprint(size.population), OnSite: fmt.Sprint(size.onSite),
		Notices: n.notices(e, size), Figures: n.figures(e), Source: n.source(e), Limits: e.Calibration.Limits,
		Gate: n.gate(e), Till: n.till(e), Rules: n.rules(e), Needs: n.needs(), Living: n.living(policy)}
	m.Waiting = n.waiting(policy, runs, size)
	m.Runs, m.Drift = n.history(policy, runs, size.population)
	return m
}

// numerals writes numbers for a reader of a language.
type numerals struct{ views.Words }

// p is a sentence of the page.
func (n numerals) p(key string) string { return n.T("console.policy." + key) }

func (n numerals) count(v int) string { return n.Number(int64(v)) }

// share writes a share as a percentage; a negative one was not measured.
func (n numerals) share(s float64) string {
	switch {
	case s < 0:
		return n.p("notMeasured")
	case s > 0 && s < 0.0001:
		return "< 0.01 %"
	case s < 0.0995:
		return fmt.Sprintf("%.2g %%", 100*s)
	}
	return fmt.Sprintf("%.0f %%", 100*s)
}

// score writes a threshold. Zero is one that was not measured, more than a score can be one that nobody reaches.
func (n numerals) score(t float64) string {
	switch {
	case t == 0:
		return "–"
	case t > 1:
		return n.p("never")
	}
	return fmt.Sprintf("%.3f", t)
}

func (n numerals) notices(e matcher.Explanation, size venueSize) (all []views.Notice) {
	switch {
	case size.named:
		all = append(all, views.Notice{Kind: views.Info, Text: n.p("named")})
	case e.Calibration.Foreign:
		all = append(all, views.Notice{Kind: views.Again, Text: n.p("foreign")})
	case !e.Calibration.Own && size.people >= kaopass.CalibrationPeople:
		all = append(all, views.Notice{Kind: views.Info, Text: n.p("cautious")})
	}
	if size.people < kaopass.CalibrationPeople {
		all = append(all, views.Notice{Kind: views.Info, Text: n.With("console.policy.small",
			views.Args{"People": n.count(size.people), "Needed": n.count(kaopass.CalibrationPeople)})})
	}
	return all
}

func (n numerals) figures(e matcher.Explanation) []view.Number {
	frames := views.Args{"Frames": n.count(e.ProbeFrames)}
	note := "console.policy.askedNote"
	if e.OnSite == 0 {
		note = "console.policy.askedNoteAll"
	}
	return []view.Number{
		{Label: n.p("asked"), Value: n.share(e.AskCodeShare), Icon: "key-round", Note: n.With(note, frames)},
		{Label: n.p("strangerFace"), Value: n.share(e.Code.StrangerBefore), Icon: "scan-face", Note: n.p("strangerFaceNote")},
		{Label: n.p("strangerCode"), Value: n.share(e.Code.StrangerAfter), Icon: "lock",
			Note: n.With("console.policy.strangerCodeNote", views.Args{"Tries": n.count(e.Code.Tries)})},
		{Label: n.p("listed"), Value: n.share(e.Code.InListShare), Icon: "list",
			Note: n.With("console.policy.listedNote", views.Args{"List": n.count(e.Code.ListMax)})},
		{Label: n.p("alike"), Value: n.share(e.Alike.Share), Icon: "users-round", Note: n.p("alikeNote")},
	}
}

func (n numerals) source(e matcher.Explanation) []view.Fact {
	c := e.Calibration
	whose := view.Fact{Name: n.p("source"), Value: c.Source, Own: true}
	if c.Own {
		whose = view.Fact{Name: n.p("source"), Value: n.p("sourceOwn")}
	}
	caution := n.p("none")
	if c.Caution > 1 {
		caution = n.With("console.policy.cautionText", views.Args{"Raw": fmt.Sprint(c.Caution), "C": fmt.Sprint(c.CautionC), "Gate": fmt.Sprint(e.Gate.Caution)})
	}
	return []view.Fact{whose, {Name: n.p("day"), Value: c.Made}, {Name: n.p("peopleIn"), Value: n.count(c.People)},
		{Name: n.p("counted"), Value: n.With("console.policy.oneIn", views.Args{"N": n.count(int(1/c.Measured + 0.5))})},
		{Name: n.p("caution"), Value: caution}, {Name: n.p("model"), Value: strings.Join(c.Models, ", "), Own: true}}
}

func (n numerals) rules(e matcher.Explanation) []view.Fact {
	yen := kaopass.Yen(int64(e.Code.AlwaysFromYen))
	return []view.Fact{{Name: n.p("budgetTill"), Value: n.share(e.Till.FPIRTarget)}, {Name: n.p("budgetSite"), Value: n.share(e.Till.OnSiteShare)},
		{Name: n.p("budgetGate"), Value: n.share(e.Gate.FMRTarget)}, {Name: n.p("floor"), Value: n.score(e.Till.Floor)},
		{Name: n.p("listFloor"), Value: n.score(e.Code.ListFloor)}, {Name: n.p("alikeFrom"), Value: n.score(e.Alike.Threshold)},
		{Name: n.p("codeFrom"), Value: n.Yen(yen)}, {Name: n.p("step"), Value: n.score(kaopass.CalibrationStep)}}
}
