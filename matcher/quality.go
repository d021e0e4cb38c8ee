package matcher

import "math"

// quality is what the aligned face itself shows, measured in its own frame, so that size and turn play no part. What it
// is worth is in grade.go.
type quality struct {
	light   float64 // mean luma of the face, 0 to 255
	tones   float64 // entropy of its luma, 0 to 8 bits
	burnt   float64 // share of the face that is white
	sharp   float64 // variance of the Laplacian (Pech-Pacheco, 2000)
	glasses float64 // luma of the eyes over that of the cheeks; sunglasses are under 0.35
	mask    float64 // how far the mouth's colour is from the nose's, 0 to 255; bearded skin is under 20
	plain   float64 // standard deviation of luma about the mouth; cloth is under 16
}

// patch is a rectangle of the aligned face.
type patch struct{ x1, y1, x2, y2 int }

// quality measures what align drew last.
func (w *workspace) quality() quality {
	luma := w.luma[:alignSide*alignSide]
	whole := patch{22, 26, 90, 106}
	face := statistics(luma, whole)
	mouth := patch{42, 84, 70, 106}
	nose := patch{50, 50, 62, 70}
	eyes := statistics(luma, patch{26, 44, 50, 60}).mean + statistics(luma, patch{62, 44, 86, 60}).mean
	cheeks := statistics(luma, patch{28, 66, 44, 82}).mean + statistics(luma, patch{68, 66, 84, 82}).mean
	blue := statistics(w.blue, nose).mean - statistics(w.blue, mouth).mean
	red := statistics(w.red, nose).mean - statistics(w.red, mouth).mean
	return quality{light: face.mean, tones: entropy(luma, whole), burnt: face.white, sharp: laplacian(luma),
		glasses: eyes / (cheeks + 1), mask: math.Hypot(blue, red), plain: statistics(luma, mouth).deviation}
}

type summary struct{ mean, deviation, white float64 }

// white is the luma from which on a camera shows no skin any more.
const white = 250

func statistics(p []float32, at patch) summary {
	var sum, square float64
	var burnt int
	for y := at.y1; y < at.y2; y++ {
		for _, v := range p[y*alignSide+at.x1 : y*alignSide+at.x2] {
			f := float64(v)
			sum, square = sum+f, square+f*f
			if v >= white {
				burnt++
			}
		}
	}
	n := float64((at.x2 - at.x1) * (at.y2 - at.y1))
	mean := sum / n
	return summary{mean, math.Sqrt(math.Max(0, square/n-mean*mean)), float64(burnt) / n}
}

// laplacian is the variance of the second derivative over the face: a blurred one has little.
func laplacian(p []float32) float64 {
	var sum, square float64
	const from, to = 22, 90
	for y := from; y < to; y++ {
		for x := from; x < to; x++ {
			o := y*alignSide + x
			v := float64(p[o-1] + p[o+1] + p[o-alignSide] + p[o+alignSide] - 4*p[o])
			sum, square = sum+v, square+v*v
		}
	}
	n := float64((to - from) * (to - from))
	return square/n - sum*sum/n/n
}

// entropy is how many bits a pixel of the patch tells: few where the picture is flat, dark or burnt.
func entropy(p []float32, at patch) float64 {
	var counts [256]int
	for y := at.y1; y < at.y2; y++ {
		for _, v := range p[y*alignSide+at.x1 : y*alignSide+at.x2] {
			counts[min(max(int(v+0.5), 0), 255)]++
		}
	}
	n := float64((at.x2 - at.x1) * (at.y2 - at.y1))
	var bits float64
	for _, c := range counts {
		if c > 0 {
			share := float64(c) / n
			bits -= share * math.Log2(share)
		}
	}
	return bits
}

// blockSide is the side of the squares that JPEG and VP8 code by themselves.
const blockSide = 8

// blocking is by how much neighbours differ more across the edges of a codec's blocks than within them, 1 where they
// show nowhere. A picture that was scaled after it was coded does not show them: then nothing can be told.
func blocking(p plane, b box) float64 {
	x1, y1 := max(int(b.x1), 1), max(int(b.y1), 0)
	x2, y2 := min(int(b.x2), p.w), min(int(b.y2), p.h)
	var across, within, edges, others int
	for y := y1; y < y2; y += 4 { // a quarter of the lines tells as much
		line := p.pix[y*p.stride : y*p.stride+p.w]
		for x := x1; x < x2; x++ {
			step := int(line[x]) - int(line[x-1])
			if step = max(step, -step); x%blockSide == 0 {
				across, edges = across+step, edges+1
			} else {
				within, others = within+step, others+1
			}
		}
	}
	if edges == 0 || others == 0 {
		return 1
	}
	return (float64(across)/float64(edges) + 1) / (float64(within)/float64(others) + 1)
}
