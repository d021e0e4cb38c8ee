package replay

import (
	"math"
	"math/rand/v2"
)

// screen is a display: light through a grid of red, green and blue stripes, behind glass that mirrors the room.
type screen struct {
	face     raster // as the display's own curve shows it
	gamma    float64
	bezel    bezel
	lines    float64 // of pixels over the height shown
	grid     float64 // how dark it is between them, 0 to 1
	white    colour  // its white
	black    float64 // what it shines where it should not
	veil     colour  // of the room, mirrored all over
	glare    []blob  // of its lamps
	vignette float64 // how much darker at a slant
}

// bezel is what surrounds the picture, in half-heights.
type bezel struct {
	side, end float64
	round     float64
	c         colour
}

func phoneBezel(r *rand.Rand) bezel {
	k := between(r, 0.004, 0.03)
	return bezel{side: between(r, 0.02, 0.06), end: between(r, 0.02, 0.14), round: between(r, 0.05, 0.15), c: colour{k, k, k}}
}

func monitorBezel(r *rand.Rand) bezel {
	k := between(r, 0.004, 0.08)
	return bezel{side: between(r, 0.03, 0.09), end: between(r, 0.04, 0.12), c: colour{k, k, k * 1.05}}
}

func newScreen(r *rand.Rand, face raster, b bezel, lines int) *screen {
	s := &screen{bezel: b, lines: float64(lines), grid: between(r, 0.05, 0.4),
		white: colour{between(r, 0.8, 1), 1, between(r, 0.95, 1.2)}, black: between(r, 0.002, 0.02),
		vignette: between(r, 0, 0.25)}
	s.gamma = between(r, 0.9, 1.15)
	s.show(face)
	k := between(r, 0, 0.05)
	s.veil = colour{k, k, k}
	for range r.IntN(3) {
		light := between(r, 0.05, 0.6)
		s.glare = append(s.glare, blob{between(r, -1, 1), between(r, -1, 1), between(r, 0.05, 0.4), between(r, 0.05, 0.3), colour{light, light, light * 0.95}})
	}
	return s
}

func (s *screen) show(face raster) { s.face = face.curved(s.gamma) }

func (s *screen) aspect() float64 { return float64(s.face.w) / float64(s.face.h) }

func (s *screen) look(u, v float64) (colour, bool) {
	if math.Abs(u) > 1 || math.Abs(v) > 1 {
		return s.bezel.c, s.bezel.holds((math.Abs(u)-1)*s.aspect(), math.Abs(v)-1)
	}
	shown := s.face.at((u+1)/2*float64(s.face.w)-0.5, (v+1)/2*float64(s.face.h)-0.5)
	row, column := (v+1)/2*s.lines, (u+1)/2*s.lines*s.aspect()
	dark := 1 - s.vignette*(u*u+v*v)/2
	dark *= 1 - s.grid*(0.5+0.5*math.Cos(2*math.Pi*row))
	sin, cos := math.Sincos(2 * math.Pi * column)
	const half, root = 0.5, 0.8660254037844386 // of the cosine and sine of a third of a turn
	var c colour
	for i, wave := range [3]float64{cos, -half*cos + root*sin, -half*cos - root*sin} { // red, green and blue beside each other
		stripe := 1 - s.grid*(0.5+0.5*wave)
		c[i] = (shown[i]*(1-s.black) + s.black) * s.white[i] * stripe * dark
	}
	c = c.plus(s.veil)
	for _, g := range s.glare {
		dx, dy := (u-g.x)/g.rx, (v-g.y)/g.ry
		if far := dx*dx + dy*dy; far < 4 {
			c = c.plus(g.c.times(math.Exp(-2 * far)))
		}
	}
	return c, true
}

// holds reports whether a place so far outside of the picture is still on the frame.
func (b bezel) holds(dx, dy float64) bool {
	dx, dy = math.Max(dx, 0), math.Max(dy, 0)
	if dx > b.side || dy > b.end {
		return false
	}
	return b.round == 0 || dx < 1e-9 || dy < 1e-9 || math.Hypot(dx/b.side, dy/b.end) < 1+b.round
}
