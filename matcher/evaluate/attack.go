package evaluate

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// PAD is how presentation attacks and living people were classified by one frame's or one approach's liveness (ISO/IEC
// 30107-3). The rates at the top are those at the threshold of gates and tills.
type PAD struct {
	Threshold float64            `json:"threshold"`
	BPCER     float64            `json:"bpcer"`
	APCER     map[string]float64 `json:"apcer"` // by kind of attack

	Subjects int        `json:"subjects"`
	Points   []PADPoint `json:"points"` // at each threshold in force, and about them
	Lowest   float64    `json:"lowest"` // threshold that refuses 2 % of the living
}

// PADPoint is the rates at one threshold.
type PADPoint struct {
	Threshold float64                 `json:"threshold"`
	Living    stat.PADRate            `json:"bpcer"`
	Attacks   map[string]stat.PADRate `json:"apcer"`
}

// living is the folder of people who were there themselves.
const living = "live"

// presentation is one try: an image, or a folder of the frames of one approach.
type presentation struct {
	kind    string
	subject string
	frames  []string
}

// openPAD lists the presentations under a folder: dir/live/<subject>/… and dir/<kind of attack>/<subject>/…, in which an
// image is a presentation of one frame and a folder of images one of several. A subject has one name throughout.
func openPAD(dir string) ([]presentation, error) {
	found := map[string]*presentation{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isImage(path) {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		parts := strings.Split(filepath.ToSlash(relative), "/")
		if len(parts) != 3 && len(parts) != 4 {
			return fmt.Errorf("%s: not <kind>/<subject>/<image> or <kind>/<subject>/<capture>/<image>", path)
		}
		key := filepath.Join(parts[:min(len(parts), 3)]...)
		p := found[key]
		if p == nil {
			if len(found) == photosMax {
				return fmt.Errorf("%s: more than %d presentations", dir, photosMax)
			}
			p = &presentation{kind: parts[0], subject: parts[1]}
			found[key] = p
		}
		p.frames = append(p.frames, path)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]presentation, 0, len(found))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[key])
	}
	if !slices.ContainsFunc(out, func(p presentation) bool { return p.kind == living }) || len(out) == 0 {
		return nil, fmt.Errorf("%s: no folder %q with <subject>/<image> in it", dir, living)
	}
	return out, nil
}

// approachFrames is how many frames of a longer capture are judged together, evenly spread: as many as a till looks at.
const approachFrames = matcher.FramesMax

// measurePAD judges every presentation: the mean liveness of its frames, as a gate or a till does.
func measurePAD(ctx context.Context, m *matcher.Matcher, o Options, say Say) (*PAD, error) {
	all, err := openPAD(o.PAD)
	if err != nil {
		return nil, err
	}
	raw := m.Raw(permitted())
	judged := make([]stat.Presentation, len(all))
	err = eachOf(ctx, "presentations", len(all), raw.Workers(), say, func(i int) (err error) {
		judged[i], err = judge(ctx, raw, all[i].frames)
		return err
	})
	if err != nil {
		return nil, err
	}
	subjects := map[string]int{}
	kinds := map[string][]stat.Presentation{}
	for i, p := range all {
		if _, known := subjects[p.subject]; !known {
			subjects[p.subject] = len(subjects)
		}
		judged[i].Subject = subjects[p.subject]
		kinds[p.kind] = append(kinds[p.kind], judged[i])
	}
	return padOf(kinds, len(subjects), matcher.DefaultPolicy().LiveMin, o.bootstrap()), nil
}

func judge(ctx context.Context, raw matcher.Raw, frames []string) (stat.Presentation, error) {
	var sum float64
	seen := 0
	step := max((len(frames)+approachFrames-1)/approachFrames, 1)
	for i := 0; i < len(frames); i += step {
		face, err := readFace(ctx, raw, frames[i], matcher.RawWish{Live: true})
		if err != nil {
			return stat.Presentation{}, err
		}
		if face.fault == "" {
			sum, seen = sum+face.Live, seen+1
		}
	}
	return stat.Presentation{Live: sum / max(float64(seen), 1), Answered: seen > 0}, nil
}

// padOf reads the rates off at the threshold in force, at that of captures, and about them.
func padOf(kinds map[string][]stat.Presentation, subjects int, threshold float64, b stat.Bootstrap) *PAD {
	out := &PAD{Threshold: threshold, APCER: map[string]float64{}, Subjects: subjects}
	at := []float64{0.02, 0.05, 0.1, 0.2, threshold, 0.5, 0.7, 0.9}
	slices.Sort(at)
	for _, t := range slices.Compact(at) {
		p := PADPoint{Threshold: t, Living: stat.Refused(kinds[living], t, b), Attacks: map[string]stat.PADRate{}}
		for kind, all := range kinds {
			if kind != living {
				p.Attacks[kind] = stat.Attacked(all, t, b)
			}
		}
		out.Points = append(out.Points, p)
		if t == threshold {
			out.BPCER = p.Living.Rate
			for kind, rate := range p.Attacks {
				out.APCER[kind] = rate.Rate
			}
		}
	}
	var live []float64
	for _, p := range kinds[living] {
		if p.Answered {
			live = append(live, p.Live)
		}
	}
	slices.Sort(live)
	if len(live) > 0 {
		out.Lowest = live[len(live)*2/100]
	}
	return out
}
