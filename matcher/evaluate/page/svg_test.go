package page

import (
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// shape is an element of a drawing, as far as the tests look at it.
type shape struct {
	XMLName xml.Name
	Class   string  `xml:"class,attr"`
	D       string  `xml:"d,attr"`
	X1      float64 `xml:"x1,attr"`
	Y1      float64 `xml:"y1,attr"`
	Y2      float64 `xml:"y2,attr"`
	CX      float64 `xml:"cx,attr"`
	CY      float64 `xml:"cy,attr"`
	Text    string  `xml:",chardata"`
}

func shapes(t *testing.T, drawing any) []shape {
	t.Helper()
	var svg struct {
		All []shape `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(fmt.Sprint(drawing)), &svg); err != nil {
		t.Fatal(err)
	}
	return svg.All
}

func classed(all []shape, class string) (out []shape) {
	for _, s := range all {
		if strings.HasPrefix(s.Class, class) {
			out = append(out, s)
		}
	}
	return out
}

var numbers = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// inField reports whether every number of a path lies within the drawing.
func inField(path string) bool {
	for i, text := range numbers.FindAllString(path, -1) {
		v, err := strconv.ParseFloat(text, 64)
		limit := float64(width)
		if i%2 == 1 {
			limit = height
		}
		if err != nil || v < 0 || v > limit {
			return false
		}
	}
	return true
}

// An operating point is drawn where its rates are, its interval through it, and a point of no refusals on the ground.
func TestPointsLieWhereTheyBelong(t *testing.T) {
	points := []stat.Point{{FMR: 1e-4, FNMR: 0.1, FNMRCI95: stat.Interval{0.05, 0.2}}, {FMR: 1e-2, FNMR: 0, FNMRCI95: stat.Interval{0, 0.02}}}
	cell := evaluate.Cell{ProbeFrames: 1, TemplateFrames: 1, Raw: evaluate.Distribution{DET: points,
		Lines: []evaluate.Line{{FMR: 0.5, FNMR: 0.001}, {FMR: 1e-2, FNMR: 0.03}, {FMR: 1e-5, FNMR: 1}}}}
	all := shapes(t, DET(&evaluate.Report{Cells: []evaluate.Cell{cell, cell, cell, cell}}))
	dots, bars := classed(all, "dot"), classed(all, "line bar")
	if len(dots) != 8 || len(bars) != 8 {
		t.Fatalf("%d points, %d intervals", len(dots), len(bars))
	}
	x, y := across(1e-6, 1e-1, true), upward(1e-3, 1, true)
	if math.Abs(dots[2].CX-x.at(1e-4)) > 0.1 || math.Abs(dots[2].CY-y.at(0.1)) > 0.1 {
		t.Errorf("one in ten thousand, a tenth refused, is at %v, %v", dots[2].CX, dots[2].CY)
	}
	if dots[3].CY != height-bottom {
		t.Errorf("nobody refused is at %v, the ground is %d", dots[3].CY, height-bottom)
	}
	for i, d := range dots {
		if b := bars[i]; b.X1 != d.CX || b.Y1 < d.CY || b.Y2 > d.CY {
			t.Errorf("point %d at %v, %v, its interval at %v from %v to %v", i, d.CX, d.CY, b.X1, b.Y1, b.Y2)
		}
	}
	if dots[0].CX >= dots[2].CX || dots[2].CX >= dots[4].CX {
		t.Error("marks of several numbers of frames cover one another")
	}
	for _, p := range classed(all, "line s") {
		if p.D != "" && (!inField(p.D) || strings.Count(p.D, "L") != 1) {
			t.Errorf("the line %q: more than a tenth of all strangers is not drawn", p.D)
		}
	}
}

// Bars stand on the ground and none reaches above all comparisons; the threshold of one in ten thousand is marked once.
func TestSimilaritiesAreDrawn(t *testing.T) {
	h := evaluate.Histogram{Low: -0.5, High: 1, Genuine: []float64{0, 0, 1}, Impostor: []float64{0.5, 0.5, 0}}
	cell := evaluate.Cell{ProbeFrames: 3, TemplateFrames: 1, Raw: evaluate.Distribution{Histogram: h,
		DET: []stat.Point{{FMR: 1e-3, Threshold: 0.3}, {FMR: 1e-4, Threshold: 0.4}}}}
	all := shapes(t, Scores(cell))
	marks, areas := classed(all, "mark"), classed(all, "area")
	if want := across(h.Low, h.High, false).at(0.4); len(marks) != 1 || math.Abs(marks[0].X1-want) > 0.1 {
		t.Errorf("%+v, want one at %v", marks, want)
	}
	if len(areas) != 2 {
		t.Fatalf("%d areas", len(areas))
	}
	ground := fmt.Sprintf("M%.1f %.1f", float64(left), float64(height-bottom))
	for _, a := range areas {
		if !inField(a.D) || !strings.HasPrefix(a.D, ground) || !strings.HasSuffix(a.D, fmt.Sprintf(" %.1f", float64(height-bottom))) {
			t.Errorf("an area that does not stand on the ground: %q", a.D)
		}
	}
	if !strings.Contains(areas[1].D, fmt.Sprintf(" %.1fL", float64(top))) {
		t.Errorf("all of one person's comparisons are in one bar, which does not reach the top: %q", areas[1].D)
	}
	if text := fmt.Sprint(Scores(cell)); !strings.Contains(text, "3 against 1") || !strings.Contains(text, `role="img"`) {
		t.Error("whoever does not see it is not told what it is")
	}
}

// What is written under a tick is its value.
func TestTicks(t *testing.T) {
	got := ""
	for _, x := range decades(-5, 0) {
		got += x.label + ";"
	}
	if want := `10<tspan class="power" dy="-5">-5</tspan>;10<tspan class="power" dy="-5">-4</tspan>;0.1 %;1 %;10 %;1;`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	d := begin(across(0, 1, false), upward(0, 1, false), `a "title" <b>`, "about & more")
	d.grid([]tick{{0, "low"}, {1, "high"}}, []tick{{0.5, "middle"}}, "x", "y")
	d.legend(10, 10, [][2]string{{"s1", "<one>"}})
	all := shapes(t, d.end())
	if lines := classed(all, "grid"); len(lines) != 3 || lines[0].X1 != left || lines[1].X1 != width-right || lines[2].Y1 != (height-bottom+top)/2.0 {
		t.Errorf("%+v", lines)
	}
	if names := classed(all, "name"); names[len(names)-1].Text != "<one>" {
		t.Errorf("%+v", names)
	}
}
