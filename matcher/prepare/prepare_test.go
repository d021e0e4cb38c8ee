package prepare

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher"
)

func archive(t *testing.T, files map[string][]byte) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	tarred := tar.NewWriter(zipped)
	for name, data := range files {
		if err := tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := tarred.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := tarred.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// venue is a manifest of two models, one of them to be flushed.
func venue() (m matcher.Manifest, published map[string][]byte) {
	plain := model(tensor(dataTypeFloat, raw(1, 2, 3)))
	slow := model(tensor(dataTypeFloat, raw(1, 1e-20, 3)))
	fast := model(tensor(dataTypeFloat, raw(1, 0, 3)))
	m.Source = matcher.Source{Package: "faces", Directory: "package/model"}
	m.Models = []matcher.Model{
		{Stage: "detect", File: "plain.onnx", OriginalSHA256: sum(plain), SHA256: sum(plain)},
		{Stage: "embed", File: "slow.onnx", OriginalSHA256: sum(slow), SHA256: sum(fast),
			Flush: &matcher.Flush{Below: 1e-15, Weights: 1}},
	}
	return m, map[string][]byte{
		"package/model/plain.onnx": plain,
		"package/model/slow.onnx":  slow,
		"package/index.js":         []byte("never looked at"),
	}
}

func TestModelsPreparesOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "models")
	m, published := venue()
	missing, err := Ready(dir, m)
	if err != nil || len(missing) != 2 {
		t.Fatalf("an empty place misses %d, %v; want 2", len(missing), err)
	}
	if err := Models(dir, m, archive(t, published)); err != nil {
		t.Fatal(err)
	}
	missing, err = Ready(dir, m)
	if err != nil || len(missing) != 0 {
		t.Fatalf("after preparing, %d missing, %v", len(missing), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("models directory holds %v, %v; want just the two models", entries, err)
	}
}

func TestReadyFindsADamagedFile(t *testing.T) {
	dir := t.TempDir()
	m, published := venue()
	if err := Models(dir, m, archive(t, published)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "slow.onnx"), published["package/model/slow.onnx"], 0o600); err != nil {
		t.Fatal(err)
	}
	missing, err := Ready(dir, m)
	if err != nil || len(missing) != 1 || missing[0].Stage != "embed" {
		t.Errorf("the unprepared original passed as prepared: %v, %v", missing, err)
	}
}

func TestModelsRefuses(t *testing.T) {
	cases := map[string]func(m *matcher.Manifest, published map[string][]byte){
		"another original": func(_ *matcher.Manifest, published map[string][]byte) {
			published["package/model/plain.onnx"] = model(tensor(dataTypeFloat, raw(1, 2, 4)))
		},
		"a missing file": func(_ *matcher.Manifest, published map[string][]byte) {
			delete(published, "package/model/slow.onnx")
		},
		"another count of weights": func(m *matcher.Manifest, _ map[string][]byte) { m.Models[1].Flush.Weights = 2 },
		"another result":           func(m *matcher.Manifest, _ map[string][]byte) { m.Models[1].SHA256 = m.Models[0].SHA256 },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m, published := venue()
			spoil(&m, published)
			if err := Models(dir, m, archive(t, published)); err == nil {
				t.Error("was accepted")
			}
			if missing, _ := Ready(dir, m); len(missing) == 0 {
				t.Error("a refused model is in place")
			}
		})
	}
	if err := Models(t.TempDir(), matcher.Manifest{}, strings.NewReader("not gzip")); err == nil {
		t.Error("what is no archive was accepted")
	}
}
