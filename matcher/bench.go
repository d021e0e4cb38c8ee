package matcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// benchRounds is how often each frame is read; the median of them is told.
const benchRounds = 120

// FaceBench is what reading a face costs on this machine, one thread, and how much of it the models alone cost.
type FaceBench struct {
	CPU     string           `json:"cpu"`
	Threads int              `json:"threads"` // that one reading uses
	Frames  []FaceBenchFrame `json:"frames"`
}

// FaceBenchFrame is one size of frame: medians, in milliseconds.
type FaceBenchFrame struct {
	Size   string             `json:"size"`
	Models float64            `json:"models_ms"` // the same models run on what the reading left in their inputs
	Total  float64            `json:"total_ms"`  // JPEG bytes to vector and liveness
	Ratio  float64            `json:"ratio"`     // Total over Models
	Stages map[string]float64 `json:"stages_ms"`
}

// BenchStages lists the stages in the order in which a reading goes through them.
func BenchStages() []string {
	return []string{"decode", "detect", "landmark", "align", "quality", "embed", "liveness"}
}

// BenchFace reads one face in frames of 640×480 and 1280×720, as a gate does, and after each reading runs the bare
// models, so that both meet the same machine. The picture shows one face, large; cpu names the machine.
func BenchFace(ctx context.Context, m *Matcher, picture image.Image, cpu string) (FaceBench, error) {
	return benchFace(ctx, m, picture, cpu, benchRounds)
}

func benchFace(ctx context.Context, m *Matcher, picture image.Image, cpu string, rounds int) (FaceBench, error) {
	out := FaceBench{CPU: cpu, Threads: 1}
	w, err := m.queue.take(ctx, m.probes)
	if err != nil {
		return out, err
	}
	defer m.queue.put(w)
	for _, size := range []image.Point{{X: 640, Y: 480}, {X: 1280, Y: 720}} {
		frame, err := benchFrame(toYCbCr(picture), size)
		if err != nil {
			return out, err
		}
		result, err := w.benchSize(ctx, frame, rounds)
		if err != nil {
			return out, err
		}
		result.Size = fmt.Sprintf("%dx%d", size.X, size.Y)
		out.Frames = append(out.Frames, result)
	}
	return out, nil
}

// benchFrame is the picture at a size, with a camera's noise: a smooth one would decode too fast to be true.
func benchFrame(p *image.YCbCr, size image.Point) ([]byte, error) {
	k := min(float64(size.X)/float64(p.Rect.Dx()), float64(size.Y)/float64(p.Rect.Dy()))
	w, h := int(float64(p.Rect.Dx())*k)&^1, int(float64(p.Rect.Dy())*k)&^1
	out := image.NewYCbCr(image.Rect(0, 0, size.X, size.Y), image.YCbCrSubsampleRatio420)
	for i := range out.Cb {
		out.Cb[i], out.Cr[i] = 128, 128
	}
	luma, blue, red, _, _ := planes(p)
	random := rand.New(rand.NewPCG(1, 1)) // the same frame in every run
	enlarge(out.Y, out.YStride, w, h, luma, func() float32 { return float32(random.NormFloat64() * 2) })
	enlarge(out.Cb, out.CStride, w/2, h/2, blue, func() float32 { return 0 })
	enlarge(out.Cr, out.CStride, w/2, h/2, red, func() float32 { return 0 })
	var b bytes.Buffer
	err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 90})
	return b.Bytes(), err
}

func enlarge(dst []uint8, stride, w, h int, p plane, noise func() float32) {
	var r resampler
	drawn := make([]float32, w*h)
	r.resize(drawn, w, w, h, p, window{0, 0, float64(p.w), float64(p.h)})
	for i, v := range drawn {
		dst[i/w*stride+i%w] = uint8(clamp(v + noise()))
	}
}

var errBenchFace = errors.New("matcher: the benchmark's picture does not show one good face")

func (w *workspace) benchSize(ctx context.Context, frame []byte, rounds int) (FaceBenchFrame, error) {
	var totals, models []time.Duration
	stages := map[string][]time.Duration{}
	w.laps = &laps{}
	defer func() { w.laps = nil }()
	for range rounds {
		if ctx.Err() != nil {
			return FaceBenchFrame{}, ctx.Err()
		}
		w.laps.start()
		begun := time.Now()
		s := w.see(frame, limitsOf(UseGate), false)
		totals = append(totals, time.Since(begun))
		if s.err != nil || s.reason != "" && s.reason != kaopass.NotLive {
			return FaceBenchFrame{}, errors.Join(errBenchFace, s.err)
		}
		for _, l := range w.laps.all {
			stages[l.stage] = append(stages[l.stage], l.took)
		}
		begun = time.Now()
		for _, c := range []*call{w.calls.detect, w.calls.landmark, w.calls.embed, w.calls.liveness} {
			if err := c.run(); err != nil {
				return FaceBenchFrame{}, err
			}
		}
		models = append(models, time.Since(begun))
	}
	out := FaceBenchFrame{Models: median(models), Total: median(totals), Stages: map[string]float64{}}
	out.Ratio = out.Total / out.Models
	for stage, took := range stages {
		out.Stages[stage] = median(took)
	}
	return out, nil
}

// median is in milliseconds.
func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2]) / float64(time.Millisecond)
}

// laps are the stages' times of one reading. A nil one marks nothing.
type laps struct {
	last time.Time
	all  []lap
}

type lap struct {
	stage string
	took  time.Duration
}

func (l *laps) start() { l.last, l.all = time.Now(), l.all[:0] }

func (l *laps) mark(stage string) {
	if l == nil {
		return
	}
	now := time.Now()
	l.all = append(l.all, lap{stage, now.Sub(l.last)})
	l.last = now
}
