package console

import (
	"fmt"
	"strings"

	"github.com/kaopass/kaopass/matcher"
	view "github.com/kaopass/kaopass/views/console"
)

func (n numerals) gate(e matcher.Explanation) (rows []view.GateRow) {
	for _, f := range e.Gate.Frames {
		rows = append(rows, view.GateRow{Frames: n.count(f.Probe), Template: n.count(f.Template), Cosine: n.score(f.Threshold), Refused: n.share(f.RefusedShare)})
	}
	return rows
}

func (n numerals) till(e matcher.Explanation) (rows []view.TillRow) {
	add := func(frames int, who string, l matcher.TillLimit) {
		if l.People > 0 {
			rows = append(rows, view.TillRow{Frames: n.count(frames), Who: n.p(who), People: n.count(l.People), Cosine: n.score(l.Threshold),
				C: n.score(l.ThresholdC), Asked: n.share(l.AskCodeShare)})
		}
	}
	for _, f := range e.Till.Frames {
		add(f.Probe, "here", f.OnSite)
		add(f.Probe, "anybody", f.Everyone)
	}
	return rows
}

func (n numerals) needs() (rows []view.NeedRow) {
	level := func(v float64) string {
		if v == 0 {
			return "–"
		}
		return fmt.Sprintf("%.0f", v)
	}
	for _, need := range matcher.Needs() {
		rows = append(rows, view.NeedRow{Name: n.p("quality." + camel(need.Name)), Enrol: level(need.Enrol), Gate: level(need.Gate), Till: level(need.Till)})
	}
	return rows
}

// camel writes a component's name as the key of its word: "eyes open" is eyesOpen.
func camel(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' })
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

func (n numerals) living(p matcher.Policy) view.NeedRow {
	enrol, gate, till := p.Living()
	return view.NeedRow{Name: n.p("living"), Enrol: n.share(enrol), Gate: n.share(gate), Till: n.share(till)}
}
