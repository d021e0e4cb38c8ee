package evaluate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Table is the report in two columns, for people: what was measured, and how sure that is.
func (out *Report) Table() [][2]string {
	rows := [][2]string{{"model", out.Model},
		{"photos", fmt.Sprintf("%d of %d people; %d failed to be acquired %s", out.Acquisition.Photos, out.Acquisition.People, out.Failures, counted(out.Acquisition.Reasons))}}
	if g := out.Given; g != nil {
		rows = append(rows, [2]string{"pairs given", fmt.Sprintf("%d of one person, %d of two; accuracy %s ± %s, EER %s", out.Genuine,
			out.Impostor, Percent(out.Accuracy), Percent(out.AccuracyError), Percent(g.EER))})
	}
	for _, c := range out.Cells {
		rows = append(rows, [2]string{"", ""}, [2]string{fmt.Sprintf("%d×%d frames", c.ProbeFrames, c.TemplateFrames),
			fmt.Sprintf("%d comparisons of one person (%d people), %d of two; EER %s", c.Raw.Genuine, c.Raw.GenuinePeople, c.Raw.Impostors, Percent(c.Raw.EER))})
		for _, p := range c.Raw.DET {
			rows = append(rows, [2]string{"  FMR " + share(p.FMR), pointText(p)})
		}
		rows = append(rows, identificationRows(c)...)
	}
	rows = append(rows, albumRows(out.Albums)...)
	rows = append(rows, out.Taken.table()...)
	for _, g := range out.Groups {
		rows = append(rows, [2]string{"group " + g.Name, fmt.Sprintf("%d people: strangers %s (%s), %.1f times all; refused %s", g.People,
			Percent(g.FMR), between(g.FMRCI95), g.Times, Percent(g.FNMR))})
	}
	rows = append(rows, out.PAD.table()...)
	return append(rows, out.Simulation.table()...)
}

func (t *Taken) table() [][2]string {
	if t == nil {
		return nil
	}
	rows := [][2]string{{"", ""}, {"photos taken", fmt.Sprintf("%d by a gate, %d by an enrolment; %d comparisons of one person, %d of two", t.Probes, t.Templates, t.All.Genuine, t.All.Impostor)}}
	for _, p := range t.Points {
		rows = append(rows, [2]string{"  FMR " + share(p.FMRAll), fmt.Sprintf("refused %s (%s); strangers %s", Percent(p.FNMR), between(p.FNMRCI95), Percent(p.FMR))})
	}
	return rows
}

func pointText(p stat.Point) string {
	text := fmt.Sprintf("refused %s (%s), from %.3f", Percent(p.FNMR), between(p.FNMRCI95), p.Threshold)
	if p.Extrapolated {
		text += fmt.Sprintf(" (extrapolated, %.3f to %.3f)", p.ThresholdCI95[0], p.ThresholdCI95[1])
	}
	return text
}

func identificationRows(c Cell) (rows [][2]string) {
	i := c.Identification
	if i == nil || i.Mated == 0 {
		return nil
	}
	for _, p := range i.Points {
		rows = append(rows, [2]string{"  1:N of " + fmt.Sprint(i.Gallery), fmt.Sprintf("FPIR %s: FNIR %s, from %.3f", Percent(p.FPIR), Percent(p.FNIR), p.Threshold)})
	}
	return append(rows, [2]string{"  rank 1, list of 20", Percent(i.Rank1) + ", " + Percent(i.ShortList)})
}

func (p *PAD) table() (rows [][2]string) {
	if p == nil {
		return nil
	}
	rows = append(rows, [2]string{"", ""}, [2]string{"attacks", fmt.Sprintf("%d subjects, resampled by subject", p.Subjects)})
	for _, at := range p.Points {
		text := fmt.Sprintf("living refused %s (%s)", Percent(at.Living.Rate), between(at.Living.CI95))
		for _, kind := range slices.Sorted(maps.Keys(at.Attacks)) {
			a := at.Attacks[kind]
			text += fmt.Sprintf("; %s let through %s (%s)", kind, Percent(a.Rate), between(a.CI95))
		}
		name := fmt.Sprintf("  from %.2f", at.Threshold)
		if at.Threshold == p.Threshold {
			name += " (in force)"
		}
		rows = append(rows, [2]string{name, text})
	}
	return rows
}

// counted is a tally in words: "(missing 3, no_face 1)".
func counted(tally map[string]int) string {
	if len(tally) == 0 {
		return ""
	}
	text := ""
	for _, key := range slices.Sorted(maps.Keys(tally)) {
		text += fmt.Sprintf(", %s %d", key, tally[key])
	}
	return "(" + text[2:] + ")"
}

// Percent is a rate with as many digits as it has meaning.
func Percent(rate float64) string {
	switch {
	case rate == 0:
		return "0 %"
	case rate < 0.001:
		return fmt.Sprintf("%.2g %%", 100*rate)
	case rate < 0.1:
		return fmt.Sprintf("%.2f %%", 100*rate)
	}
	return fmt.Sprintf("%.1f %%", 100*rate)
}

func between(i stat.Interval) string { return Percent(i[0]) + " to " + Percent(i[1]) }

// share is a rare rate as a power of ten.
func share(rate float64) string { return fmt.Sprintf("%.0e", rate) }
