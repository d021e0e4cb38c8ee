package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/kaopass/kaopass/matcher"
)

type policyCommands struct {
	Explain   policyExplain   `cmd:"" help:"Every number by which faces are judged, and where it comes from. Example: kaopass policy explain --population 1200000 --on-site 150000"`
	Calibrate policyCalibrate `cmd:"" help:"Measure what strangers reach in the venue's own gallery, now. Example: kaopass policy calibrate"`
}

// policyExplain says what the policy does in a venue of a given size.
type policyExplain struct {
	Config
	Population     int  `default:"1200000" help:"People who can be found by the face."`
	OnSite         int  `name:"on-site" default:"150000" help:"Of them on the site; 0: not known."`
	ProbeFrames    int  `name:"probe-frames" default:"3" help:"Frames that a till sends, 1 to 5."`
	TemplateFrames int  `name:"template-frames" default:"3" help:"Frames that templates have, 1 to 8."`
	JSON           bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass policy explain --help`.
func (policyExplain) Help() string {
	return "Says what a face must reach at gates and tills, how many people will be asked for their code, what a stranger's " +
		"chances are, and which measurements all that rests on.\n\n" +
		"The calibration is the file of --calibration, or the one in force in the venue's database where there is one, or the " +
		"one that Kaopass is built with.\n\n" +
		"Example: kaopass policy explain --population 1200000 --on-site 150000 --json"
}

// Run prints the explanation.
func (c *policyExplain) Run(ctx context.Context, out output) error {
	if c.Population < 1 || c.OnSite < 0 || c.OnSite > c.Population {
		return errors.New("--population is at least 1, --on-site at most as many")
	}
	if c.ProbeFrames < 1 || c.ProbeFrames > matcher.FramesMax || c.TemplateFrames < 1 || c.TemplateFrames > 8 {
		return errors.New("--probe-frames is 1 to 5, --template-frames 1 to 8")
	}
	manifest, err := readManifest(c.Manifest)
	if err != nil {
		return err
	}
	model, err := manifest.Embedder()
	if err != nil {
		return err
	}
	named, err := c.calibration()
	if err == nil && named == nil {
		named, err = c.standing(ctx, out, model)
	}
	if err != nil {
		return err
	}
	policy, err := matcher.PolicyOf(model, named)
	if err != nil {
		return err
	}
	e := policy.Explain(c.Population, c.OnSite, c.ProbeFrames, c.TemplateFrames)
	e.Model = model
	if c.JSON {
		return out.json(e)
	}
	return explained{e}.print(out.stdout)
}

// calibration reads the file that --calibration names; nil where it names none.
func (c *Config) calibration() (_ *matcher.Calibration, err error) {
	if c.Calibration == "" {
		return nil, nil //nolint:nilnil // nobody named one: that is not an error
	}
	file, err := os.Open(c.Calibration)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	found, err := matcher.ReadCalibration(file)
	return &found, err
}

// standing is the calibration in force in the venue's database; nil where there is no database yet, or none in it.
func (c *policyExplain) standing(ctx context.Context, out output, model string) (_ *matcher.Calibration, err error) {
	if _, none := os.Stat(filepath.Join(c.Data, "postgres")); c.Database == "" && none != nil {
		return nil, nil //nolint:nilnil // a machine without a venue explains the shipped calibration
	}
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	kept, err := s.CalibrationInForce(ctx, model)
	if err != nil || kept.ID == "" {
		return nil, err
	}
	found, err := matcher.ReadCalibration(bytes.NewReader(kept.Body))
	return &found, err
}
