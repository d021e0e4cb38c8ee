package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/matcher/evaluate"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// sample is a report with something in every part.
func sample() *evaluate.Report {
	d := evaluate.Distribution{Genuine: 4414, GenuinePeople: 746, Impostors: 7255541, EER: 0.0074,
		Histogram: evaluate.Histogram{Low: -0.5, High: 1, Genuine: []float64{0, 0, 0.2, 0.8}, Impostor: []float64{0.1, 0.8, 0.1, 1e-6}}}
	for _, fmr := range stat.FMRs() {
		d.DET = append(d.DET, stat.Point{FMR: fmr, Threshold: 0.4, FNMR: 0.03, FNMRCI95: stat.Interval{0.02, 0.04}, Extrapolated: fmr < 1e-5})
		d.Lines = append(d.Lines, evaluate.Line{FMR: fmr, FNMR: 0.03})
	}
	r := &evaluate.Report{Made: time.Unix(1, 0).UTC(), Model: "a model", Genuine: 1500, Impostor: 1500, Accuracy: 0.99, EER: 0.0074, DET: d.DET,
		Given: &evaluate.Given{EER: 0.008}, Acquisition: evaluate.Acquisition{Photos: 3811, People: 2086, Reasons: map[string]int{"no_face": 3}}}
	for _, f := range [][2]int{{1, 1}, {3, 1}, {3, 3}} {
		r.Cells = append(r.Cells, evaluate.Cell{ProbeFrames: f[0], TemplateFrames: f[1], Gallery: 2086, Raw: d, C: &d,
			Identification: &evaluate.Identification{Gallery: 2086, Mated: 100, NonMated: 200, Points: []evaluate.OpenPoint{{FPIR: 0.01, Threshold: 0.5}}}})
	}
	r.Taken = &evaluate.Taken{Probes: 2977, Templates: 1804, Points: []evaluate.Point{{FMRAll: 1e-4, Rates: evaluate.Rates{FMR: 8e-5, FNMR: 0.004}}}}
	r.Albums = []evaluate.Albums{{Photos: [2]int{6, 9}, People: 74, Genuine: 1708, FNMR: 0.039}}
	r.Groups = []evaluate.Group{{Name: "north <b>", People: 12, Rates: evaluate.Rates{FMR: 0.02}, Times: 20}}
	rate := stat.PADRate{Rate: 0.1, Presentations: 320, Subjects: 8}
	r.PAD = &evaluate.PAD{Threshold: 0.3, Subjects: 8, Points: []evaluate.PADPoint{{Threshold: 0.3, Living: rate, Attacks: map[string]stat.PADRate{"print": rate}}}}
	r.Simulation = &evaluate.Simulation{Population: 1_200_000, OnSite: 150_000, Method: "made up",
		Steps:        []evaluate.Step{{Name: "one frame", Searched: 1_200_000, FaceOnly: 0.5}},
		Generator:    evaluate.Generator{Checks: []evaluate.Check{{FMR: 1e-3, Real: 0.3, Made: 0.31, Ratio: 1.2}}},
		Extrapolated: []evaluate.Extrapolated{{ProbeFrames: 1, TemplateFrames: 1, FPIR: 0.01, Threshold: 0.7}}}
	return r
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "report")
	if err := Write(dir, sample(), "a set of <faces>", []string{"it is made up"}); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a set of &lt;faces&gt;", "it is made up", "1,200,000", "north &lt;b&gt;", "print (APCER)", "1 in 10,000", "3 against 3",
		`lang="en"`, "0.400 *", "2,977", "1.20×", "20.0×", "Let through: print", "3 against 3</th>"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, not := range []string{"<script", "http://localhost", "src=", "url(", "ZgotmplZ"} {
		if bytes.Contains(page, []byte(not)) {
			t.Errorf("the page holds %q", not)
		}
	}
	for _, table := range []string{"Operating points", "By photos of a person", "Photos that the product takes", "Identification at the gallery’s size", "What each step gives",
		"Made-up strangers against real ones", "Extrapolated by the tail model", "Rates by group", "Presentation attacks", "Photos refused"} {
		_, after, found := strings.Cut(string(page), `aria-label="`+table+`"`)
		if body, _, _ := strings.Cut(after, "</table>"); !found || strings.Count(body, "<tr>") < 2 {
			t.Errorf("the table %q is not there, or empty", table)
		}
	}
	for _, name := range []string{"det.svg", "scores-1x1.svg", "scores-3x1.svg", "scores-3x3.svg"} {
		drawn, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := wellFormed(drawn); err != nil || !bytes.Contains(drawn, []byte("<style>")) || bytes.Contains(drawn, []byte("NaN")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func wellFormed(b []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		_, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// A report without the parts that were not asked for is a page all the same.
func TestALeanReport(t *testing.T) {
	r := sample()
	r.Given, r.Taken, r.PAD, r.Simulation, r.Groups, r.Albums = nil, nil, nil, nil, nil, nil
	for i := range r.Cells {
		r.Cells[i].C, r.Cells[i].Identification = nil, nil
	}
	m := model{Report: r, Source: "lean"}
	b, err := render(m)
	if err != nil || strings.Contains(string(b), "Presentation attacks") || strings.Contains(string(b), "By group") || strings.Contains(string(b), "By photos") {
		t.Error(err)
	}
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if Write(filepath.Join(file, "report"), sample(), "x", nil) == nil {
		t.Error("written into a file")
	}
}

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		count(1_200_000): "1,200,000", count(12): "12", count(999): "999", count(1000): "1,000",
		evaluate.Percent(0): "0 %", evaluate.Percent(0.5): "50.0 %", evaluate.Percent(0.0123): "1.23 %", evaluate.Percent(0.00012): "0.012 %",
		power(1e-4): "1 in 10,000", power(0): "none",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAxes(t *testing.T) {
	x := across(1e-6, 1e-1, true)
	for _, c := range []struct{ v, want float64 }{{1e-6, left}, {1e-1, width - right}, {0, left}, {1, width - right}} {
		if got := x.at(c.v); got != c.want {
			t.Errorf("%g is at %v, want %v", c.v, got, c.want)
		}
	}
	if y := upward(0, 1, false); y.at(0) != height-bottom || y.at(1) != top || y.at(0.5) != (height-bottom+top)/2.0 {
		t.Error("upward")
	}
}
