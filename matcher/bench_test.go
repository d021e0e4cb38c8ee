package matcher

import (
	"encoding/json"
	"image"
	"strings"
	"testing"
)

func TestBenchFace(t *testing.T) {
	got, err := benchFace(t.Context(), open(t), clip(t, franck)[3], "this one", 11)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Frames) != 2 || got.Frames[0].Size != "640x480" || got.Frames[1].Size != "1280x720" {
		t.Fatalf("%+v", got)
	}
	for _, f := range got.Frames {
		var sum float64
		for _, stage := range BenchStages() {
			if f.Stages[stage] <= 0 {
				t.Errorf("%s: no time for %s", f.Size, stage)
			}
			sum += f.Stages[stage]
		}
		if sum > f.Total*1.5 || sum < f.Total*0.5 || f.Ratio <= 0 {
			t.Errorf("%s: stages sum to %.1f, total %.1f, ratio %.2f", f.Size, sum, f.Total, f.Ratio)
		}
		t.Logf("%s: models %.1f ms, total %.1f ms, ratio %.2f, %v", f.Size, f.Models, f.Total, f.Ratio, f.Stages)
	}
	b, err := json.Marshal(got)
	for _, key := range []string{"cpu", "threads", "frames", "size", "models_ms", "total_ms", "ratio", "stages_ms"} {
		if err != nil || !strings.Contains(string(b), `"`+key+`"`) {
			t.Errorf("no %s in %s, %v", key, b, err)
		}
	}
	if _, err := BenchFace(t.Context(), open(t), grey(360, 288, 99), ""); err == nil {
		t.Error("a picture without a face was measured")
	}
}

func BenchmarkReadFace(b *testing.B) {
	m := open(b)
	frame, err := benchFrame(clip(b, franck)[3], image.Pt(640, 480))
	if err != nil {
		b.Fatal(err)
	}
	w := m.queue.tryTake()
	defer m.queue.put(w)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if s := w.see(frame, limitsOf(UseGate), false); s.err != nil || s.reason != "" {
			b.Fatal(s.reason, s.err)
		}
	}
}
