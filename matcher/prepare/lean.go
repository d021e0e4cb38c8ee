package prepare

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Lean returns a model that answers the same and runs faster on processors with wide vectors, how many dead channels it
// left out, and how many PRelu it rewrote.
//
// Why: ONNX Runtime keeps a picture in blocks of 8 or 16 channels while it goes from convolution to convolution, and
// leaves that form for a depthwise convolution whose width is no multiple, and at every PRelu, which it then works out a
// number at a time. So the widths between two plain convolutions are brought to a multiple by channels of zeros, after
// those that training has left dead are dropped; and a PRelu becomes what the blocked form knows: Relu, a depthwise
// convolution and a sum.
func Lean(model []byte, multiple int) (lean []byte, dropped, rewritten int, err error) {
	g, err := parseGraph(model)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, i := range g.inners() {
		dropped += i.repack(multiple)
	}
	rewritten = g.rewriteSlopes()
	return g.encode(), dropped, rewritten, nil
}

// conv is a convolution with its weights at hand.
type conv struct {
	node  *node
	w, b  *weight
	group int64
}

// convOf answers the convolution that a node is, if it has a bias and weights of float32 that it shares with no other.
func (g *graph) convOf(n *node) (c conv, ok bool) {
	if n.op != "Conv" || len(n.inputs) != 3 || len(n.outputs) != 1 {
		return c, false
	}
	w, foundW := g.find(n.inputs[1])
	b, foundB := g.find(n.inputs[2])
	if !foundW || !foundB || len(w.dims) != 4 || len(b.dims) != 1 || w.dims[0] != b.dims[0] || w.size() <= 0 {
		return c, false
	}
	if len(g.readers(n.inputs[1])) != 1 || len(g.readers(n.inputs[2])) != 1 {
		return c, false
	}
	return conv{n, w, b, n.intAttribute("group", 1)}, true
}

// outputs is the number of channels that a convolution puts out.
func (c conv) outputs() int { return int(c.w.dims[0]) }

// row is the weights of output i.
func (c conv) row(i int) []float32 {
	n := len(c.w.floats) / c.outputs()
	return c.w.floats[i*n : (i+1)*n]
}

// column visits the weights by which an output reads input i; of a plain convolution, group 1.
func (c conv) column(i int, visit func(output int, w []float32)) {
	area := int(c.w.dims[2] * c.w.dims[3])
	for o := range c.outputs() {
		visit(o, c.row(o)[i*area:(i+1)*area])
	}
}

func (c conv) depthwise() bool { return c.group == c.w.dims[0] && c.w.dims[1] == 1 }

// inner is a width that nothing but these read: a plain convolution, PRelu or none, a depthwise convolution, PRelu or
// none, a plain convolution.
type inner struct {
	in, deep, out        conv
	slopesIn, slopesDeep *weight // nil where there is no PRelu
}

func (g *graph) inners() (found []inner) {
	for i := range g.nodes {
		if x, ok := g.innerAt(&g.nodes[i]); ok {
			found = append(found, x)
		}
	}
	return found
}

func (g *graph) innerAt(n *node) (x inner, ok bool) {
	if x.deep, ok = g.convOf(n); !ok || !x.deep.depthwise() {
		return x, false
	}
	before, after := g.writer(n.inputs[0]), g.next(n)
	if before != nil && before.op == "PRelu" && g.next(before) == n {
		if x.slopesIn, ok = g.slopesOf(before, x.deep.outputs()); !ok {
			return x, false
		}
		n, before = before, g.writer(before.inputs[0])
	}
	if after != nil && after.op == "PRelu" {
		if x.slopesDeep, ok = g.slopesOf(after, x.deep.outputs()); !ok {
			return x, false
		}
		after = g.next(after)
	}
	if before == nil || after == nil || g.next(before) != n {
		return x, false
	}
	var plain bool
	x.in, ok = g.convOf(before)
	x.out, plain = g.convOf(after)
	return x, ok && plain && x.in.group == 1 && x.out.group == 1 &&
		x.in.outputs() == x.deep.outputs() && int(x.out.w.dims[1]) == x.deep.outputs()
}

// repack drops the channels that carry nothing or the same everywhere, adds channels of zeros until their number is a
// multiple, and answers how many it dropped.
func (x inner) repack(multiple int) (dropped int) {
	var keep []int
	for i := range x.deep.outputs() {
		if !x.unread(i) && !x.constant(i) {
			keep = append(keep, i)
		}
	}
	dropped = x.deep.outputs() - len(keep)
	x.settle(keep)
	for len(keep) == 0 || len(keep)%multiple != 0 {
		keep = append(keep, -1)
	}
	x.in.w.pick(keep, 0)
	x.in.b.pick(keep, 0)
	x.deep.w.pick(keep, 0)
	x.deep.b.pick(keep, 0)
	x.out.w.pick(keep, 1)
	for _, s := range []*weight{x.slopesIn, x.slopesDeep} {
		if s != nil {
			s.pick(keep, 0)
		}
	}
	x.deep.node.setIntAttribute("group", int64(len(keep)))
	return dropped
}

func (x inner) unread(i int) bool {
	read := false
	x.out.column(i, func(_ int, w []float32) { read = read || !zero(w) })
	return !read
}

// constant reports a channel that is the same at every place and of every picture, since zero goes into the depthwise
// convolution (its padding is zero too) or it multiplies by zero. If what comes out is not zero, the convolution after it
// must not pad either: it would read less of it at the edge.
func (x inner) constant(i int) bool {
	same := zero(x.deep.row(i)) || zero(x.in.row(i)) && x.in.b.floats[i] == 0
	return same && (x.carried(i) == 0 || x.out.w.dims[2] == 1 && x.out.w.dims[3] == 1)
}

// carried is what a constant channel holds.
func (x inner) carried(i int) float64 {
	v := float64(x.deep.b.floats[i])
	if v < 0 && x.slopesDeep != nil {
		v *= float64(x.slopesDeep.floats[i])
	}
	return v
}

// settle adds what the dropped channels carry to the bias of who reads them.
func (x inner) settle(keep []int) {
	for i := range x.deep.outputs() {
		v := x.carried(i)
		if v == 0 || slices.Contains(keep, i) {
			continue
		}
		x.out.column(i, func(o int, w []float32) {
			for _, k := range w {
				x.out.b.floats[o] = float32(float64(x.out.b.floats[o]) + float64(float64(k)*v))
			}
		})
	}
}

func zero(v []float32) bool { return !slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) }

// pick keeps some slices of a tensor along one of its first two dimensions; −1 is a slice of zeros.
func (t *weight) pick(keep []int, along int) {
	outer, inner := 1, t.size()
	for i := 0; i <= along; i++ {
		inner /= int(t.dims[i])
	}
	if along == 1 {
		outer = int(t.dims[0])
	}
	out := make([]float32, 0, outer*len(keep)*inner)
	for o := range outer {
		for _, k := range keep {
			if k < 0 {
				out = append(out, make([]float32, inner)...)
				continue
			}
			at := (o*int(t.dims[along]) + k) * inner
			out = append(out, t.floats[at:at+inner]...)
		}
	}
	t.dims, t.floats = slices.Clone(t.dims), out
	t.dims[along] = int64(len(keep))
}

// writer finds the node that writes a value.
func (g *graph) writer(value string) *node {
	for i := range g.nodes {
		if slices.Contains(g.nodes[i].outputs, value) {
			return &g.nodes[i]
		}
	}
	return nil
}

// readers finds the nodes that read a value.
func (g *graph) readers(value string) (found []*node) {
	for i := range g.nodes {
		if slices.Contains(g.nodes[i].inputs, value) {
			found = append(found, &g.nodes[i])
		}
	}
	return found
}

// next is the only reader of a node's only output, nil where there are several.
func (g *graph) next(n *node) *node {
	if len(n.outputs) != 1 {
		return nil
	}
	readers := g.readers(n.outputs[0])
	if len(readers) != 1 || g.isOutput(n.outputs[0]) {
		return nil
	}
	return readers[0]
}

func (g *graph) isOutput(value string) (is bool) {
	_ = fields(g.others, func(number protowire.Number, info, _ []byte) error { // parsed once already
		is = is || number == graphOutput && string(nameOf(info)) == value
		return nil
	})
	return is
}

// slopesOf are the weights of a PRelu that has one slope for each of width channels, and shares them with no other.
func (g *graph) slopesOf(n *node, width int) (*weight, bool) {
	if n.op != "PRelu" || len(n.inputs) != 2 || len(n.outputs) != 1 || len(g.readers(n.inputs[1])) != 1 {
		return nil, false
	}
	s, ok := g.find(n.inputs[1])
	return s, ok && len(s.dims) == 3 && int(s.dims[0]) == width && len(s.floats) == width
}
