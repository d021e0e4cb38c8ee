package evaluate

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// calibrated is a run over made-up people, as far as a calibration needs it.
func calibrated(t *testing.T) *Report {
	t.Helper()
	a := families(160, 6, 24)
	r := &running{album: a, workers: 2, say: quiet, options: Options{Rounds: 20, Seed: 1}}
	r.out = &Report{Made: time.Unix(1, 0), Model: "a model", Acquisition: a.Acquisition()}
	if err := r.cells(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.out
}

// What is written is what the policy reads back, and c is in it only when it was asked for.
func TestCalibration(t *testing.T) {
	report := calibrated(t)
	c := report.Calibration("made-up people", []string{"nobody is real"}, false)
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	back, err := matcher.ReadCalibration(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if back.People != 160 || back.Gallery != 160 || back.Source != "made-up people" || !back.For("a model") || back.Own || len(back.Cells) != 3 {
		t.Errorf("%+v", back)
	}
	for i, cell := range back.Cells {
		if (Frames{cell.Probe, cell.Template}) != cellFrames()[i] || cell.C != nil || cell.Raw.Comparisons != report.Cells[i].Raw.Impostors {
			t.Errorf("%d against %d", cell.Probe, cell.Template)
		}
		for _, p := range report.Cells[i].Raw.DET[:2] { // the policy's threshold is the report's
			if got := cell.Raw.At(p.FMR); math.Abs(got-p.Threshold) > 0.005 {
				t.Errorf("%d against %d: %v at %g, the report says %v", cell.Probe, cell.Template, got, p.FMR, p.Threshold)
			}
		}
	}
	for _, cell := range report.Calibration("x", nil, true).Cells {
		if cell.C == nil {
			t.Error("c was asked for and is not there")
		}
	}
	if strings.Contains(file.String(), `"c":`) {
		t.Error("c is in the file")
	}
}

// Beyond what was counted the slope is the fitted tail's, never steeper than the least; each share is in its interval.
func TestTheCurvesTail(t *testing.T) {
	s := plainly(families(160, 3, 24).allPairs())
	tail, err := stat.FitTail(s)
	if err != nil {
		t.Fatal(err)
	}
	b := stat.Bootstrap{Rounds: 20, Seed: 1}
	c := curveOf(s, &tail, b)
	last := c.Strangers[len(c.Strangers)-1].FMR
	if want := tail.Threshold(last/10) - tail.Threshold(last); math.Abs(c.Decade-want) > 1e-9 {
		t.Errorf("a decade is %v, want %v", c.Decade, want)
	}
	for _, p := range c.Strangers {
		if p.Low > p.FMR || p.High < p.FMR {
			t.Errorf("%+v", p)
		}
	}
	if steep := curveOf(s, &stat.Tail{U: 0.5, Share: 1, Sigma: 1e-6, Xi: 0}, b); steep.Decade != decadeLeast {
		t.Errorf("a decade of %v", steep.Decade)
	}
	if own := curveOf(s, nil, b); own.Decade < decadeLeast || own.Pairs != len(s.Genuine) {
		t.Errorf("without a tail: %v a decade, %d pairs", own.Decade, own.Pairs)
	}
}

func TestTooFewPeopleForACalibration(t *testing.T) {
	r := &running{album: crowd(4, 2, 16, 0.3), workers: 1, say: quiet, out: &Report{Made: time.Unix(1, 0), Model: "a model"}, options: Options{Rounds: 5}}
	if err := r.cells(t.Context()); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := r.out.Calibration("four people", nil, false).Write(&file); err == nil || !strings.Contains(err.Error(), "two points") || file.Len() != 0 {
		t.Errorf("24 comparisons of strangers are a calibration: %v, %d bytes", err, file.Len())
	}
}
