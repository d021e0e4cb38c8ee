package matcher

import (
	"image"
	"math"
)

// alignSide is the side of an aligned face, and alignTo where its five points come to lie (the ArcFace template).
const alignSide = 112

func alignTo() [5]point {
	return [5]point{{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}
}

// similarity is x' = a·x − b·y + tx, y' = b·x + a·y + ty: a turn, one scale and a shift.
type similarity struct{ a, b, tx, ty float64 }

// fit is the least-squares similarity that takes the points of from to those of to (Umeyama, 1991, without reflection).
func fit(from, to [5]point) similarity {
	var cf, ct point
	for i := range from {
		cf.x, cf.y = cf.x+from[i].x/5, cf.y+from[i].y/5
		ct.x, ct.y = ct.x+to[i].x/5, ct.y+to[i].y/5
	}
	var dot, cross, norm float64
	for i := range from {
		fx, fy := from[i].x-cf.x, from[i].y-cf.y
		tx, ty := to[i].x-ct.x, to[i].y-ct.y
		dot, cross, norm = dot+fx*tx+fy*ty, cross+fx*ty-fy*tx, norm+fx*fx+fy*fy
	}
	if norm < 1e-9 {
		return similarity{a: 1}
	}
	s := similarity{a: dot / norm, b: cross / norm}
	s.tx, s.ty = ct.x-s.a*cf.x+s.b*cf.y, ct.y-s.b*cf.x-s.a*cf.y
	return s
}

// align draws the face upright and of one size into luma, blue and red, alignSide squared, bilinear.
func (w *workspace) align(pic *image.YCbCr, five [5]point) {
	back := fit(alignTo(), five)
	luma, blue, red, sx, sy := planes(pic)
	warp(w.luma, luma, back, 1, 1)
	warp(w.blue, blue, back, sx, sy)
	warp(w.red, red, back, sx, sy)
}

// warp draws one plane, which may be smaller than the picture by sx and sy, its samples at the middle of those they
// stand for.
func warp(dst []float32, p plane, back similarity, sx, sy float64) {
	step := point{back.a / sx, back.b / sy} // in the plane, for one step to the right
	for row := range alignSide {
		y := float64(row)
		from := point{(-back.b*y+back.tx+0.5)/sx - 0.5, (back.a*y+back.ty+0.5)/sy - 0.5}
		to := point{from.x + step.x*(alignSide-1), from.y + step.y*(alignSide-1)}
		line := dst[row*alignSide : (row+1)*alignSide]
		if p.holds(from) && p.holds(to) { // and so everything between them
			p.drawInside(line, from, step)
			continue
		}
		for i := range line {
			line[i] = p.at(from.x+float64(i)*step.x, from.y+float64(i)*step.y)
		}
	}
}

// edge is more than the steps of drawInside go astray in a line, in pixels.
const edge = 1e-3

// holds reports whether the four samples around a place are all in the plane.
func (p plane) holds(at point) bool {
	return at.x >= edge && at.y >= edge && at.x < float64(p.w-1)-edge && at.y < float64(p.h-1)-edge
}

// drawInside is at for a line that nowhere comes near the edge, in steps of 1/65536 of a pixel.
func (p plane) drawInside(line []float32, from, step point) {
	const one = 1 << 16
	x, y := int(from.x*one), int(from.y*one)
	dx, dy := int(math.Round(step.x*one)), int(math.Round(step.y*one))
	for i := range line {
		o := (y>>16)*p.stride + x>>16
		fx, fy := (x&(one-1))>>8, (y&(one-1))>>8
		upper, lower := p.pix[o:o+2:o+2], p.pix[o+p.stride:o+p.stride+2:o+p.stride+2]
		top := int(upper[0])*(256-fx) + int(upper[1])*fx
		bottom := int(lower[0])*(256-fx) + int(lower[1])*fx
		line[i] = float32(top*(256-fy)+bottom*fy) * (1.0 / one)
		x, y = x+dx, y+dy
	}
}

// at is the plane between its samples, and its edge outside.
func (p plane) at(x, y float64) float32 {
	x = math.Min(math.Max(x, 0), float64(p.w-1))
	y = math.Min(math.Max(y, 0), float64(p.h-1))
	ix, iy := int(x), int(y)
	fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
	o := iy*p.stride + ix
	right, down := 1, p.stride
	if ix == p.w-1 {
		right = 0
	}
	if iy == p.h-1 {
		down = 0
	}
	top := float32(p.pix[o])*(1-fx) + float32(p.pix[o+right])*fx
	bottom := float32(p.pix[o+down])*(1-fx) + float32(p.pix[o+down+right])*fx
	return top*(1-fy) + bottom*fy
}
