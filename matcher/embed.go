package matcher

import "math"

// embed turns the face that align drew into a unit vector. Mirrored, it adds the vector of the face's mirror image:
// that costs a second run and makes strangers a little more distant. The length that the answer had stays in w.length:
// see workspace.score.
func (w *workspace) embed(mirrored bool) ([]float32, error) {
	c := w.calls.embed
	size := alignSide * alignSide
	w.convert(0, size, c.network.model.Input, c.in, c.in[size:], c.in[2*size:])
	if err := c.run(); err != nil {
		return nil, err
	}
	vector := append([]float32(nil), c.out[0]...)
	w.length = normalise(vector)
	if !mirrored {
		return vector, nil
	}
	mirror(c.in, alignSide)
	if err := c.run(); err != nil {
		return nil, err
	}
	normalise(c.out[0])
	for i, v := range c.out[0] {
		vector[i] += v
	}
	normalise(vector)
	return vector, nil
}

// mirror turns every row of side values around.
func mirror(in []float32, side int) {
	for ; len(in) >= side; in = in[side:] {
		for i, j := 0, side-1; i < j; i, j = i+1, j-1 {
			in[i], in[j] = in[j], in[i]
		}
	}
}

// normalise scales to length 1 and answers the length it had.
func normalise(v []float32) float64 {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	length := math.Sqrt(square)
	if length == 0 {
		return 0
	}
	k := float32(1 / length)
	for i := range v {
		v[i] *= k
	}
	return length
}

// cosine compares two unit vectors.
func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return -1
	}
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// fuse is the renormalised mean of unit vectors.
func fuse(vectors [][]float32) []float32 {
	if len(vectors) == 0 {
		return nil
	}
	sum := make([]float32, len(vectors[0]))
	for _, v := range vectors {
		for i, x := range v {
			sum[i] += x
		}
	}
	normalise(sum)
	return sum
}
