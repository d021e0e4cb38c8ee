package matcher

import (
	"strings"
	"testing"
)

func TestDefaultManifestNamesEveryStage(t *testing.T) {
	m, err := DefaultManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"detect", "landmark", "embed", "liveness", "eye"} {
		model, err := m.Model(stage)
		if err != nil {
			t.Error(err)
		}
		if model.Licence == "" || len(model.Outputs) == 0 {
			t.Errorf("%s: licence or outputs missing", stage)
		}
		asked := model.Flush != nil || model.Lean != nil || model.Fold != nil
		if changed := model.SHA256 != model.OriginalSHA256; changed != asked {
			t.Errorf("%s: prepared file differs from the original: %v; asked for: %v", stage, changed, asked)
		}
	}
	if _, err := m.Model("age"); err == nil {
		t.Error("a stage that nobody names was found")
	}
}

func TestReadManifestRefuses(t *testing.T) {
	sha := strings.Repeat("0", 64)
	model := func(file, hash, input string) string {
		return `{"models":[{"stage":"x","file":"` + file + `","sha256":"` + hash + `","original_sha256":"` + sha + `","input":` + input + `}]}`
	}
	input := `{"name":"input","shape":[1,1,2,2],"divide":1}`
	cases := map[string]string{
		"not JSON":         `{`,
		"an unknown field": `{"modles":[]}`,
		"a path as file":   model("../fr.onnx", sha, input),
		"no hash":          model("fr.onnx", "", input),
		"a division by 0":  model("fr.onnx", sha, `{"shape":[1,1,2,2]}`),
	}
	for name, text := range cases {
		if _, err := ReadManifest(strings.NewReader(text)); err == nil {
			t.Errorf("manifest with %s was accepted", name)
		}
	}
	if _, err := ReadManifest(strings.NewReader(model("fr.onnx", sha, input))); err != nil {
		t.Errorf("a good manifest was refused: %v", err)
	}
}

func TestLibraryPath(t *testing.T) {
	path := LibraryPath("node_modules")
	if !strings.HasPrefix(path, "node_modules/onnxruntime-node/bin/napi-v6/") || !strings.Contains(path, "libonnxruntime.") {
		t.Errorf("LibraryPath = %q", path)
	}
}

func TestAModelOfTheVenuesOwn(t *testing.T) {
	sha := strings.Repeat("0", 64)
	own := func(more string) string {
		return `{"models":[{"stage":"embed","file":"own.onnx","space":"own","sha256":"` + sha + `",` + more +
			`"input":{"name":"x","shape":[1,3,112,112],"divide":1},"outputs":[{"name":"y","shape":[1,128]}]}]}`
	}
	m, err := ReadManifest(strings.NewReader(own("")))
	if err != nil {
		t.Fatal(err)
	}
	if id, err := m.Embedder(); err != nil || id != "own" || !m.Models[0].Own() {
		t.Errorf("%q, %v", id, err)
	}
	for name, text := range map[string]string{
		"a preparation that nothing does": own(`"lean":{"multiple":16},`),
		"another input":                   strings.Replace(own(""), "112,112", "96,96", 1),
		"a fold to another size":          own(`"original_sha256":"` + sha + `","fold":{"dimension":64},`),
	} {
		if _, err := ReadManifest(strings.NewReader(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
