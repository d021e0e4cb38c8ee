package matcher

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// Calibration says what an embedding model's scores mean, as they were measured on somebody's faces. The policy takes
// every threshold from one; `kaopass evaluate --calibration` writes one, and so does the nightly job from the venue's
// own gallery. It holds shares and scores of many comparisons, never a person's.
type Calibration struct {
	Version int       `json:"version"` // CalibrationVersion
	Models  []string  `json:"models"`  // ids of the models that it holds for: see [Matcher.Model]
	Made    time.Time `json:"made"`
	Source  string    `json:"source"`  // whose faces
	Limits  []string  `json:"limits"`  // what they cannot show
	Own     bool      `json:"own"`     // they are this venue's own gallery
	People  int       `json:"people"`  // different people among the strangers
	Gallery int       `json:"gallery"` // people whom each stranger met while c was measured: neighbours are nearer in a larger one
	Cells   []Cell    `json:"cells"`
}

// Cell is what was measured with so many frames fused on each side. With more frames everybody is nearer to everybody.
type Cell struct {
	Probe    int    `json:"probe_frames"`
	Template int    `json:"template_frames"` // 0: as the gallery's templates are, some of more frames, some of fewer
	Raw      Curve  `json:"raw"`             // of cosines
	C        *Curve `json:"c,omitempty"`     // of the statistic c, see Relative; absent where neighbourhoods are not known
}

// CalibrationVersion is the version of the file that this program reads and writes.
const CalibrationVersion = 1

// Limits of a calibration file.
const (
	calibrationMax = 1 << 20 // bytes
	cellsMax       = FramesMax * (kaopass.TemplateFramesMax + 1)
)

// NearestOthers is how many of the nearest other people a neighbourhood's mean is taken over.
const NearestOthers = 20

// Relative is the statistic c: how much nearer a probe is to a candidate than both are to other people (DESIGN, section
// 7). probeMean is the probe's mean similarity to its 20 nearest people other than the candidate, candidateMean the
// candidate's own to theirs. It carries a threshold between groups of people better than the bare score does.
func Relative(score, probeMean, candidateMean float64) float64 {
	return score - (probeMean+candidateMean)/2
}

//go:embed calibration.json
var shippedCalibration string

// DefaultCalibration is the one that Kaopass is built with. Its Source and Limits say what it is worth.
func DefaultCalibration() (Calibration, error) {
	var c Calibration
	if err := json.Unmarshal([]byte(shippedCalibration), &c); err != nil {
		return Calibration{}, fmt.Errorf("calibration: the shipped one: %w", err)
	}
	return c, c.check()
}

// ReadCalibration reads a file that [Calibration.Write] wrote, and refuses one that it cannot understand all of.
func ReadCalibration(r io.Reader) (Calibration, error) {
	var c Calibration
	d := json.NewDecoder(io.LimitReader(r, calibrationMax))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Calibration{}, fmt.Errorf("calibration: %w", err)
	}
	return c, c.check()
}

// Write writes the calibration as a file that people can read, too.
func (c Calibration) Write(w io.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(c)
}

// How much smaller or larger than the gallery in which c was measured another may be for c to mean the same: neighbours
// are nearer in a larger gallery, about 0.02 for each doubling, and c is what is left.
const (
	galleryLeast = 0.5
	galleryMost  = 4
)

// comparable reports whether c as it was measured says something in a gallery of so many people.
func (c Calibration) comparable(people int) bool {
	share := float64(people) / float64(max(c.Gallery, 1))
	return share >= galleryLeast && share <= galleryMost
}

// For reports whether the calibration holds for a model.
func (c Calibration) For(model string) bool { return slices.Contains(c.Models, model) }

// threshold is the score that a share fmr of strangers reaches with n frames fused in the probe and m in the template; m =
// 0 asks for the gallery's mixture of templates. It is the highest of the cells of no more frames, so more frames never
// lower it; where fewer were measured than there are, beyond answers by how many, up to three on a side. ok is false
// where the statistic was not measured.
func (c Calibration) threshold(of statistic, fmr float64, n, m int) (score float64, beyond int, ok bool) {
	cells, m := c.measured(of, m)
	n = max(n, 1)
	atN, atM := nextFrames(cells, n), nextFrames(cells, m)
	score = math.Inf(-1)
	for _, x := range cells {
		if x.fits(atN, atM) {
			score, ok = max(score, of(x).At(fmr)), true
		}
	}
	return score, framesBeyond(n, atN) + framesBeyond(m, atM), ok
}

// fits reports whether a cell has no more frames than n and m: a cosine does not care which side is the probe's.
func (x Cell) fits(n, m int) bool {
	return x.Probe <= n && x.Template <= m || x.Template > 0 && x.Template <= n && x.Probe <= m
}

// measured answers the cells that can judge a comparison with a template of m frames. Where the gallery's mixture was
// not measured it is taken for templates of the most frames, the strictest; where only the mixture was, it stands for
// every template.
func (c Calibration) measured(of statistic, m int) (cells []Cell, counted int) {
	var each, mixed []Cell
	for _, x := range c.Cells {
		switch {
		case of(x) == nil:
		case x.Template == 0:
			mixed = append(mixed, x)
		default:
			each = append(each, x)
		}
	}
	if len(each) == 0 || m == 0 && len(mixed) > 0 {
		return mixed, 0
	}
	if m == 0 {
		m = kaopass.TemplateFramesMax
	}
	return each, m
}

// statistic chooses one of a cell's curves; nil where it was not measured.
type statistic func(Cell) *Curve

func rawCurve(x Cell) *Curve { return &x.Raw }
func cCurve(x Cell) *Curve   { return x.C }

// nextFrames is the number of frames that stands for k: as many, or the next more that was measured on either side, or
// the most. For the gallery's mixture it is 0.
func nextFrames(cells []Cell, k int) int {
	next, most := math.MaxInt, 0
	for _, x := range cells {
		for _, frames := range []int{x.Probe, x.Template} {
			most = max(most, frames)
			if frames >= k && frames > 0 {
				next = min(next, frames)
			}
		}
	}
	if k == 0 {
		return 0
	}
	return min(next, most)
}

// framesCounted is how many fused frames move a threshold; more of one moment add nothing.
const framesCounted = 3

// framesBeyond is by how many frames k is more than what was measured, as far as they count.
func framesBeyond(k, measured int) int {
	return max(min(k, framesCounted)-min(measured, framesCounted), 0)
}

// check says what keeps the calibration from being used.
func (c Calibration) check() error {
	switch {
	case c.Version != CalibrationVersion:
		return fmt.Errorf("calibration: version %d, this program reads %d", c.Version, CalibrationVersion)
	case len(c.Models) == 0 || c.Source == "" || c.Made.IsZero():
		return errors.New("calibration: model, source or date is missing")
	case len(c.Cells) == 0 || len(c.Cells) > cellsMax:
		return fmt.Errorf("calibration: %d cells, 1 to %d are possible", len(c.Cells), cellsMax)
	}
	seen := map[[2]int]bool{}
	for _, x := range c.Cells {
		at := [2]int{x.Probe, x.Template}
		if x.Probe < 1 || x.Probe > FramesMax || x.Template < 0 || x.Template > kaopass.TemplateFramesMax || seen[at] {
			return fmt.Errorf("calibration: a cell of %d×%d frames", x.Probe, x.Template)
		}
		seen[at] = true
		if err := x.check(); err != nil {
			return fmt.Errorf("calibration: %d×%d frames: %w", x.Probe, x.Template, err)
		}
	}
	if !seen[[2]int{1, 1}] && !seen[[2]int{1, 0}] {
		return errors.New("calibration: nothing was measured for one frame")
	}
	return nil
}

func (x Cell) check() error {
	err := x.Raw.check()
	if x.C != nil {
		err = errors.Join(err, x.C.check())
	}
	return err
}
