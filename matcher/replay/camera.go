package replay

import (
	"image"
	"math"
	"math/rand/v2"
)

// camera is a cheap one: a soft lens, exposure by the middle of the picture, grain, and a curve of its own.
type camera struct {
	blur     float64 // pixels, standard deviation
	grain    float64 // of 255
	exposure float64 // mean luma aimed at, linear
	curve    float64
	warm     colour
}

func newCamera(r *rand.Rand) camera {
	return camera{blur: between(r, 0.4, 1.1), grain: between(r, 1, 5), exposure: between(r, 0.14, 0.3), curve: between(r, 2, 2.4),
		warm: colour{between(r, 0.93, 1.07), 1, between(r, 0.93, 1.07)}}
}

// samples is how finely a pixel looks about itself, each way: a lens does not see points, and a sensor's pixel is wide,
// so of a screen's grid only its beating with the sensor's own is left.
const samples = 2

// photograph draws the scene as the camera sees it.
func (s *scene) photograph(r *rand.Rand) image.Image {
	w, h := s.size.X, s.size.Y
	sharp := raster{w, h, make([]colour, w*h)}
	for i := range sharp.pix {
		for k := range samples * samples {
			px := float64(i%w) + (float64(k%samples)+0.5)/samples
			py := float64(i/w) + (float64(k/samples)+0.5)/samples
			sharp.pix[i] = sharp.pix[i].plus(s.seen(px, py).times(1.0 / (samples * samples)))
		}
	}
	return s.camera.develop(r, sharp.blurred(s.camera.blur))
}

// seen is what lies behind a place in the picture, in pixels.
func (s *scene) seen(px, py float64) colour {
	x, y := (px-float64(s.size.X)/2)/(float64(s.size.Y)/2), (py-float64(s.size.Y)/2)/(float64(s.size.Y)/2)
	if c, ok := s.thing.look(s.hold.onThing(x, y, s.thing.aspect())); ok {
		return c
	}
	return s.wall.look(x, y)
}

// develop exposes for the middle, adds grain and bends the curve.
func (c camera) develop(r *rand.Rand, p raster) image.Image {
	var mean float64
	n := 0
	for y := p.h / 4; y < p.h*3/4; y++ {
		for x := p.w / 4; x < p.w*3/4; x++ {
			mean += p.pix[y*p.w+x][1]
			n++
		}
	}
	k := c.exposure / math.Max(mean/float64(n), 1e-3)
	var curve [4096]float64
	for i := range curve {
		curve[i] = 255 * math.Pow(float64(i)/float64(len(curve)-1), 1/c.curve)
	}
	out := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
	for i, v := range p.pix {
		for j := range v {
			light := math.Min(math.Max(v[j]*k*c.warm[j], 0), 1)
			level := curve[int(light*float64(len(curve)-1))] + c.grain*r.NormFloat64()
			out.Pix[4*i+j] = uint8(math.Min(math.Max(level, 0), 255))
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

// blurred is the picture through a lens that is a Gaussian of so many pixels.
func (p raster) blurred(sigma float64) raster {
	reach := int(math.Ceil(2.5 * sigma))
	weights := make([]float64, 2*reach+1)
	var sum float64
	for i := range weights {
		d := float64(i - reach)
		weights[i] = math.Exp(-d * d / (2 * sigma * sigma))
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return p.filtered(weights, 1, 0).filtered(weights, 0, 1)
}

func (p raster) filtered(weights []float64, dx, dy int) raster {
	out := raster{p.w, p.h, make([]colour, len(p.pix))}
	reach := len(weights) / 2
	for i := range p.pix {
		x, y := i%p.w, i/p.w
		for k, weight := range weights {
			d := k - reach
			sx, sy := min(max(x+d*dx, 0), p.w-1), min(max(y+d*dy, 0), p.h-1)
			out.pix[i] = out.pix[i].plus(p.pix[sy*p.w+sx].times(weight))
		}
	}
	return out
}
