package evaluate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Every part that was measured has its line, and one that was not has none.
func TestTable(t *testing.T) {
	point := stat.Point{FMR: 1e-4, Threshold: 0.4124, FNMR: 0.031, FNMRCI95: stat.Interval{0.021, 0.042}}
	carried := stat.Point{FMR: 1e-6, Threshold: 0.526, ThresholdCI95: stat.Interval{0.5, 0.55}, Extrapolated: true}
	r := &Report{Model: "a model", Genuine: 1500, Impostor: 1400, Accuracy: 0.99, AccuracyError: 0.002, Failures: 3, Given: &Given{EER: 0.008},
		Acquisition: Acquisition{Photos: 3811, People: 2086, Reasons: map[string]int{"no_face": 1, "missing": 2}},
		Cells: []Cell{{ProbeFrames: 3, TemplateFrames: 1, Raw: Distribution{Genuine: 888, GenuinePeople: 222, Impostors: 6192032, EER: 0.004, DET: []stat.Point{point, carried}},
			Identification: &Identification{Gallery: 2081, Mated: 10, Rank1: 0.98, ShortList: 0.99, Points: []OpenPoint{{FPIR: 0.01, Threshold: 0.55, FNIR: 0.05}}}}},
		Taken:  &Taken{Probes: 2977, Templates: 1804, Points: []Point{{FMRAll: 1e-3, Rates: Rates{FMR: 9e-4, FNMR: 0.017}}}},
		Groups: []Group{{Name: "north", People: 12, Rates: Rates{FMR: 0.02}, FMRCI95: stat.Interval{0.01, 0.03}, Times: 20}},
		Albums: []Albums{{Photos: [2]int{6, 9}, People: 74, Genuine: 1708, FNMR: 0.039, FNMRCI95: stat.Interval{0.016, 0.064}}, {Photos: [2]int{20, 0}, People: 1}},
		PAD: &PAD{Threshold: 0.3, Subjects: 8, Points: []PADPoint{{Threshold: 0.3, Living: stat.PADRate{Rate: 0.003},
			Attacks: map[string]stat.PADRate{"screen": {Rate: 0.5}, "print": {}}}, {Threshold: 0.5}}}}
	text := ""
	for _, row := range r.Table() {
		text += row[0] + "|" + row[1] + "\n"
	}
	for _, want := range []string{
		"photos|3811 of 2086 people; 3 failed to be acquired (missing 2, no_face 1)",
		"pairs given|1500 of one person, 1400 of two; accuracy 99.0 % ± 0.20 %, EER 0.80 %",
		"3×1 frames|888 comparisons of one person (222 people), 6192032 of two; EER 0.40 %",
		"  FMR 1e-04|refused 3.10 % (2.10 % to 4.20 %), from 0.412\n",
		"  FMR 1e-06|refused 0 % (0 % to 0 %), from 0.526 (extrapolated, 0.500 to 0.550)",
		"  1:N of 2081|FPIR 1.00 %: FNIR 5.00 %, from 0.550", "  rank 1, list of 20|98.0 %, 99.0 %",
		"photos taken|2977 by a gate, 1804 by an enrolment", "  FMR 1e-03|refused 1.70 % (0 % to 0 %); strangers 0.09 %",
		"by photos of a person|at FMR 1e-04\n", "  6 to 9|74 people, 1708 comparisons: refused 3.90 % (1.60 % to 6.40 %)\n", "  20 or more|1 people",
		"group north|12 people: strangers 2.00 % (1.00 % to 3.00 %), 20.0 times all",
		"  from 0.30 (in force)|living refused 0.30 % (0 % to 0 %); print let through 0 % (0 % to 0 %); screen let through 50.0 %", "  from 0.50|",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if lean := fmt.Sprint((&Report{Cells: []Cell{{Raw: Distribution{}}}}).Table()); strings.Contains(lean, "pairs given") || strings.Contains(lean, "1:N") || strings.Contains(lean, "attacks") || strings.Contains(lean, "by photos") {
		t.Errorf("what was not measured is told: %s", lean)
	}
}

func TestRatesInWords(t *testing.T) {
	for got, want := range map[string]string{
		Percent(0): "0 %", Percent(1): "100.0 %", Percent(0.0999): "9.99 %", Percent(0.000123): "0.012 %",
		counted(nil): "", share(1e-5): "1e-05", thousands(1_200_000): "1,200,000", thousands(7): "7",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
