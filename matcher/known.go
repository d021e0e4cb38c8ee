package matcher

import (
	"errors"
	"fmt"
	"math"
)

// patterns is how many inputs are drawn for a model's known answers.
const patterns = 4

// pattern draws input number i, smooth and unlike the others: bars and rings, in every channel at another angle.
func pattern(in []float32, i int, c *call) {
	_, channels, height, width := shape(c)
	for ch := range channels {
		angle := float64(1 + 2*i + 3*ch)
		for y := range height {
			for x := range width {
				u, v := float64(x)/float64(width)-0.5, float64(y)/float64(height)-0.5
				bars := math.Sin((u*math.Cos(angle) + v*math.Sin(angle)) * 6 * float64(i+1))
				rings := math.Cos((u*u + v*v) * 20 * float64(i+1))
				in[(ch*height+y)*width+x] = float32((bars + rings) / 2)
			}
		}
	}
}

// knownCosines are the cosines of the answers to each pattern with those before it: 1-0, 2-0, 2-1, 3-0, …
func (n *network) knownCosines() (cosines []float64, err error) {
	c, err := n.newCall()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var answers [][]float32
	for i := range patterns {
		pattern(c.in, i, c)
		if err := c.run(); err != nil {
			return nil, err
		}
		answer := append([]float32(nil), c.out[0]...)
		normalise(answer)
		for _, before := range answers {
			cosines = append(cosines, cosine(answer, before))
		}
		answers = append(answers, answer)
	}
	return cosines, nil
}

// checkKnown refuses a model that does not answer what the manifest knows of it.
func (n *network) checkKnown() error {
	known := n.model.Known
	if known == nil {
		return nil
	}
	got, err := n.knownCosines()
	if err != nil {
		return err
	}
	if len(got) != len(known.Cosines) {
		return fmt.Errorf("matcher: %s: %d known answers in the manifest, want %d", n.model.File, len(known.Cosines), len(got))
	}
	for i, want := range known.Cosines {
		if !(math.Abs(got[i]-want) <= known.ErrorMax) {
			return fmt.Errorf("matcher: %s does not answer as its original did (pattern %d): the file, or the runtime on this machine, is not what the manifest describes", n.model.File, i)
		}
	}
	return nil
}
