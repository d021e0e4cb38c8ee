package prepare

import (
	"math"
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// layered is a model of one 1x1 convolution with a bias and a reshape; w is by rows, one for each output.
func layered(w [][]float32, bias []float32) []byte {
	flat := make([]float32, 0, len(w)*len(w[0]))
	for _, row := range w {
		flat = append(flat, row...)
	}
	g := graph{
		others: appendBytes(appendBytes(nil, 2, []byte("graph")), graphOutput, floatsOf([]byte("output"), 1, len(w))),
		nodes: []node{{op: "Conv", name: "last", inputs: []string{"input", "w", "b"}, outputs: []string{"y"}},
			{op: "Reshape", name: "flat", inputs: []string{"y", "shape"}, outputs: []string{"output"}}},
		weights: []weight{{name: "w", dims: []int64{int64(len(w)), int64(len(w[0])), 1, 1}, floats: flat},
			{name: "b", dims: []int64{int64(len(bias))}, floats: bias}}}
	return g.encode()
}

// lowRank is a layer whose outputs lie in rank dimensions but for a little noise.
func lowRank(rows, cols, rank int, noise float64) (w [][]float32, bias []float32) {
	left, right, more := scattered(rows, rank), scattered(cols, rank), scattered(cols, rows)
	for i := range rows {
		row := make([]float32, cols)
		for j := range cols {
			v := float64(noise * more[i][j])
			for r := range rank {
				v += float64(left[r][i] * right[r][j])
			}
			row[j] = float32(v)
		}
		w, bias = append(w, row), append(bias, float32(left[0][i]/10))
	}
	return w, bias
}

// answer runs the layer of a parsed model on x.
func answer(t *testing.T, g *graph, x []float64) []float64 {
	t.Helper()
	layer, bias, err := g.lastLayer()
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, layer.dims[0])
	for i := range y {
		y[i] = float64(bias.floats[i])
		for j, v := range x {
			y[i] += float64(layer.floats[i*len(x)+j]) * v
		}
	}
	return y
}

func TestFoldKeepsInnerProducts(t *testing.T) {
	const rows, cols, rank = 48, 40, 16
	whole := layered(lowRank(rows, cols, rank, 1e-4))
	folded, outside, err := Fold(whole, rank)
	if err != nil || outside > 1e-6 || outside < -1e-12 {
		t.Fatalf("%.2g of the energy left out, %v", outside, err)
	}
	before, err := parseGraph(whole)
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseGraph(folded)
	if err != nil {
		t.Fatal(err)
	}
	inputs := scattered(cols, 8)
	for i, x := range inputs {
		for _, y := range inputs[:i+1] {
			want := dot(answer(t, before, x), answer(t, before, y))
			short := answer(t, after, x)
			if got := dot(short, answer(t, after, y)); len(short) != rank || math.Abs(got-want) > 1e-3*(1+math.Abs(want)) {
				t.Fatalf("%d numbers, inner product %.6f, want %.6f", len(short), got, want)
			}
		}
	}
}

func TestFoldSaysWhatItLeavesOut(t *testing.T) {
	w, bias := lowRank(48, 40, 16, 1e-4)
	_, outside, err := Fold(layered(w, bias), 8)
	if err != nil || outside < 0.01 {
		t.Errorf("half of the dimensions leave out %.2g, %v", outside, err)
	}
}

func TestFoldRefuses(t *testing.T) {
	w, bias := lowRank(8, 8, 8, 0)
	for name, c := range map[string]struct {
		model []byte
		dim   int
	}{
		"no model":            {[]byte("<!doctype html>"), 4},
		"no graph":            {nil, 4},
		"only weights":        {model(tensor(dataTypeFloat, raw(1, 2))), 1},
		"more than there are": {layered(w, bias), 9},
		"none":                {layered(w, bias), 0},
		"a bias too short":    {layered(w, bias[1:]), 4},
		"too few to be found": {layered([][]float32{{0, 0}, {0, 0}}, []float32{0, 0}), 1},
	} {
		if _, _, err := Fold(c.model, c.dim); err == nil {
			t.Errorf("%s was folded", name)
		}
	}
}

// TestFoldTwiceIsTheSame: the manifest's SHA-256 rests on it.
func TestFoldTwiceIsTheSame(t *testing.T) {
	whole := layered(lowRank(32, 32, 8, 1e-3))
	first, _, err := Fold(whole, 16)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Fold(whole, 16)
	const known = "6d0b1437ca5b338e36b8e60315a3ca274dc85b10c195cf6bfa0df272019117cd"
	if err != nil || sum(first) != sum(again) || sum(first) != known {
		t.Errorf("%s, then %s, on another machine %s, %v", sum(first), sum(again), known, err)
	}
}

// TestGraphPutTogetherAgain: what is taken apart and not changed still says the same.
func TestGraphPutTogetherAgain(t *testing.T) {
	for name, whole := range map[string][]byte{
		"a layer": layered(lowRank(4, 3, 2, 0)),
		"integers and loose numbers": model(tensor(dataTypeInt64, raw(1, 2)),
			append(tensor(dataTypeFloat, unpacked(1, 2)), protowire.AppendVarint(protowire.AppendTag(nil, tensorDims, protowire.VarintType), 2)...)),
	} {
		once, err := parseGraph(whole)
		if err != nil {
			t.Fatal(name, err)
		}
		twice, err := parseGraph(once.encode())
		if err != nil || string(twice.encode()) != string(once.encode()) || len(twice.weights) != len(once.weights) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if data, err := os.ReadFile("../../models/fr_feature.onnx"); err == nil {
		g, err := parseGraph(data)
		if err != nil || len(g.nodes) != 96 || sum(g.encode()) == "" {
			t.Errorf("%d nodes, %v", len(g.nodes), err)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add(layered(lowRank(8, 8, 8, 0)), 4)
	f.Add(model(tensor(dataTypeFloat, raw(1, 1e-20))), 1)
	f.Fuzz(func(t *testing.T, data []byte, dim int) {
		if g, err := parseGraph(data); err != nil || len(g.weights) > 8 {
			return
		}
		folded, _, err := Fold(data, dim%16)
		if err != nil {
			return
		}
		if _, err := parseGraph(folded); err != nil {
			t.Errorf("folded into what is no model: %v", err)
		}
	})
}
