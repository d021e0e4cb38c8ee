package matcher

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"runtime"
)

// FaceSoak is what many readings leave behind in memory.
type FaceSoak struct {
	Probes     int     `json:"probes"`
	PerProbe   float64 `json:"bytes_per_probe"`     // allocated, and given back
	HeapGrowth int64   `json:"heap_growth_bytes"`   // of Go's heap in use, from the first tenth to the end
	RSSGrowth  int64   `json:"rss_growth_bytes"`    // of the process, with the models' memory; 0 where the system does not tell
	FrameBytes int     `json:"frame_bytes"`         // of the JPEG that was read
	Flat       bool    `json:"flat"`                // within soakGrowthMax
	Small      bool    `json:"no_large_allocation"` // PerProbe within soakProbeMax
}

// What many readings may leave, and what one may take.
const (
	soakGrowthMax = 32 << 20
	soakProbeMax  = 1 << 20
)

// SoakFace reads a face in a frame of 640×480 so many times, as a gate does, and says what memory came of it. The first
// tenth is not counted: until then buffers grow to what they stay at.
func SoakFace(ctx context.Context, m *Matcher, picture image.Image, probes int) (FaceSoak, error) {
	frame, err := benchFrame(toYCbCr(picture), image.Point{X: 640, Y: 480})
	if err != nil {
		return FaceSoak{}, err
	}
	images := [][]byte{frame}
	read := func(n int) error {
		for range n {
			p, err := m.Read(ctx, UseGate, images)
			if err != nil || p.vector == nil {
				return errors.Join(errBenchFace, err)
			}
		}
		return nil
	}
	if err := read(max(probes/10, 1)); err != nil {
		return FaceSoak{}, err
	}
	before, beforeRSS := heap()
	if err := read(probes); err != nil {
		return FaceSoak{}, err
	}
	after, afterRSS := heap()
	out := FaceSoak{Probes: probes, PerProbe: float64(after.TotalAlloc-before.TotalAlloc) / float64(max(probes, 1)),
		HeapGrowth: int64(after.HeapInuse) - int64(before.HeapInuse), RSSGrowth: afterRSS - beforeRSS, FrameBytes: len(frame)}
	out.Flat = out.HeapGrowth <= soakGrowthMax && out.RSSGrowth <= soakGrowthMax
	out.Small = out.PerProbe <= soakProbeMax
	return out, nil
}

// heap is Go's memory with nothing left to collect, and the process's in bytes.
func heap() (s runtime.MemStats, rss int64) {
	runtime.GC()
	runtime.ReadMemStats(&s)
	if b, err := os.ReadFile("/proc/self/statm"); err == nil { // proc(5): size, then resident, in pages
		var size int64
		if _, err := fmt.Sscan(string(b), &size, &rss); err == nil {
			rss *= int64(os.Getpagesize())
		}
	}
	return s, rss
}
