package evaluate

import (
	"math"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// curveOf is a set as a calibration keeps it, its intervals by resampling people.
func curveOf(s *stat.Set, b stat.Bootstrap) matcher.Curve {
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
	return out
}

// Calibration is the report as the policy reads it. The source says whose faces, the limits what they cannot show.
func (out *Report) Calibration(source string, limits []string) matcher.Calibration {
	c := matcher.Calibration{Version: matcher.CalibrationVersion, Models: []string{out.Model}, Made: out.Made, Source: source,
		Limits: limits, People: out.Acquisition.People - out.Acquisition.Lost, Gallery: out.Cells[0].Gallery}
	for _, cell := range out.Cells {
		x := matcher.Cell{Probe: cell.ProbeFrames, Template: cell.TemplateFrames, Raw: cell.Raw.curve}
		if cell.C != nil {
			x.C = &cell.C.curve
		}
		c.Cells = append(c.Cells, x)
	}
	return c
}
