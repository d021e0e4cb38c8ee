package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/kaopass/kaopass/matcher"
)

// explained writes an explanation for somebody who never heard of any of it.
type explained struct{ matcher.Explanation }

func (e explained) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, part := range []string{e.venue(), e.source(), e.gate(), e.till(), e.code(), e.alike()} {
		if _, err := io.WriteString(t, part); err != nil {
			return err
		}
	}
	return t.Flush()
}

func (e explained) venue() string {
	where := grouped(e.OnSite) + " of them on the site now"
	if e.OnSite == 0 {
		where = "and who is on the site is not known"
	}
	asked := "How many people will be asked for their code is not known: nobody's second visit was measured.\n"
	if e.AskCodeShare >= 0 {
		asked = fmt.Sprintf("Of those on the site, %s will be asked for their code; the face alone is enough for the others.\n", percent(e.AskCodeShare))
	}
	return fmt.Sprintf("A venue where %s people can pay by face, %s.\nA till looks at %d frames, a template has %d.\n%s",
		grouped(e.Population), where, e.ProbeFrames, e.TemplateFrames, asked)
}

func (e explained) source() string {
	c := e.Calibration
	var b strings.Builder
	fmt.Fprintf(&b, "\nWHAT THE NUMBERS REST ON\n  %s; %s people; %s.\n", c.Source, grouped(c.People), c.Made)
	switch {
	case c.Foreign:
		b.WriteString("  They were measured with another model: nobody pays by the face alone until this one is calibrated.\n")
	case c.Own:
		b.WriteString("  These are this venue's own people: the numbers are used as they are.\n")
	default:
		fmt.Fprintf(&b, "  These are not this venue's people. Until it has calibrated, %g times as many strangers are\n"+
			"  expected as they say (%g times by the statistic c).\n", c.Caution, c.CautionC)
	}
	fmt.Fprintf(&b, "  Counted down to one stranger in %s; beyond that a model of the tail says it.\n", one(c.Measured))
	for _, limit := range c.Limits {
		fmt.Fprintf(&b, "  What they cannot show: %s.\n", limit)
	}
	return b.String()
}

func (e explained) gate() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nAT A GATE: is this the ticket's holder?\n  One stranger in %s may pass.", one(e.Gate.FMRTarget))
	if e.Gate.Caution > 1 {
		fmt.Fprintf(&b, " %g times as many strangers are expected as were measured.", e.Gate.Caution)
	}
	b.WriteString("\n\n  frames\ttemplate\tcosine from\tright people refused\n")
	for _, f := range e.Gate.Frames {
		fmt.Fprintf(&b, "  %d\t%d\t%.3f\t%s\n", f.Probe, f.Template, f.Threshold, percent(f.RefusedShare))
	}
	return b.String()
}

func (e explained) till() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nAT A TILL: who of all these people is it?\n"+
		"  One stranger in %s may be taken for somebody by the face alone. A stranger meets everybody, so the more\n"+
		"  people there are, the nearer a face must be.", one(e.Till.FPIRTarget))
	if e.OnSite > 0 {
		fmt.Fprintf(&b, " Those on the site get %s of that budget, because most who\n  pay are there: fewer people, a lower threshold.", percent(e.Till.OnSiteShare))
	}
	b.WriteString("\n  c says how much nearer the face is to that person than both are to others; a crowded place needs more.\n" +
		"  Where there is no c, the bare cosine has to do all: c means the same only in galleries about as large as the measured one.\n" +
		"\n  frames\twho\tpeople\tcosine from\tand c from\tasked for the code\n")
	for _, f := range e.Till.Frames {
		b.WriteString(limitRow(f.Probe, "on the site", f.OnSite) + limitRow(f.Probe, "anybody", f.Everyone))
	}
	fmt.Fprintf(&b, "  No face pays alone under %.2f. Two people over their thresholds are look-alikes: the code decides.\n", e.Till.Floor)
	return b.String()
}

func limitRow(frames int, who string, l matcher.TillLimit) string {
	if l.People == 0 {
		return ""
	}
	cosine, c := fmt.Sprintf("%.3f", l.Threshold), "–"
	if l.Threshold > 1 {
		cosine = "never"
	}
	if l.ThresholdC != 0 {
		c = fmt.Sprintf("%.3f", l.ThresholdC)
	}
	return fmt.Sprintf("  %d\t%s\t%s\t%s\t%s\t%s\n", frames, who, grouped(l.People), cosine, c, percent(l.AskCodeShare))
}

func (e explained) code() string {
	c := e.Code
	return fmt.Sprintf("\nTHE CODE: four digits, drawn by the system, asked where the face is not enough, and always from ¥%s\n"+
		"  The face makes a list of at most %d people (cosine %.3f and up); exactly one of them must have the code.\n"+
		"  The right person is on the list in %s of cases.\n"+
		"  A stranger's chance: %s to pay by the face alone; %s are like somebody enough to be asked for a code,\n"+
		"  and %s guess one in their %d tries.\n",
		grouped(c.AlwaysFromYen), c.ListMax, c.ListFloor, percent(c.InListShare), percent(c.StrangerBefore), percent(c.StrangerAsked),
		percent(c.StrangerAfter), c.Tries)
}

func (e explained) alike() string {
	return fmt.Sprintf("\nLOOK-ALIKES: two templates from cosine %.3f on; both people are always asked for the code\n"+
		"  By the calibration, %s of people have a stranger as near as that.\n", e.Alike.Threshold, percent(e.Alike.Share))
}

// percent writes a share for a person; a negative one was not measured.
func percent(share float64) string {
	switch {
	case share < 0:
		return "not measured"
	case share > 0 && share < 0.0001:
		return "under 0.01 %"
	case share < 0.0995:
		return fmt.Sprintf("%.2g %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// one writes a small share as "one in so many".
func one(share float64) string { return grouped(int(1/share + 0.5)) }

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
