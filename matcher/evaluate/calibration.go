package evaluate

import (
	"math"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// curveOf is a set as a calibration keeps it, its intervals by resampling people, and beyond the last share that was
// counted the slope that the fitted tail has there: with the same people dealt several times, the few highest comparisons
// are too few people's to give one.
func curveOf(s *stat.Set, tail *stat.Tail, b stat.Bootstrap) matcher.Curve {
	genuine := make([]float64, len(s.Genuine))
	for i, c := range s.Genuine {
		genuine[i] = float64(c.Score)
	}
	strangers := make([]float64, len(s.Tail))
	for i, c := range s.Tail {
		strangers[i] = float64(c.Score)
	}
	out := matcher.NewCurve(strangers, s.Impostors, genuine)
	for i := range out.Strangers {
		p := &out.Strangers[i]
		ci := s.Reach(p.Score, b)
		p.Low, p.High = math.Min(ci[0], p.FMR), math.Max(ci[1], p.FMR)
	}
	if last := len(out.Strangers) - 1; tail != nil && last >= 0 {
		fmr := math.Min(out.Strangers[last].FMR, tail.Share)
		out.Decade = math.Max(tail.Threshold(fmr/10)-tail.Threshold(fmr), decadeLeast)
	}
	return out
}

// decadeLeast is the least that a tenth as many strangers are nearer by: a tail is never taken for steeper.
const decadeLeast = 0.01

// Calibration is the report as the policy reads it. The source says whose faces, the limits what they cannot show.
// The statistic c is in it on request: neighbours are nearer in a larger gallery, so its curve is right only for one of
// about as many people as were measured.
func (out *Report) Calibration(source string, limits []string, withC bool) matcher.Calibration {
	c := matcher.Calibration{Version: matcher.CalibrationVersion, Models: []string{out.Model}, Made: out.Made, Source: source,
		Limits: limits, People: out.Acquisition.People - out.Acquisition.Lost, Gallery: out.Cells[0].Gallery}
	for _, cell := range out.Cells {
		x := matcher.Cell{Probe: cell.ProbeFrames, Template: cell.TemplateFrames, Raw: cell.Raw.curve}
		if cell.C != nil && withC {
			x.C = &cell.C.curve
		}
		c.Cells = append(c.Cells, x)
	}
	return c
}
