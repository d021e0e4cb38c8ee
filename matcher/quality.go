package matcher

import "math"

// quality is what the aligned face itself shows, measured in its own frame, so that size and turn play no part.
type quality struct {
	light    float64 // mean luma of the face, 0 to 255
	contrast float64 // its standard deviation
	burnt    float64 // share of the face that is white
	sharp    float64 // variance of the Laplacian (Pech-Pacheco, 2000)
	glasses  float64 // luma of the eyes over that of the cheeks; sunglasses are under 0.35
	mask     float64 // how far the mouth's colour is from the nose's, 0 to 255; bearded skin is under 20
	plain    float64 // standard deviation of luma about the mouth; cloth is under 16
}

// patch is a rectangle of the aligned face.
type patch struct{ x1, y1, x2, y2 int }

// quality measures what align drew last.
func (w *workspace) quality() quality {
	luma := w.luma[:alignSide*alignSide]
	face := statistics(luma, patch{22, 26, 90, 106})
	mouth := patch{42, 84, 70, 106}
	nose := patch{50, 50, 62, 70}
	eyes := statistics(luma, patch{26, 44, 50, 60}).mean + statistics(luma, patch{62, 44, 86, 60}).mean
	cheeks := statistics(luma, patch{28, 66, 44, 82}).mean + statistics(luma, patch{68, 66, 84, 82}).mean
	blue := statistics(w.blue, nose).mean - statistics(w.blue, mouth).mean
	red := statistics(w.red, nose).mean - statistics(w.red, mouth).mean
	return quality{light: face.mean, contrast: face.deviation, burnt: face.white, sharp: laplacian(luma),
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
