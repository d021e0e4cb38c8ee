package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/matcher"
)

func explain(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, log bytes.Buffer
	err := run(t.Context(), append([]string{"policy", "explain"}, args...), &out, &log)
	return out.String(), err
}

func TestPolicyExplain(t *testing.T) {
	t.Setenv("KAOPASS_DATA", t.TempDir())
	text, err := explain(t, "--population", "1200000", "--on-site", "150000", "--json")
	var keys map[string]any
	if err := errors.Join(err, json.Unmarshal([]byte(text), &keys)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"fmr_target", "threshold", "ask_code_share", "population", "on_site", "gate", "till", "code", "look_alikes", "calibration"} {
		if _, ok := keys[key]; !ok {
			t.Errorf("no %q in %s", key, text)
		}
	}
	text, err = explain(t)
	for _, want := range []string{"1,200,000 people", "150,000 of them", "AT A GATE", "AT A TILL", "THE CODE", "LOOK-ALIKES", "Labeled Faces"} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%v: no %q in\n%s", err, want, text)
		}
	}
	for _, wrong := range [][]string{{"--population", "0"}, {"--population", "5", "--on-site", "6"}, {"--probe-frames", "9"}, {"--template-frames", "0"}} {
		if text, err := explain(t, wrong...); err == nil {
			t.Errorf("%v: %s", wrong, text)
		}
	}
}

func TestPolicyExplainsANamedCalibration(t *testing.T) {
	t.Setenv("KAOPASS_DATA", t.TempDir())
	named, err := matcher.DefaultCalibration()
	if err != nil {
		t.Fatal(err)
	}
	named.Source, named.Own, named.Made = "the guests of this house", true, time.Unix(0, 0).UTC()
	write := func() string {
		var b bytes.Buffer
		file := filepath.Join(t.TempDir(), "calibration.json")
		if err := errors.Join(named.Write(&b), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	text, err := explain(t, "--calibration", write())
	if err != nil || !strings.Contains(text, "the guests of this house") || !strings.Contains(text, "this venue's own people") {
		t.Errorf("%v\n%s", err, text)
	}
	named.Models = []string{"another.onnx@000000000000"}
	if text, err := explain(t, "--calibration", write()); err == nil || !strings.Contains(err.Error(), "another.onnx") {
		t.Errorf("another model's: %v\n%s", err, text)
	}
	if _, err := explain(t, "--calibration", "/nowhere"); err == nil {
		t.Error("a file that is not there")
	}
}

func TestNumbersForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"1,200,000": grouped(1_200_000), "12": grouped(12), "999": grouped(999), "1,000": grouped(1000), "10,000": one(1e-4),
		"not measured": percent(-1), "0 %": percent(0), "under 0.01 %": percent(1e-6), "3.3 %": percent(0.033), "54 %": percent(0.544),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
