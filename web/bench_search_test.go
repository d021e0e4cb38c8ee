package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	float32s "github.com/kaopass/kaopass/matcher/index/flat"
	"github.com/kaopass/kaopass/matcher/index/measure"
)

func TestBenchSearchRows(t *testing.T) {
	r := &measure.Result{CPU: "a processor", Kernels: "avx2", N: 1000, Dim: 192, Flat: 200, FlatDim: 512, Search: 2, Speedup: 100,
		Accuracy: measure.Accuracy{Recall: 1, FloatFinds: 0.99, Probes: 10},
		Batch:    map[string]map[string]measure.Rate{"32": {"2": {Milliseconds: 50, PerSecond: 640}}}}
	var text strings.Builder
	for _, row := range benchSearchRows(r) {
		text.WriteString(row[0] + "\t" + row[1] + "\n")
	}
	for _, want := range []string{"a processor, avx2", "2.00 ms, 100 times as fast", "100.000% of the 99.00% of 10 probes", "50.00 ms and 640 a second on 2"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}

// What a peer is shown is what the index was asked; a peer that is not there is skipped, and that is said.
func TestBenchPeers(t *testing.T) {
	rows := float32s.New(3, 16)
	copy(rows.Row(2), []float32{1, 2})
	dir, err := writePeers(rows, 3, [][]float32{rows.Row(2)}, []int{2})
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a test's folder
	written, err := os.ReadFile(filepath.Join(dir, "rows.f32"))
	if err != nil || len(written) != 3*16*4 || written[2*16*4+2] != 0x80 || written[2*16*4+3] != 0x3f {
		t.Errorf("%d bytes, %v", len(written), err)
	}
	if said := peer(t.Context(), dir, []string{"no-such-interpreter"}, "-c", "x").(map[string]any); said["skipped"] != "not installed" {
		t.Errorf("said %v", said)
	}
	if said := peer(t.Context(), dir, []string{"sh"}, "-c", "cat about.json").(map[string]any); said["dim"] != 16.0 {
		t.Errorf("said %v", said)
	}
	if said := peer(t.Context(), dir, []string{"sh"}, "-c", "echo because >&2; exit 1").(map[string]any); said["skipped"] != "because" {
		t.Errorf("said %v", said)
	}
}

func TestBenchSearchWithoutPhotos(t *testing.T) {
	c := benchSearch{Images: filepath.Join(t.TempDir(), "none"), Packages: t.TempDir()}
	if _, err := c.photos(output{stderr: &strings.Builder{}}); err == nil {
		t.Error("no photos are photos")
	}
}
