// Package page draws an evaluation's report: one HTML file that needs nothing beside it, and its plots as SVG files.
//
// Start at [Write]. The plots are ours: a library that draws them brings fonts, PDF and 10 MB, and neither the dark nor
// a name for who cannot see them. What stays true: a page holds what the report holds, and a report holds no face.
package page

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/kaopass/kaopass/matcher/evaluate"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

//go:embed report.html
var page string

//go:embed report.css
var style string

//go:embed plot.css
var plotStyle string

// model is what the page draws.
type model struct {
	*evaluate.Report
	Source string
	Limits []string
	Style  template.CSS
	DETs   template.HTML
	Plots  []plot
}

type plot struct {
	File, Title string
	Drawing     template.HTML
}

// Write writes index.html and the plots into a folder, which it makes. The source says whose faces were measured, the
// limits what they cannot show.
func Write(dir string, r *evaluate.Report, source string, limits []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	m := model{Report: r, Source: source, Limits: limits, Style: template.CSS(style + plotStyle), DETs: DET(r)} //nolint:gosec // G203: ours
	for _, c := range r.Cells {
		m.Plots = append(m.Plots, plot{fmt.Sprintf("scores-%dx%d.svg", c.ProbeFrames, c.TemplateFrames), frames(c), Scores(c)})
	}
	drawn, err := render(m)
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(dir, "index.html"), drawn, 0o644)
	for _, p := range append(m.Plots, plot{File: "det.svg", Drawing: m.DETs}) {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, p.File), alone(p.Drawing), 0o644))
	}
	return err
}

// alone gives a plot the style that it has from the page otherwise.
func alone(drawing template.HTML) []byte {
	return []byte(strings.Replace(string(drawing), ">\n", "><style>"+plotStyle+"</style>\n", 1))
}

func render(m model) ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{
		"percent": evaluate.Percent, "interval": interval, "frames": frames, "power": power, "count": count, "score": score, "times": times,
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, m)
	return b.Bytes(), err
}

func interval(i stat.Interval) string {
	return evaluate.Percent(i[0]) + " – " + evaluate.Percent(i[1])
}

// power is a rare rate as one in so many.
func power(rate float64) string {
	if rate <= 0 {
		return "none"
	}
	return "1 in " + count(int64(math.Round(1/rate)))
}

func score(v float64) string { return fmt.Sprintf("%.3f", v) }

// times is how often, to the hundredth where that says something.
func times(v float64) string {
	if v < 2 {
		return fmt.Sprintf("%.2f×", v)
	}
	return fmt.Sprintf("%.1f×", v)
}

// count is a whole number with its thousands apart.
func count(v any) string {
	text := fmt.Sprint(v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
