package kaopass

import (
	"math"
	"testing"
)

func TestCalibrationVerdict(t *testing.T) {
	for loosens, want := range map[float64]CalibrationState{
		-0.1: CalibrationStands, 0: CalibrationStands, CalibrationStep: CalibrationStands,
		0.0201: CalibrationWaits, 1: CalibrationWaits, math.Inf(1): CalibrationWaits, math.Inf(-1): CalibrationStands,
	} {
		if got := CalibrationVerdict(loosens); got != want {
			t.Errorf("%g: %s", loosens, got)
		}
	}
	if CalibrationVerdict(math.NaN()) != CalibrationWaits {
		t.Error("what cannot be compared comes into force by itself")
	}
}
