package replay

import (
	"image"
	"math"
	"math/rand/v2"
)

// scene is a thing with a face on it, held before a wall, and the camera that looks at it.
type scene struct {
	thing  thing
	hold   hold
	wall   wall
	camera camera
	size   image.Point // of the photograph, in pixels
}

// thing is what is held: in its own coordinates, u and v from −1 to 1 over the picture that it shows, it says how it
// looks there; ok is false beside it.
type thing interface {
	look(u, v float64) (c colour, ok bool)
	aspect() float64 // width over height of the picture shown
	show(face raster)
}

func newScene(kind Kind, r *rand.Rand, face raster, size image.Point) scene {
	s := scene{wall: newWall(r), camera: newCamera(r), size: size}
	switch kind {
	case Phone:
		s.thing, s.hold = newScreen(r, face, phoneBezel(r), 360+r.IntN(200)), newHold(r, between(r, 0.72, 0.95))
	case Monitor:
		s.thing, s.hold = newScreen(r, face, monitorBezel(r), 900+r.IntN(500)), newHold(r, between(r, 0.88, 1.05))
	case Borderless:
		s.thing, s.hold = newScreen(r, face, bezel{}, 900+r.IntN(800)), newHold(r, between(r, 1.25, 1.5))
	case Paper:
		s.thing, s.hold = newPaper(r, face, 0), newHold(r, between(r, 0.75, 1.05))
	case Bent:
		s.thing, s.hold = newPaper(r, face, between(r, 0.4, 0.9)), newHold(r, between(r, 0.75, 1.05))
	}
	return s
}

func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// hold is where the thing is: how large, where, and how it leans.
type hold struct{ scale, x, y, roll, yaw, pitch float64 }

// newHold draws how a thing is held; share is how much of the picture's height it fills.
func newHold(r *rand.Rand, share float64) hold {
	return hold{scale: share, x: between(r, -0.08, 0.08), y: between(r, -0.06, 0.06), roll: between(r, -0.08, 0.08),
		yaw: between(r, -0.25, 0.25), pitch: between(r, -0.2, 0.2)}
}

// sway is what a hand does between two frames.
func (h *hold) sway(r *rand.Rand) {
	h.x += 0.008 * r.NormFloat64()
	h.y += 0.008 * r.NormFloat64()
	h.scale *= 1 + 0.008*r.NormFloat64()
	h.roll += 0.01 * r.NormFloat64()
	h.yaw += 0.02 * r.NormFloat64()
	h.pitch += 0.02 * r.NormFloat64()
}

// distance is how far the camera stands, in half-heights of the thing: what is nearer looks larger.
const distanceOf = 4.0

// onThing takes a place in the camera's picture, −1 to 1 of its height, to one on the thing: through the pinhole to the
// plane that the thing lies in.
func (h hold) onThing(x, y, aspect float64) (u, v float64) {
	x, y = (x-h.x)/h.scale, (y-h.y)/h.scale
	sin, cos := math.Sincos(h.roll)
	x, y = x*cos+y*sin, -x*sin+y*cos
	// The plane is z = tan(yaw)·x' + tan(pitch)·y' before the ray (x, y, distance) meets it.
	depth := 1 / (1 - (math.Tan(h.yaw)*x+math.Tan(h.pitch)*y)/distanceOf)
	return x * depth / math.Cos(h.yaw) / aspect, y * depth / math.Cos(h.pitch)
}

// wall is a room: a slope of light and a few blurred things.
type wall struct {
	from, to colour
	blobs    []blob
}

type blob struct {
	x, y, rx, ry float64
	c            colour
}

func newWall(r *rand.Rand) wall {
	tone := func() colour {
		k := between(r, 0.05, 0.5)
		return colour{k * between(r, 0.9, 1.1), k, k * between(r, 0.8, 1.1)}
	}
	w := wall{from: tone(), to: tone()}
	for range 3 + r.IntN(5) {
		w.blobs = append(w.blobs, blob{between(r, -1.4, 1.4), between(r, -1, 1), between(r, 0.1, 0.6), between(r, 0.1, 0.6), tone()})
	}
	return w
}

func (w wall) look(x, y float64) colour {
	c := w.from.mix(w.to, (x+1.4)/2.8)
	for _, b := range w.blobs {
		dx, dy := (x-b.x)/b.rx, (y-b.y)/b.ry
		if far := dx*dx + dy*dy; far < 2 {
			c = c.mix(b.c, 1/(1+math.Exp(8*(far-1))))
		}
	}
	return c
}
