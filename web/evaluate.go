package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate"
	"github.com/kaopass/kaopass/matcher/evaluate/page"
)

// evaluateCommand measures the models on photos of people who agreed to that, or of a public set.
type evaluateCommand struct {
	Packages    string   `env:"KAOPASS_PACKAGES" default:"node_modules" type:"path" help:"The npm packages: the inference library."`
	Models      string   `env:"KAOPASS_MODELS" default:"models" type:"path" help:"The prepared models."`
	Manifest    string   `env:"KAOPASS_MANIFEST" type:"path" help:"Which models; default: the shipped ones."`
	Library     string   `env:"KAOPASS_ONNXRUNTIME" type:"path" help:"libonnxruntime; default: the one among the packages."`
	Workers     int      `env:"KAOPASS_WORKERS" help:"Faces read at once; default: the cores."`
	Images      string   `required:"" type:"existingdir" help:"Photos: DIR/<person>/<image>, or DIR/<group>/<person>/<image> for a table by group. A photo's number is what its name ends with."`
	Pairs       string   `type:"existingfile" help:"Labelled pairs, tab-separated: \"fold name i j\" of one person, \"fold name1 i name2 j\" of two. All pairs of the photos named are compared as well. Without it: all pairs of all photos."`
	Same        string   `type:"existingfile" help:"Two names of one person on a line: sets often hold somebody twice, who is then no stranger."`
	Gallery     string   `type:"existingdir" help:"Photos of those enrolled, laid out as --images, whose people are then probes only."`
	PAD         string   `name:"pad" type:"existingdir" help:"Presentations: DIR/live/<subject>/… and DIR/<kind of attack>/<subject>/…; an image is one presentation, a folder of images one of several frames."`
	Population  int      `help:"Extrapolate 1:N to so many people, and simulate them."`
	OnSite      int      `help:"Of them on the site today; default: an eighth."`
	Report      string   `type:"path" help:"Write an HTML report and its plots (SVG) into this folder."`
	Calibration string   `type:"path" help:"Write what the policy needs to this file."`
	Source      string   `help:"Whose photos they are, for the calibration; default: the folder's name."`
	Limit       []string `sep:"none" help:"What they cannot show, for the calibration; may be repeated."`
	Also        []string `sep:"none" help:"Model whose vectors compare alike, to the last digit shown: the calibration holds for it, too."`
	WithC       bool     `name:"with-c" help:"Put the statistic c into the calibration: right for a gallery of about as many people as were measured, and for no other."`
	Rounds      int      `default:"300" help:"How often people are resampled for the confidence intervals."`
	JSON        bool     `name:"json" help:"Print one JSON object."`
}

// Run measures; what goes on meanwhile is told on standard error.
func (c *evaluateCommand) Run(ctx context.Context, out output) (err error) {
	options, err := c.options()
	if err != nil {
		return err
	}
	manifest, err := readManifest(c.Manifest)
	if err != nil {
		return err
	}
	faces, err := matcher.Open(matcher.Config{Library: cmp.Or(c.Library, matcher.LibraryPath(c.Packages)), Models: c.Models,
		Manifest: &manifest, Workers: c.Workers})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	report, err := evaluate.Run(ctx, faces, options, out.say)
	if err != nil {
		return err
	}
	if err := c.write(report); err != nil {
		return err
	}
	if c.JSON {
		return out.json(report)
	}
	return out.table(report.Table())
}

// write writes the files that were asked for.
func (c *evaluateCommand) write(report *evaluate.Report) error {
	source := cmp.Or(c.Source, filepath.Base(c.Images))
	if c.Report != "" {
		if err := page.Write(c.Report, report, source, c.Limit); err != nil {
			return err
		}
	}
	if c.Calibration == "" {
		return nil
	}
	calibration := report.Calibration(source, c.Limit, c.WithC)
	calibration.Models = append(calibration.Models, c.Also...)
	var text bytes.Buffer // one that cannot be used replaces none that can
	if err := calibration.Write(&text); err != nil {
		return fmt.Errorf("too few people for a calibration: %w", err)
	}
	return os.WriteFile(c.Calibration, text.Bytes(), 0o644)
}

func (c *evaluateCommand) options() (o evaluate.Options, err error) {
	if c.Population < 0 || c.OnSite < 0 || c.Rounds < 1 {
		return o, errors.New("--population and --on-site are not negative, --rounds is at least 1")
	}
	o = evaluate.Options{Images: c.Images, Gallery: c.Gallery, PAD: c.PAD, Population: c.Population, OnSite: c.OnSite,
		Rounds: c.Rounds, Seed: 1}
	if err := lines(c.Pairs, func(r io.Reader) (err error) { o.Pairs, err = evaluate.ReadPairs(r); return err }); err != nil {
		return o, err
	}
	return o, lines(c.Same, func(r io.Reader) (err error) { o.Same, err = evaluate.ReadNames(r); return err })
}

// lines reads a list, if there is one; its name stands before what is wrong in it.
func lines(path string, read func(io.Reader) error) error {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	if err := read(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
