package prepare

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

var errNoLayer = errors.New("the model does not end in a 1x1 convolution with a bias, reshaped")

// Fold returns the model with its last layer multiplied by an orthonormal basis of dim dimensions, so that it puts out
// dim numbers, and the share of that layer's energy that the basis leaves out.
//
// Why: the layer's singular values fall off a cliff long before its width. What lies beyond adds nothing to a cosine but
// bytes to every template and time to every search. An orthonormal basis keeps every inner product but that of the parts
// left out: outputs y = Wx + b of which the share s of |y|² is outside have a cosine that moves by 2s at most. The bias
// has no part of its own: it lies in the same dimensions, and what of it does not is smaller than any cosine shows.
func Fold(model []byte, dim int) (folded []byte, outside float64, err error) {
	g, err := parseGraph(model)
	if err != nil {
		return nil, 0, err
	}
	layer, bias, err := g.lastLayer()
	if err != nil {
		return nil, 0, err
	}
	rows, cols := int(layer.dims[0]), int(layer.dims[1])
	if dim <= 0 || dim > min(rows, cols) {
		return nil, 0, fmt.Errorf("a layer of %dx%d cannot put out %d numbers", rows, cols, dim)
	}
	all := make([]float64, 0, rows*cols)
	for _, w := range layer.floats {
		all = append(all, float64(w))
	}
	w := transposed(slices.Collect(slices.Chunk(all, cols))) // a row of the layer is an output
	basis, outside, err := leadingBasis(w, dim)
	if err != nil {
		return nil, 0, err
	}
	down := transposed(basis)
	layer.dims[0], layer.floats = int64(dim), nil
	for _, row := range transposed(times(down, w)) {
		layer.floats = append(layer.floats, narrowed(row)...)
	}
	b := make([]float64, rows)
	for i, v := range bias.floats {
		b[i] = float64(v)
	}
	bias.dims[0], bias.floats = int64(dim), narrowed(times(down, columns{b})[0])
	return g.setOutput(dim).encode(), outside, nil
}

func narrowed(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// lastLayer finds the weights of the convolution before the last reshape. Batch normalisation after it is part of it
// already, as PyTorch exports it; a graph that ends otherwise is refused.
func (g *graph) lastLayer() (layer, bias *weight, err error) {
	if len(g.nodes) < 2 {
		return nil, nil, errNoLayer
	}
	conv, last := g.nodes[len(g.nodes)-2], g.nodes[len(g.nodes)-1]
	if conv.op != "Conv" || len(conv.inputs) != 3 || len(conv.outputs) != 1 ||
		last.op != "Reshape" && last.op != "Flatten" || !slices.Contains(last.inputs, conv.outputs[0]) {
		return nil, nil, errNoLayer
	}
	layer, ok := g.find(conv.inputs[1])
	if !ok || len(layer.dims) != 4 || layer.dims[2] != 1 || layer.dims[3] != 1 {
		return nil, nil, errNoLayer
	}
	bias, ok = g.find(conv.inputs[2])
	if !ok || len(bias.dims) != 1 || bias.dims[0] != layer.dims[0] {
		return nil, nil, errNoLayer
	}
	return layer, bias, nil
}

// setOutput names the width of the model's output: one of shape 1 × dim.
func (g *graph) setOutput(dim int) *graph {
	var others []byte
	_ = fields(g.others, func(number protowire.Number, value, whole []byte) error { // parsed once already
		if number == graphOutput {
			whole = appendBytes(nil, graphOutput, floatsOf(nameOf(value), 1, dim))
		}
		others = append(others, whole...)
		return nil
	})
	g.others = others
	return g
}
