package matcher

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
)

//go:embed models.json
var defaultManifest []byte

// Manifest says which model files Kaopass runs, where they come from, how
// each is fed and what it answers. A venue replaces a model by naming another
// manifest; nothing else in the program knows a model's file or hash.
type Manifest struct {
	Source Source  `json:"source"`
	Models []Model `json:"models"`
}

// Source is the npm package that the original files are taken from.
type Source struct {
	Package   string `json:"package"`
	Version   string `json:"version"`
	Directory string `json:"directory"` // where the files lie inside the package's archive
	Licence   string `json:"licence"`
	Notes     string `json:"notes,omitempty"`
}

// Model is one network and all that must be known to use it.
type Model struct {
	Stage          string             `json:"stage"` // detect, landmark, embed, liveness, eye
	File           string             `json:"file"`
	OriginalSHA256 string             `json:"original_sha256"` // as published, hexadecimal
	SHA256         string             `json:"sha256"`          // as prepared and loaded, hexadecimal
	Flush          *Flush             `json:"flush,omitempty"`
	Input          Input              `json:"input"`
	Outputs        []Output           `json:"outputs"`
	Alignment      string             `json:"alignment"`
	Calibration    map[string]float64 `json:"calibration,omitempty"`
	Licence        string             `json:"licence"`
	Notes          string             `json:"notes,omitempty"`
}

// Flush asks for weights closer to zero than Below to be set to zero.
// Weights is how many there are, so that a different file cannot pass.
type Flush struct {
	Below   float64 `json:"below"`
	Weights int     `json:"weights"`
}

// Input is the one tensor a model is fed, normalised as (x − Mean) / Divide.
type Input struct {
	Name     string  `json:"name"`
	Shape    []int64 `json:"shape"`    // batch, channels, height, width
	Channels string  `json:"channels"` // RGB, BGR or GREY
	Mean     float32 `json:"mean"`
	Divide   float32 `json:"divide"`
}

// Output is one tensor a model answers with.
type Output struct {
	Name  string  `json:"name"`
	Shape []int64 `json:"shape"`
	Notes string  `json:"notes,omitempty"`
}

// DefaultManifest is the manifest that Kaopass is built with.
func DefaultManifest() (Manifest, error) {
	return ReadManifest(bytes.NewReader(defaultManifest))
}

// ReadManifest reads a manifest and refuses one with unknown or missing parts.
func ReadManifest(r io.Reader) (Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("model manifest: %w", err)
	}
	for _, model := range m.Models {
		if err := model.check(); err != nil {
			return Manifest{}, fmt.Errorf("model manifest: %s: %w", model.Stage, err)
		}
	}
	return m, nil
}

// Model returns the model of a stage.
func (m Manifest) Model(stage string) (Model, error) {
	for _, model := range m.Models {
		if model.Stage == stage {
			return model, nil
		}
	}
	return Model{}, fmt.Errorf("model manifest: no model for stage %q", stage)
}

func (m Model) check() error {
	if m.File == "" || m.File != filepath.Base(m.File) {
		return fmt.Errorf("file %q is not a plain file name", m.File)
	}
	if len(m.SHA256) != 64 || len(m.OriginalSHA256) != 64 {
		return fmt.Errorf("SHA-256 of %s is missing", m.File)
	}
	if m.Input.Divide == 0 || len(m.Input.Shape) != 4 {
		return fmt.Errorf("input of %s is incomplete", m.File)
	}
	return nil
}

// LibraryPath is where npm puts ONNX Runtime for this system, below the given
// node_modules directory. It does not look whether the file is there.
func LibraryPath(nodeModules string) string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	name := "libonnxruntime.so.1"
	if runtime.GOOS == "darwin" {
		name = "libonnxruntime.1.dylib"
	}
	return filepath.Join(nodeModules, "onnxruntime-node", "bin", "napi-v6", runtime.GOOS, arch, name)
}
