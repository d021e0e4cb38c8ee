package matcher

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
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
	Stage          string             `json:"stage"`           // detect, landmark, embed, liveness, eye
	Role           string             `json:"role,omitempty"`  // empty: in force; see RoleReference
	Space          string             `json:"space,omitempty"` // of an embedder; see Model.ID
	File           string             `json:"file"`            // as prepared
	From           string             `json:"from,omitempty"`  // as published, where its name is another
	OriginalSHA256 string             `json:"original_sha256"` // as published, hexadecimal; empty: see Model.Own
	SHA256         string             `json:"sha256"`          // as prepared and loaded, hexadecimal
	Flush          *Flush             `json:"flush,omitempty"`
	Lean           *Lean              `json:"lean,omitempty"`
	Fold           *Fold              `json:"fold,omitempty"`
	Known          *Known             `json:"known,omitempty"`
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

// Lean asks for the model to be rewritten so that it answers the same and runs faster: channels that training has left
// dead are dropped, the widths between two plain convolutions brought to a Multiple, and each PRelu written as what ONNX
// Runtime is fast at. Dropped and Slopes are how many of each there are, so that a different file cannot pass.
type Lean struct {
	Multiple int `json:"multiple"`
	Dropped  int `json:"dropped"`
	Slopes   int `json:"slopes"`
}

// Fold asks for the last layer to be multiplied by an orthonormal basis of the Dimension dimensions in which most of its
// energy lies, so that the model puts out that many numbers. OutsideMax bounds the share of the energy that is left out;
// preparation refuses more. How far cosines move by it, Known checks at every start.
type Fold struct {
	Dimension  int     `json:"dimension"`
	OutsideMax float64 `json:"outside_max"`
}

// Known is what the original of an embedder answered to a few drawn patterns: the cosines of each with those before it.
// A model that is off by more than ErrorMax, whatever the cause (a wrong file, a fold that loses too much, a runtime that
// calculates otherwise on this machine), is not started with.
type Known struct {
	Cosines  []float64 `json:"cosines"`
	ErrorMax float64   `json:"error_max"`
}

// The roles of an embedder that is not in force; with either, it is loaded only when it is needed.
const (
	RoleReference = "reference" // what the one in force was made from, to measure against; people may have templates of it
	RoleFormer    = "former"    // people have templates of it until their next visit
)

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

// Model returns the model that is in force for a stage.
func (m Manifest) Model(stage string) (Model, error) { return m.inRole(stage, "") }

func (m Manifest) inRole(stage, role string) (Model, error) {
	for _, model := range m.Models {
		if model.Stage == stage && model.Role == role {
			return model, nil
		}
	}
	return Model{}, fmt.Errorf("model manifest: no %s model for stage %q", role, stage)
}

// Embedder names the embedder in force: see [Matcher.Model].
func (m Manifest) Embedder() (string, error) {
	model, err := m.Model(stageEmbed)
	if err != nil {
		return "", err
	}
	return model.ID(), nil
}

// formerEmbedders are those that are not in force: templates of theirs may be compared while there are some.
func (m Manifest) formerEmbedders() (all []Model) {
	for _, model := range m.Models {
		if model.Stage == stageEmbed && model.Role != "" {
			all = append(all, model)
		}
	}
	return all
}

// ID names the space that an embedder's vectors are of, and so the model of a template: vectors of two spaces are never
// compared. It is what the manifest calls it, since two files can answer the same to the last digit that counts; else the
// file and the beginning of its SHA-256.
func (m Model) ID() string {
	if m.Space == "" && len(m.SHA256) < 12 {
		return m.File
	}
	if m.Space != "" {
		return m.Space
	}
	return m.File + "@" + m.SHA256[:12]
}

// Own reports a model that comes from no package: the venue puts its file, as it is to be loaded, among the others.
func (m Model) Own() bool { return m.OriginalSHA256 == "" }

// Published is the file's name in the package that it comes from.
func (m Model) Published() string { return cmp.Or(m.From, m.File) }

func (m Model) check() error {
	if m.File == "" || m.File != filepath.Base(m.File) {
		return fmt.Errorf("file %q is not a plain file name", m.File)
	}
	if len(m.SHA256) != 64 || len(m.OriginalSHA256) != 64 && !m.Own() {
		return fmt.Errorf("SHA-256 of %s is missing", m.File)
	}
	if m.Own() && (m.Flush != nil || m.Lean != nil || m.Fold != nil) {
		return fmt.Errorf("%s comes from no package, so nothing prepares it", m.File)
	}
	if m.Fold != nil && (len(m.Outputs) != 1 || !slices.Equal(m.Outputs[0].Shape, []int64{1, int64(m.Fold.Dimension)})) {
		return fmt.Errorf("%s is folded to another size than it is said to answer", m.File)
	}
	if m.Stage == stageEmbed && !slices.Equal(m.Input.Shape, []int64{1, 3, alignSide, alignSide}) {
		return fmt.Errorf("%s does not take the aligned face, 1 x 3 x %d x %d", m.File, alignSide, alignSide)
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
