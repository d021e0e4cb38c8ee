package matcher

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKnownAnswersAreTheReferences draws the patterns for the 512-d original: what the manifest knows came from there.
func TestKnownAnswersAreTheReferences(t *testing.T) {
	reference, model := referenceOf(t)
	want, err := reference.knownCosines()
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != len(model.Known.Cosines) {
		t.Fatalf("the manifest knows %d answers, want %.4f", len(model.Known.Cosines), want)
	}
	for i, k := range model.Known.Cosines {
		if d := k - want[i]; d > model.Known.ErrorMax/2 || d < -model.Known.ErrorMax/2 {
			t.Fatalf("the manifest knows %.4f, the reference answers %.4f", model.Known.Cosines, want)
		}
	}
}

// referenceOf is the original that the embedder in force was folded from.
func referenceOf(t *testing.T) (*network, Model) {
	t.Helper()
	open(t) // the runtime
	manifest, err := DefaultManifest()
	if err != nil {
		t.Fatal(err)
	}
	model, err := manifest.inRole(stageEmbed, RoleReference)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := loadNetwork("../models", model)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reference.close(); err != nil {
			t.Error(err)
		}
	})
	embed, err := manifest.Model(stageEmbed)
	if err != nil {
		t.Fatal(err)
	}
	return reference, embed
}

// TestRefusesToStartOnAnotherAnswer: a manifest and a file that agree in everything but what the model answers.
func TestRefusesToStartOnAnotherAnswer(t *testing.T) {
	_, embed := referenceOf(t)
	for name, spoil := range map[string]func(*Known){
		"another answer":   func(k *Known) { k.Cosines[2] += 0.01 },
		"too few of them":  func(k *Known) { k.Cosines = k.Cosines[1:] },
		"a bound too tiny": func(k *Known) { k.ErrorMax = 1e-12 },
	} {
		known := Known{append([]float64(nil), embed.Known.Cosines...), embed.Known.ErrorMax}
		spoil(&known)
		spoilt := embed
		spoilt.Known = &known
		if n, err := loadNetwork("../models", spoilt); err == nil {
			t.Errorf("%s: started", name)
			_ = n.close()
		} else if !strings.Contains(err.Error(), "nswer") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFoldKeepsCosines compares the folded model with its original on real faces.
func TestFoldKeepsCosines(t *testing.T) {
	reference, _ := referenceOf(t)
	long, err := reference.newCall()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = long.close() }()
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	stills, err := filepath.Glob(filepath.Join(mediaDir, "*.jpg"))
	if err != nil || len(stills) == 0 {
		t.Skip("no photos here")
	}
	var originals, folded [][]float32
	for _, name := range stills {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := Decode(b)
		if err != nil {
			continue
		}
		if v, err := w.look(toYCbCr(img)); err != nil || v.faces == 0 {
			continue
		}
		vector, err := w.embed(false)
		if err != nil {
			t.Fatal(err)
		}
		copy(long.in, w.calls.embed.in)
		if err := long.run(); err != nil {
			t.Fatal(err)
		}
		original := append([]float32(nil), long.out[0]...)
		normalise(original)
		originals, folded = append(originals, original), append(folded, vector)
	}
	worst := 0.0
	for i := range folded {
		for j := range i {
			worst = math.Max(worst, math.Abs(cosine(folded[i], folded[j])-cosine(originals[i], originals[j])))
		}
	}
	t.Logf("%d faces, %d to %d dimensions: no cosine differs by more than %.1g", len(folded), len(originals[0]), len(folded[0]), worst)
	if len(folded) < 10 || worst > 1e-4 {
		t.Error("folding changed what the model sees")
	}
}
