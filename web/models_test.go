package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModelsPrepareRefusesAForeignArchive(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "other.tgz")
	if err := os.WriteFile(archive, []byte("not an archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"models", "prepare", "--dir", t.TempDir(), "--from", archive}
	if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
		t.Error("a foreign archive was accepted")
	}
}

func TestModelsPrepareIsQuietWhenAllIsThere(t *testing.T) {
	models, err := filepath.Abs("../models")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(models); err != nil {
		t.Skip("no models here yet; `make setup` fetches them")
	}
	// With an empty PATH there is no npm: what is complete must not need it.
	t.Setenv("PATH", "")
	var said bytes.Buffer
	if err := run(t.Context(), []string{"models", "prepare", "--dir", models}, &said, &said); err != nil {
		t.Fatal(err)
	}
	if said.Len() > 0 {
		t.Errorf("said %q", said.String())
	}
}

func TestAnUnknownCommandIsAnError(t *testing.T) {
	var said bytes.Buffer
	err := run(t.Context(), []string{"dance"}, &said, &said)
	if err == nil || !strings.Contains(err.Error(), "dance") {
		t.Errorf("err = %v", err)
	}
}

func TestModelsPrepareNamesWhatTheVenueHasToBring(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), "models.json")
	own := `{"models":[{"stage":"embed","file":"own.onnx","sha256":"` + strings.Repeat("0", 64) + `",
		"input":{"name":"x","shape":[1,3,112,112],"divide":1},"outputs":[{"name":"y","shape":[1,128]}]}]}`
	if err := os.WriteFile(manifest, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"models", "prepare", "--dir", t.TempDir(), "--manifest", manifest}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "own.onnx") {
		t.Errorf("err = %v", err)
	}
}
