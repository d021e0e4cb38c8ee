package main

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/kaopass/kaopass/matcher"
)

func TestBenchStartMeasuresBothWays(t *testing.T) {
	slow(t)
	c := benchStart{Config: demoConfig(t), N: 300, Frames: 2, Later: 3, Rounds: 1, JSON: true}
	var answer, said bytes.Buffer
	if err := c.Run(t.Context(), output{&answer, &said}); err != nil {
		t.Fatal(err, said.String())
	}
	var b startBench
	if err := json.Unmarshal(answer.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if b.N != 300 || b.Dim == 0 || b.DatabaseS <= 0 || b.SnapshotS <= 0 || b.Speedup <= 0 || b.FileBytes < 300*int64(b.Dim) {
		t.Errorf("%+v", b)
	}
}

// The made-up frames of one person are as near to their mean as the help says.
func TestMadeUpTemplates(t *testing.T) {
	cfg := demoConfig(t)
	faces, err := matcher.Open(matcher.Config{Library: cfg.Library, Models: cfg.Models, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer faces.Close() //nolint:errcheck // the test's own
	made := newMadeUp(faces, 3)
	var near float64
	for i := range 200 {
		k := made.template(i)
		if _, err := k.MarshalBinary(); err != nil || len(k.Frames) != 3 || k.Model != faces.Model() {
			t.Fatal(err, len(k.Frames))
		}
		mean := k.Fused()
		for _, frame := range k.Frames {
			var dot float64
			for j := range mean {
				dot += float64(mean[j] * frame[j])
			}
			near += dot / 600
		}
	}
	if math.Abs(near-0.86) > 0.05 { // three frames pull their mean towards themselves: 0.8 of the person's own
		t.Error("frames are at", near, "from their mean")
	}
	if median([]float64{3, 1, 2}) != 2 || !math.IsNaN(median(nil)) {
		t.Error("that is not the median")
	}
}
