package prepare

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// side is the picture's side in these tests: small, with more edge than middle.
const side = 4

// channels is a picture: a plane for each channel.
type channels [][side * side]float64

// run executes a graph of Conv (odd kernel, padded by half of it), PRelu, Relu and Add, as slow and plain as can be.
func run(t *testing.T, g *graph, input channels) channels {
	t.Helper()
	values := map[string]channels{"input": input}
	for i := range g.nodes {
		n := &g.nodes[i]
		x := values[n.inputs[0]]
		var y channels
		switch n.op {
		case "Conv":
			y = convolve(g, n, x)
		case "PRelu", "Relu":
			for c, plane := range x {
				slope := 0.0
				if n.op == "PRelu" {
					s, _ := g.find(n.inputs[1])
					slope = float64(s.floats[c])
				}
				for p, v := range plane {
					if v < 0 {
						plane[p] = slope * v
					}
				}
				y = append(y, plane)
			}
		case "Add":
			for c, plane := range x {
				for p := range plane {
					plane[p] += values[n.inputs[1]][c][p]
				}
				y = append(y, plane)
			}
		default:
			t.Fatalf("a node %s", n.op)
		}
		values[n.outputs[0]] = y
	}
	return values["output"]
}

func convolve(g *graph, n *node, x channels) (y channels) {
	w, _ := g.find(n.inputs[1])
	k, each := int(w.dims[2]), int(w.dims[1])
	perGroup := int(w.dims[0] / n.intAttribute("group", 1))
	for o := range int(w.dims[0]) {
		var plane [side * side]float64
		for p := range plane {
			if len(n.inputs) == 3 {
				b, _ := g.find(n.inputs[2])
				plane[p] = float64(b.floats[o])
			}
			for c := range each {
				for q := range k * k {
					yy, xx := p/side+q/k-k/2, p%side+q%k-k/2
					if yy >= 0 && yy < side && xx >= 0 && xx < side {
						plane[p] += float64(w.floats[(o*each+c)*k*k+q]) * x[o/perGroup*each+c][yy*side+xx]
					}
				}
			}
		}
		y = append(y, plane)
	}
	return y
}

// chain is a model of a plain convolution to width channels, PRelu, a depthwise one, PRelu, and a plain one of kernel
// last; spoil may kill channels.
func chain(width, last int, spoil func(g *graph)) []byte {
	random := func(name string, dims ...int64) weight {
		w := weight{name: name, dims: dims}
		for _, v := range scattered(w.size(), 1+len(name))[len(name)] {
			w.floats = append(w.floats, float32(v))
		}
		return w
	}
	w := int64(width)
	g := &graph{others: appendBytes(nil, graphOutput, floatsOf([]byte("output"), 1, 2)),
		nodes: []node{
			{op: "Conv", inputs: []string{"input", "in", "inBias"}, outputs: []string{"a"}},
			{op: "PRelu", name: "first", inputs: []string{"a", "slopes"}, outputs: []string{"b"}},
			{op: "Conv", inputs: []string{"b", "deep", "deepBias"}, outputs: []string{"c"}},
			{op: "PRelu", name: "second", inputs: []string{"c", "moreSlopes"}, outputs: []string{"d"}},
			{op: "Conv", inputs: []string{"d", "out", "outBias"}, outputs: []string{"output"}},
		},
		weights: []weight{random("in", w, 3, 1, 1), random("inBias", w), random("slopes", w, 1, 1), random("deep", w, 1, 3, 3),
			random("deepBias", w), random("moreSlopes", w, 1, 1), random("out", 2, w, int64(last), int64(last)), random("outBias", 2)}}
	g.nodes[2].setIntAttribute("group", w)
	if spoil != nil {
		spoil(g)
	}
	return g.encode()
}

// kill sets channel i of a weight to zero.
func kill(g *graph, name string, i int) {
	w, _ := g.find(name)
	n := len(w.floats) / int(w.dims[0])
	clear(w.floats[i*n : (i+1)*n])
}

func TestLeanAnswersTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		width, last, multiple int
		spoil                 func(g *graph)
		dropped, now          int
	}{
		"nothing dead":              {6, 1, 4, nil, 0, 8},
		"nothing to do":             {8, 1, 4, nil, 0, 8},
		"dead at the beginning":     {6, 1, 4, func(g *graph) { kill(g, "in", 2); kill(g, "inBias", 2) }, 1, 8},
		"dead in the middle":        {6, 1, 4, func(g *graph) { kill(g, "deep", 5); kill(g, "deep", 1) }, 2, 4},
		"a bias keeps it alive":     {6, 1, 4, func(g *graph) { kill(g, "in", 2) }, 0, 8},
		"constant before a padding": {6, 3, 4, func(g *graph) { kill(g, "deep", 2) }, 0, 8},
		"zero before a padding":     {5, 3, 4, func(g *graph) { kill(g, "deep", 2); kill(g, "deepBias", 2) }, 1, 4},
		"nobody reads it": {5, 1, 4, func(g *graph) {
			w, _ := g.find("out")
			w.floats[3], w.floats[5+3] = 0, 0
		}, 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			whole := chain(c.width, c.last, c.spoil)
			lean, dropped, slopes, err := Lean(whole, c.multiple)
			if err != nil || dropped != c.dropped || slopes != 2 {
				t.Fatalf("%d dropped, want %d; %d slopes rewritten, want 2; %v", dropped, c.dropped, slopes, err)
			}
			before, _ := parseGraph(whole)
			after, err := parseGraph(lean)
			if err != nil {
				t.Fatal(err)
			}
			if w, _ := after.find("deep"); int(w.dims[0]) != c.now || strings.Contains(operators(after), "PRelu") {
				t.Errorf("%d channels wide, want %d; %s", w.dims[0], c.now, operators(after))
			}
			input := make(channels, 3)
			for i, plane := range scattered(side*side, 3) {
				input[i] = [side * side]float64(plane)
			}
			want, got := run(t, before, input), run(t, after, input)
			for i, plane := range want {
				for p, v := range plane {
					if math.Abs(got[i][p]-v) > 1e-5 {
						t.Fatalf("channel %d at %d: %.7f, want %.7f", i, p, got[i][p], v)
					}
				}
			}
		})
	}
}

func operators(g *graph) string {
	var all []string
	for _, n := range g.nodes {
		all = append(all, n.op)
	}
	return strings.Join(all, " ")
}

// TestLeanLeavesAlone what it cannot prove to be the same.
func TestLeanLeavesAlone(t *testing.T) {
	for name, spoil := range map[string]func(g *graph){
		"a slope that another reads too": func(g *graph) {
			g.nodes[3].inputs[1] = "slopes"
			g.weights = slices.DeleteFunc(g.weights, func(w weight) bool { return w.name == "moreSlopes" })
		},
		"what is put out as well": func(g *graph) {
			g.others = appendBytes(g.others, graphOutput, floatsOf([]byte("b"), 1, 6))
			g.others = appendBytes(g.others, graphOutput, floatsOf([]byte("d"), 1, 6))
		},
		"what a sum reads as well": func(g *graph) {
			for _, v := range []string{"b", "d"} {
				g.nodes = append(g.nodes, node{op: "Add", inputs: []string{v, v}, outputs: []string{"more" + v}})
			}
		},
	} {
		whole := chain(6, 1, spoil)
		if _, dropped, slopes, err := Lean(whole, 4); err != nil || dropped != 0 || slopes != 0 {
			t.Errorf("%s: %d dropped, %d slopes rewritten, %v", name, dropped, slopes, err)
		}
	}
	if _, _, _, err := Lean([]byte("<!doctype html>"), 4); err == nil {
		t.Error("what is no model was rewritten")
	}
}

func FuzzLean(f *testing.F) {
	f.Add(chain(6, 1, nil))
	f.Add(chain(6, 3, func(g *graph) { kill(g, "in", 2); kill(g, "inBias", 2) }))
	f.Add(layered(lowRank(8, 8, 8, 0)))
	f.Fuzz(func(t *testing.T, data []byte) {
		lean, _, _, err := Lean(data, 4)
		if err != nil {
			return
		}
		if _, err := parseGraph(lean); err != nil {
			t.Errorf("made of a model what is none: %v", err)
		}
	})
}
