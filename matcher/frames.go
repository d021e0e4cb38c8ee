package matcher

import "github.com/kaopass/kaopass"

// frame is a face that may become part of a template.
type frame struct {
	vector []float32
	score  float64 // see workspace.score
}

// What a capture holds in memory until it is done, and what of it may be kept.
const (
	poolMax  = 24 // frames: 8 seconds of them
	scoreMin = 30 // but for the best, which is kept in any case
)

// choose picks at most n frames for a template: the best first, then again and again the one that adds most, by how far
// it is from those chosen and how good it is; ten points of quality count as much as 0.1 of cosine. The first few are
// often of one moment, and the farthest alone are often the worst (DESIGN.md, "Frames").
func choose(pool []frame, n int) [][]float32 {
	if len(pool) == 0 || n < 1 {
		return nil
	}
	rest := append([]frame(nil), pool...)
	var chosen [][]float32
	for len(chosen) < n {
		next, most := -1, 0.0
		for i, f := range rest {
			if len(chosen) > 0 && f.score < scoreMin {
				continue
			}
			if gain := f.score/100 + farFrom(f.vector, chosen); next < 0 || gain > most {
				next, most = i, gain
			}
		}
		if next < 0 {
			break
		}
		chosen = append(chosen, rest[next].vector)
		rest[next] = rest[len(rest)-1]
		rest = rest[:len(rest)-1]
	}
	return chosen
}

// farFrom is how far a vector is from the nearest of others, as 1 − cosine; 0 where there are none.
func farFrom(vector []float32, others [][]float32) float64 {
	if len(others) == 0 {
		return 0
	}
	return 1 - nearestTo(vector, others)
}

// nearestTo is the cosine to the nearest of others, −1 where there are none.
func nearestTo(vector []float32, others [][]float32) float64 {
	near := -1.0
	for _, o := range others {
		near = max(near, cosine(vector, o))
	}
	return near
}

// vectorsOf forgets how good frames were.
func vectorsOf(frames []frame) [][]float32 {
	out := make([][]float32, len(frames))
	for i, f := range frames {
		out[i] = f.vector
	}
	return out
}

// enrolled makes the template that an enrolment keeps.
func (m *Matcher) enrolled(pool []frame) kaopass.Template {
	return kaopass.Template{Model: m.model, Frames: choose(pool, kaopass.EnrolledFramesMax)}
}
