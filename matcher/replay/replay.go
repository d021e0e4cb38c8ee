// Package replay draws pictures of pictures: a face on a phone, a monitor or a sheet of paper, held before a camera. It
// makes presentation attacks (ISO/IEC 30107-3) to measure with where nobody may photograph anybody.
//
// Start at [Draw], or at [Approach] for the frames of one attempt. Everything is drawn from a seed: the same face, kind
// and seed are the same picture on every machine.
//
// What stays true: a simulation shows what it was told to show. Its glare, bezels and moiré are modelled on how screens
// and cameras work and were fitted to no detector, and what a detector lets through here is no certificate of what it
// lets through in the world.
package replay

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// Kind is a way to show somebody a face that is not there.
type Kind string

// The kinds.
const (
	Phone      Kind = "phone"      // a phone's screen with its bezel and a hand's breadth of room around it
	Monitor    Kind = "monitor"    // a desktop screen, its frame partly in the picture
	Borderless Kind = "borderless" // a screen that fills the picture
	Paper      Kind = "paper"      // a printed sheet, held flat
	Bent       Kind = "bent"       // a printed sheet, bent about the vertical as a face is
)

// Kinds lists every Kind.
func Kinds() []Kind { return []Kind{Phone, Monitor, Borderless, Paper, Bent} }

// What a simulated camera's picture measures, in pixels.
const (
	Width  = 640
	Height = 480
)

// Draw shows a face in the given way and photographs it: one frame.
func Draw(kind Kind, seed uint64, face image.Image) image.Image {
	return Approach(kind, seed, face, 1)[0]
}

// Approach is several frames of one attempt: the same thing in the same light, in a hand that is not quite still.
func Approach(kind Kind, seed uint64, face image.Image, frames int) []image.Image {
	return Film(kind, seed, slices.Repeat([]image.Image{face}, frames))
}

// Film is an attempt that shows one picture after another, all of one size: a recording, or photos shown by turns.
func Film(kind Kind, seed uint64, shown []image.Image) []image.Image {
	return film(kind, seed, shown, image.Point{X: Width, Y: Height})
}

func film(kind Kind, seed uint64, shown []image.Image, size image.Point) []image.Image {
	r := rand.New(rand.NewPCG(seed, hash(kind)))
	s := scene{size: size}
	out := make([]image.Image, len(shown))
	for i, img := range shown {
		if i == 0 {
			s = newScene(kind, r, picture(img), size)
		} else if img != shown[i-1] {
			s.thing.show(picture(img))
		}
		out[i] = s.photograph(r)
		s.hold.sway(r)
	}
	return out
}

// hash keeps the kinds' random numbers apart.
func hash(k Kind) (h uint64) {
	for _, c := range []byte(k) {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return h
}

// colour is linear light, 0 to 1.
type colour [3]float64

func (c colour) times(k float64) colour { return colour{c[0] * k, c[1] * k, c[2] * k} }

func (c colour) plus(d colour) colour { return colour{c[0] + d[0], c[1] + d[1], c[2] + d[2]} }

// mix is c where k is 0 and d where it is 1.
func (c colour) mix(d colour, k float64) colour { return c.times(1 - k).plus(d.times(k)) }

// raster is a picture in linear light.
type raster struct {
	w, h int
	pix  []colour
}

// picture takes an image into linear light (sRGB's curve as a power of 2.2).
func picture(img image.Image) raster {
	b := img.Bounds()
	p := raster{b.Dx(), b.Dy(), make([]colour, b.Dx()*b.Dy())}
	var light [256]float64
	for i := range light {
		light[i] = math.Pow(float64(i)/255, 2.2)
	}
	for i := range p.pix {
		r, g, bl, _ := img.At(b.Min.X+i%p.w, b.Min.Y+i/p.w).RGBA()
		p.pix[i] = colour{light[r>>8], light[g>>8], light[bl>>8]}
	}
	return p
}

// at is the picture between its pixels, its edge outside.
func (p raster) at(x, y float64) colour {
	x, y = math.Min(math.Max(x, 0), float64(p.w)-1.001), math.Min(math.Max(y, 0), float64(p.h)-1.001)
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	o, right, down := iy*p.w+ix, 1, p.w
	if ix+1 >= p.w {
		right = 0
	}
	if iy+1 >= p.h {
		down = 0
	}
	return p.pix[o].mix(p.pix[o+right], fx).mix(p.pix[o+down].mix(p.pix[o+down+right], fx), fy)
}

// curved is the picture with another gamma.
func (p raster) curved(gamma float64) raster {
	out := raster{p.w, p.h, make([]colour, len(p.pix))}
	for i, c := range p.pix {
		for j := range c {
			out.pix[i][j] = math.Pow(c[j], gamma)
		}
	}
	return out
}
