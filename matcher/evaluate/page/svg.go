package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/kaopass/kaopass/matcher/evaluate"
)

// The size of a drawing, in its own units, and what is around its field.
const (
	width, height = 720, 420
	left, right   = 64, 28
	top, bottom   = 16, 52
)

// axis maps a range of values to a side of the field.
type axis struct {
	low, high   float64 // values at the ends
	from, to    float64 // where they are drawn
	logarithmic bool
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.logarithmic {
		v, low, high = math.Log10(math.Max(v, a.low)), math.Log10(low), math.Log10(high)
	}
	share := math.Min(math.Max((v-low)/(high-low), 0), 1)
	return a.from + share*(a.to-a.from)
}

func across(low, high float64, logarithmic bool) axis {
	return axis{low, high, left, width - right, logarithmic}
}

func upward(low, high float64, logarithmic bool) axis {
	return axis{low, high, height - bottom, top, logarithmic}
}

// drawing is an SVG in the making. Its colours are classes, so that a page in the dark may give them others.
type drawing struct {
	strings.Builder
	x, y axis
}

func begin(x, y axis, title, about string) *drawing {
	d := &drawing{x: x, y: y}
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s. %s">`, width, height,
		template.HTMLEscapeString(title), template.HTMLEscapeString(about))
	return d
}

func (d *drawing) put(format string, args ...any) { fmt.Fprintf(&d.Builder, format+"\n", args...) }

func (d *drawing) end() template.HTML {
	d.put("</svg>")
	return template.HTML(d.String()) //nolint:gosec // G203: every text in it was escaped, the rest is numbers
}

// tick is one line of the grid and what it is called.
type tick struct {
	value float64
	label string
}

func (d *drawing) grid(xs, ys []tick, xName, yName string) {
	for _, t := range xs {
		x := d.x.at(t.value)
		d.put(`<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, x, top, x, height-bottom)
		d.put(`<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>`, x, height-bottom+18, t.label)
	}
	for _, t := range ys {
		y := d.y.at(t.value)
		d.put(`<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>`, left, y, width-right, y)
		d.put(`<text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`, left-8, y+4, t.label)
	}
	d.put(`<text class="name" x="%d" y="%d" text-anchor="middle">%s</text>`, (left+width-right)/2, height-10, xName)
	d.put(`<text class="name" transform="translate(14 %d) rotate(-90)" text-anchor="middle">%s</text>`, (top+height-bottom)/2, yName)
}

// path draws a line through points.
func (d *drawing) path(class string, points [][2]float64) {
	var b strings.Builder
	for i, p := range points {
		verb := 'L'
		if i == 0 {
			verb = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", verb, d.x.at(p[0]), d.y.at(p[1]))
	}
	d.put(`<path class="%s" d="%s"/>`, class, b.String())
}

// legend names the lines, one under the other from a corner.
func (d *drawing) legend(x, y float64, entries [][2]string) {
	for i, e := range entries {
		row := y + float64(i)*20
		d.put(`<line class="line %s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, e[0], x, row-4, x+28, row-4)
		d.put(`<text class="name" x="%.1f" y="%.1f">%s</text>`, x+36, row, template.HTMLEscapeString(e[1]))
	}
}

func decades(from, to int) (out []tick) {
	for e := from; e <= to; e++ {
		label := fmt.Sprintf("10<tspan class=\"power\" dy=\"-5\">%d</tspan>", e)
		switch {
		case e == 0:
			label = "1"
		case e >= -3:
			label = fmt.Sprintf("%.4g %%", 100*math.Pow(10, float64(e)))
		}
		out = append(out, tick{math.Pow(10, float64(e)), label})
	}
	return out
}

// DET draws how many are refused against how many strangers are let through, for every number of frames, on logarithmic
// axes; the marks are the report's operating points with their 95 % intervals.
func DET(r *evaluate.Report) template.HTML {
	d := begin(across(1e-6, 1e-1, true), upward(1e-3, 1, true), "Detection error trade-off",
		"Share of genuine comparisons refused against share of strangers accepted; the table below has the numbers")
	d.grid(decades(-6, -1), decades(-3, 0), "strangers accepted (FMR)", "genuine refused (FNMR)")
	var entries [][2]string
	for i, c := range r.Cells {
		class := fmt.Sprintf("s%d", i%3+1)
		var points [][2]float64
		for _, l := range c.Raw.Lines {
			if l.FMR <= 1e-1 {
				points = append(points, [2]float64{l.FMR, l.FNMR})
			}
		}
		d.path("line "+class, points)
		for _, p := range c.Raw.DET {
			x := d.x.at(p.FMR) + float64(i-1)*5 // beside each other, so that intervals do not cover one another
			d.put(`<line class="line bar %s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x, d.y.at(p.FNMRCI95[0]), x, d.y.at(p.FNMRCI95[1]))
			d.put(`<circle class="dot %s" cx="%.1f" cy="%.1f" r="4"/>`, class, x, d.y.at(p.FNMR))
		}
		entries = append(entries, [2]string{class, frames(c)})
	}
	d.legend(width-right-190, top+22, entries)
	return d.end()
}

// Scores draws how similar one person's photos are, and two people's, on a logarithmic axis: tails are what matters.
func Scores(c evaluate.Cell) template.HTML {
	h := c.Raw.Histogram
	d := begin(across(h.Low, h.High, false), upward(1e-7, 1, true), "Similarities with "+frames(c),
		"Two distributions: comparisons of two people lie low, of one person high")
	var xs []tick
	for v := -0.4; v < 1.01; v += 0.2 {
		xs = append(xs, tick{v, fmt.Sprintf("%.1f", v+1e-9)})
	}
	d.grid(xs, decades(-7, 0), "similarity (cosine)", "share of comparisons")
	for i, side := range [][]float64{h.Impostor, h.Genuine} {
		class := fmt.Sprintf("s%d", 2-i)
		var points [][2]float64
		step := (h.High - h.Low) / float64(len(side))
		for k, share := range side {
			x := h.Low + float64(k)*step
			points = append(points, [2]float64{x, share}, [2]float64{x + step, share})
		}
		d.path("area "+class, append(append([][2]float64{{h.Low, 0}}, points...), [2]float64{h.High, 0}))
		d.path("line "+class, points)
	}
	for _, p := range c.Raw.DET {
		if p.FMR == 1e-4 {
			x := d.x.at(p.Threshold)
			d.put(`<line class="mark" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, x, top, x, height-bottom)
			d.put(`<text class="name" x="%.1f" y="%d">FMR 1 in 10,000</text>`, x+6, top+14)
		}
	}
	d.legend(left+16, top+22, [][2]string{{"s2", "two people"}, {"s1", "one person"}})
	return d.end()
}

func frames(c evaluate.Cell) string {
	return fmt.Sprintf("%d against %d", c.ProbeFrames, c.TemplateFrames)
}
