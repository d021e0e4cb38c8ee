package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	float32s "github.com/kaopass/kaopass/matcher/index/flat"
)

//go:embed bench_faiss.py
var faissScript string

//go:embed bench_usearch.mjs
var usearchScript string

// peerTime is how long a peer may take.
const peerTime = 2 * time.Minute

// peers shows others the same vectors: rows.f32, probes.f32 and truth.json in a folder of their own. What is not
// installed is said to be skipped.
func (c *benchSearch) peers(ctx context.Context, rows *float32s.Rows, n int, probes [][]float32, truth []int) map[string]any {
	out := map[string]any{}
	dir, err := writePeers(rows, n, probes, truth)
	defer os.RemoveAll(dir) //nolint:errcheck // it is in the folder for temporary files
	if err != nil {
		return map[string]any{"failed": err.Error()}
	}
	modules, err := filepath.Abs(c.Packages)
	if err != nil {
		modules = c.Packages
	}
	if c.Faiss {
		out["faiss"] = peer(ctx, dir, []string{"/usr/bin/python3", "python3"}, "-c", faissScript)
	}
	if c.USearch {
		out["usearch"] = peer(ctx, dir, []string{"node"}, "--input-type=module", "-e", usearchScript, modules)
	}
	return out
}

func writePeers(rows *float32s.Rows, n int, probes [][]float32, truth []int) (dir string, err error) {
	defer runtime.KeepAlive(rows) // a row alone does not hold them
	if dir, err = os.MkdirTemp("", "kaopass-peers-"); err != nil {
		return "", err
	}
	file, err := os.Create(filepath.Join(dir, "rows.f32"))
	if err != nil {
		return dir, err
	}
	defer file.Close() //nolint:errcheck // a short file is told by the peer's own error
	for i := range n {
		if _, err := file.Write(littleEndian(rows.Row(i))); err != nil {
			return dir, err
		}
	}
	var asked []byte
	for _, p := range probes {
		asked = append(asked, littleEndian(p)...)
	}
	about, err := json.Marshal(map[string]any{"n": n, "dim": rows.Dim, "probes": len(probes), "truth": truth})
	if err != nil {
		return dir, err
	}
	if err := os.WriteFile(filepath.Join(dir, "probes.f32"), asked, 0o600); err != nil {
		return dir, err
	}
	return dir, os.WriteFile(filepath.Join(dir, "about.json"), about, 0o600)
}

func littleEndian(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// peer runs a script with the first interpreter with which it works, and answers the JSON that it prints.
func peer(ctx context.Context, dir string, interpreters []string, args ...string) any {
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	skipped := "not installed"
	for _, name := range interpreters {
		var said map[string]any
		cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the scripts are ours
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1")
		answer, err := cmd.Output()
		if err == nil && json.Unmarshal(answer, &said) == nil {
			return said
		}
		if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output answers it bare
			lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
			skipped = lines[len(lines)-1]
		}
	}
	return map[string]any{"skipped": fmt.Sprint(skipped)}
}
