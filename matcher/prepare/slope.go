package prepare

// rewriteSlopes writes each PRelu between a convolution and others as Relu, a depthwise convolution by one weight, and a
// sum, and answers how many there were. With n = −x, which the convolution before puts out once its weights change sign,
//
//	n + (a−1)·Relu(n) = −PRelu(x, slope a),
//
// and the convolutions after it change sign too: the same products, so the same answer.
func (g *graph) rewriteSlopes() (rewritten int) {
	nodes := g.nodes
	var out []node
	for i := range nodes {
		g.nodes = nodes // what is looked up is the graph as it was; names stay
		replaced, ok := g.rewriteSlope(&nodes[i])
		if !ok {
			out = append(out, nodes[i])
			continue
		}
		out, rewritten = append(out, replaced...), rewritten+1
	}
	g.nodes = out
	return rewritten
}

func (g *graph) rewriteSlope(n *node) ([]node, bool) {
	if n.op != "PRelu" || len(n.inputs) != 2 || len(n.outputs) != 1 || g.isOutput(n.outputs[0]) {
		return nil, false
	}
	before := g.writer(n.inputs[0])
	if before == nil || g.next(before) != n {
		return nil, false
	}
	in, ok := g.convOf(before)
	if !ok {
		return nil, false
	}
	slopes, ok := g.slopesOf(n, in.outputs())
	if !ok {
		return nil, false
	}
	var readers []conv
	for _, r := range g.readers(n.outputs[0]) {
		c, ok := g.convOf(r)
		if !ok {
			return nil, false
		}
		readers = append(readers, c)
	}
	negate(in.w.floats)
	negate(in.b.floats)
	for _, c := range readers {
		negate(c.w.floats)
	}
	width := int64(in.outputs())
	slopes.dims = []int64{width, 1, 1, 1}
	for i, a := range slopes.floats {
		slopes.floats[i] = float32(float64(a) - 1)
	}
	x, y := n.inputs[0], n.outputs[0]
	scale := node{op: "Conv", name: n.name + "_scale", inputs: []string{y + "_above", slopes.name}, outputs: []string{y + "_scaled"}}
	scale.setIntAttribute("group", width)
	return []node{
		{op: "Relu", name: n.name + "_relu", inputs: []string{x}, outputs: []string{y + "_above"}},
		scale,
		{op: "Add", name: n.name + "_sum", inputs: []string{y + "_scaled", x}, outputs: []string{y}},
	}, true
}

func negate(v []float32) {
	for i := range v {
		v[i] = -v[i]
	}
}
