package main

import (
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher"
)

func TestBenchFaceRows(t *testing.T) {
	rows := benchFaceRows(matcher.FaceBench{CPU: "a processor", Threads: 1, Frames: []matcher.FaceBenchFrame{
		{Size: "640x480", Models: 20, Total: 25, Ratio: 1.25, Stages: map[string]float64{"decode": 3.5}}}})
	var text strings.Builder
	for _, r := range rows {
		text.WriteString(r[0] + "\t" + r[1] + "\n")
	}
	for _, want := range []string{"a processor", "640x480\t25.0 ms, 1.25 times the models' own 20.0 ms", "  decode\t3.50 ms"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	if cpuName() == "" {
		t.Error("the processor has no name")
	}
}
