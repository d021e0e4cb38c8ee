package matcher

import "math"

// A flat thing (a print, a phone, a monitor) shows, however it is held, moved, tilted or lit, one and the same picture
// under a homography, brighter or darker; a head does not. So two frames are laid over each other by the homography and
// the gain that fit best (Lucas and Kanade, 1981; Hartley and Zisserman, 2004, section 8.1), and what is left over tells
// whether one flat picture could have made both.
const (
	thumbSide = 56 // pixels of a thumb's side
)

// thumb is a face as align drew it, small and grey, kept while its capture lasts and never shown or stored.
type thumb struct {
	fine   []float64 // thumbSide squared
	coarse []float64 // half of it
	spread float64   // standard deviation of the face's luma
}

// thumb takes the aligned face before anything draws over it.
func (w *workspace) thumb() thumb {
	fine := smooth(halve32(w.luma[:alignSide*alignSide]), thumbSide)
	t := thumb{fine: fine, coarse: smooth(halve(fine, thumbSide), thumbSide/2)}
	var n, sum, square float64
	for i, v := range fine {
		if onFace(i, thumbSide) {
			n, sum, square = n+1, sum+v, square+v*v
		}
	}
	t.spread = math.Sqrt(math.Max(square/n-sum*sum/n/n, 1))
	return t
}

// mirrored is the thumb turned around.
func (t thumb) mirrored() thumb {
	return thumb{turnedAround(t.fine, thumbSide), turnedAround(t.coarse, thumbSide/2), t.spread}
}

// onFace leaves out what is not face: the corners, where hair and the wall are.
func onFace(i, side int) bool {
	x := (float64(i%side)+0.5)/float64(side) - 0.5
	y := (float64(i/side)+0.5)/float64(side) - 0.6
	return x*x+y*y < 0.36*0.36
}

// unlike answers how much of a's contrast is left when the best flat motion of b is taken away: 0 for the same flat
// picture, 1 for two that have nothing in common. The search begins from several places: where a picture is held so that
// its points are found elsewhere, the two are not drawn to the same size.
func unlike(a, b thumb) float64 {
	best, least := overlay{}, math.Inf(1)
	for _, begin := range overlayBegins() {
		f := overlay{h: begin, gain: 1}
		if left := f.fit(a.coarse, b.coarse, thumbSide/2); left < least {
			best, least = f, left
		}
		if math.Sqrt(least) < overlayClear*a.spread {
			break
		}
	}
	if coarse := math.Sqrt(least) / a.spread; coarse > overlayFar {
		return coarse
	}
	best.fit(a.fine, b.fine, thumbSide)
	return math.Sqrt(best.structure(a.fine, b.fine)) / a.spread
}

// structure is the mean square of what is left over once it is smoothed: a camera's grain goes, a moved lip stays.
func (f *overlay) structure(a, b []float64) float64 {
	left := make([]float64, len(a))
	for i, want := range a {
		p := f.place(i, thumbSide)
		value, _, _ := bilinear(b, thumbSide, p.column, p.row)
		left[i] = want - f.gain*value - f.lift
	}
	var square, n float64
	for i, v := range smooth(left, thumbSide) {
		if onFace(i, thumbSide) {
			square, n = square+v*v, n+1
		}
	}
	return square / n
}

// What the coarse search leaves: less, and it begins nowhere else; more, and a finer one would not bring them together.
const (
	overlayClear = 0.1
	overlayFar   = 0.5
)

// overlayBegins are as it is, smaller and larger, narrower and wider, and leaning to either side.
func overlayBegins() [7][8]float64 {
	return [7][8]float64{{}, {0: 0.3, 4: 0.3}, {0: -0.25, 4: -0.25}, {0: 0.3}, {0: -0.25},
		{1: -0.25, 3: 0.25}, {1: 0.25, 3: -0.25}}
}

// overlay is how b lies over a: a(x) ≈ gain·b(H x) + lift.
type overlay struct {
	h          [8]float64 // what the homography differs from none by, in units of half a side; its last number is 1
	gain, lift float64
}

// The search for an overlay (Levenberg and Marquardt).
const (
	overlaySteps   = 20
	overlayTries   = 4    // of one step, each more careful
	overlayEnough  = 1e-3 // of the remainder: a step that gains less is the last
	overlayNumbers = 10
)

// fit improves the overlay as far as it goes and answers the mean square that is left.
func (f *overlay) fit(a, b []float64, side int) float64 {
	care := 1e-3
	left := f.remainder(a, b, side, nil)
	for range overlaySteps {
		var normal equations
		f.remainder(a, b, side, &normal)
		gained := false
		for range overlayTries {
			next, ok := f.moved(normal.solve(care))
			if after := next.remainder(a, b, side, nil); ok && after < left {
				gained = left-after > overlayEnough*left
				*f, left, care = next, after, math.Max(care/5, 1e-6)
				break
			}
			care *= 8
		}
		if !gained {
			break
		}
	}
	return left
}

func (f overlay) moved(d [overlayNumbers]float64, ok bool) (overlay, bool) {
	for i := range f.h {
		f.h[i] += d[i]
	}
	f.gain, f.lift = f.gain+d[8], f.lift+d[9]
	return f, ok
}

// place is where a pixel of a lies in b.
type place struct {
	u, v, depth float64 // in a, from −1 to 1, and by how much it is farther away
	x, y        float64 // in b, from −1 to 1
	column, row float64 // in b, in pixels
	half        float64 // of the side
}

func (f *overlay) place(i, side int) (p place) {
	p.half = float64(side-1) / 2
	p.u, p.v = (float64(i%side)-p.half)/p.half, (float64(i/side)-p.half)/p.half
	p.depth = 1 + f.h[6]*p.u + f.h[7]*p.v
	p.x = ((1+f.h[0])*p.u + f.h[1]*p.v + f.h[2]) / p.depth
	p.y = (f.h[3]*p.u + (1+f.h[4])*p.v + f.h[5]) / p.depth
	p.column, p.row = p.x*p.half+p.half, p.y*p.half+p.half
	return p
}

// remainder is the mean square of a − gain·b(H x) − lift over the face; with equations, it adds each pixel's to them.
func (f *overlay) remainder(a, b []float64, side int, e *equations) float64 {
	var square, n float64
	for i, want := range a {
		if !onFace(i, side) {
			continue
		}
		p := f.place(i, side)
		value, gx, gy := bilinear(b, side, p.column, p.row)
		r := want - f.gain*value - f.lift
		square, n = square+r*r, n+1
		if e != nil {
			gx, gy = gx*p.half*f.gain/p.depth, gy*p.half*f.gain/p.depth
			t := -(gx*p.x + gy*p.y)
			e.add([overlayNumbers]float64{gx * p.u, gx * p.v, gx, gy * p.u, gy * p.v, gy, t * p.u, t * p.v, value, 1}, r)
		}
	}
	return square / n
}

// bilinear is a picture's value and slope at a place, its edge outside.
func bilinear(p []float64, side int, x, y float64) (value, gx, gy float64) {
	limit := float64(side) - 1.001
	x, y = math.Min(math.Max(x, 0), limit), math.Min(math.Max(y, 0), limit)
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	o := iy*side + ix
	p00, p10, p01, p11 := p[o], p[o+1], p[o+side], p[o+side+1]
	gx = (p10-p00)*(1-fy) + (p11-p01)*fy
	gy = (p01-p00)*(1-fx) + (p11-p10)*fx
	return (p00*(1-fx)+p10*fx)*(1-fy) + (p01*(1-fx)+p11*fx)*fy, gx, gy
}

// equations are the normal equations of a least-squares step.
type equations struct {
	h [overlayNumbers][overlayNumbers]float64 // the lower half
	g [overlayNumbers]float64
}

func (e *equations) add(j [overlayNumbers]float64, r float64) {
	for i, v := range j {
		e.g[i] += v * r
		row := &e.h[i]
		for k := 0; k <= i; k++ {
			row[k] += v * j[k]
		}
	}
}

// solve answers the damped step by Cholesky's decomposition; not ok where there is none.
func (e *equations) solve(care float64) (d [overlayNumbers]float64, ok bool) {
	l := e.h
	for i := range l {
		l[i][i] *= 1 + care
		for k := 0; k <= i; k++ {
			sum := l[i][k]
			for m := range k {
				sum -= l[i][m] * l[k][m]
			}
			if i != k {
				l[i][k] = sum / l[k][k]
				continue
			}
			if sum <= 1e-12 {
				return d, false
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	for i := range d {
		d[i] = e.g[i]
		for k := range i {
			d[i] -= l[i][k] * d[k]
		}
		d[i] /= l[i][i]
	}
	for i := len(d) - 1; i >= 0; i-- {
		for k := i + 1; k < len(d); k++ {
			d[i] -= l[k][i] * d[k]
		}
		d[i] /= l[i][i]
	}
	return d, true
}

// halve32 is halve for what align draws.
func halve32(p []float32) []float64 {
	wide := make([]float64, len(p))
	for i, v := range p {
		wide[i] = float64(v)
	}
	return halve(wide, alignSide)
}

// halve averages squares of four pixels.
func halve(p []float64, side int) []float64 {
	half := side / 2
	out := make([]float64, half*half)
	for i := range out {
		o := i/half*2*side + i%half*2
		out[i] = (p[o] + p[o+1] + p[o+side] + p[o+side+1]) / 4
	}
	return out
}

// smooth weighs each pixel with its neighbours, 1 2 1 both ways.
func smooth(p []float64, side int) []float64 {
	out := make([]float64, len(p))
	at := func(x, y int) float64 { return p[min(max(y, 0), side-1)*side+min(max(x, 0), side-1)] }
	for i := range out {
		x, y := i%side, i/side
		for d, k := range [3]float64{1, 2, 1} {
			out[i] += k * (at(x-1, y+d-1) + 2*at(x, y+d-1) + at(x+1, y+d-1)) / 16
		}
	}
	return out
}

func turnedAround(p []float64, side int) []float64 {
	out := make([]float64, len(p))
	for i := range out {
		out[i] = p[i/side*side+side-1-i%side]
	}
	return out
}
