package replay

import (
	"math"
	"math/rand/v2"
)

// paper is a print: ink that is never quite black on a sheet that is never quite white, in dots, with the light of the
// room on it.
type paper struct {
	face         raster
	bend         float64 // radians from the middle to the edge; 0 is flat
	margin       float64 // white around the picture, in half-heights
	ink, blank   float64 // reflectance
	tint         colour
	dots         float64 // over the height
	screening    float64 // how much the dots show
	lightX, slop float64 // from which side the light comes, and how much
	gloss        float64
}

func newPaper(r *rand.Rand, face raster, bend float64) *paper {
	return &paper{face: face, bend: bend, margin: between(r, 0, 0.12), ink: between(r, 0.03, 0.1), blank: between(r, 0.6, 0.85),
		tint: colour{between(r, 0.95, 1.05), 1, between(r, 0.85, 1.02)}, dots: between(r, 300, 900),
		screening: between(r, 0, 0.25), lightX: between(r, -1, 1), slop: between(r, 0, 0.35), gloss: between(r, 0, 0.25)}
}

func (p *paper) show(face raster) { p.face = face }

func (p *paper) aspect() float64 { return float64(p.face.w) / float64(p.face.h) }

func (p *paper) look(u, v float64) (colour, bool) {
	light := 1.0
	if p.bend > 0 { // seen from before a cylinder: what is at its edge is foreshortened and turned from the light
		s := u * math.Sin(p.bend)
		if math.Abs(s) >= 1 {
			return colour{}, false
		}
		angle := math.Asin(s)
		u, light = angle/p.bend, math.Max(math.Cos(angle-0.5*p.lightX), 0)
	}
	edge := 1 + p.margin
	if math.Abs(u) > edge || math.Abs(v) > edge {
		return colour{}, false
	}
	light *= 1 + p.slop*p.lightX*u
	reflect := colour{1, 1, 1}
	if math.Abs(u) <= 1 && math.Abs(v) <= 1 {
		reflect = p.face.at((u+1)/2*float64(p.face.w)-0.5, (v+1)/2*float64(p.face.h)-0.5)
		dot := math.Cos(2*math.Pi*p.dots*(u*p.aspect()+v)/2) * math.Cos(2*math.Pi*p.dots*(u*p.aspect()-v)/2)
		for i := range reflect {
			reflect[i] = math.Max(reflect[i]*(1+p.screening*dot), 0)
		}
	}
	var c colour
	for i := range c {
		c[i] = (p.ink + (p.blank-p.ink)*math.Min(reflect[i], 1)) * p.tint[i] * light
	}
	shine := p.gloss * math.Exp(-8*(u-p.lightX)*(u-p.lightX))
	return c.plus(colour{shine, shine, shine}), true
}
