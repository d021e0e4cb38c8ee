package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
)

// benchStart measures how long a gallery of many people takes to be ready: from the database, and from its snapshot.
type benchStart struct {
	Config
	N      int  `name:"n" default:"100000" help:"People in the gallery."`
	Frames int  `default:"3" help:"Frames in each template."`
	Later  int  `default:"200" help:"People who come after the snapshot was written, and are caught up from the feed."`
	Rounds int  `default:"3" help:"Rounds; in each, the database and the snapshot take turns."`
	JSON   bool `name:"json" help:"Print one JSON object."`
}

type startBench struct {
	N              int     `json:"n"`
	Dim            int     `json:"dim"`
	Frames         int     `json:"frames"`
	Later          int     `json:"later"`
	DatabaseS      float64 `json:"database_s"`
	SnapshotS      float64 `json:"snapshot_s"`
	Speedup        float64 `json:"speedup"`
	SaveS          float64 `json:"save_s"`
	FileBytes      int64   `json:"file_bytes"`
	BytesPerPerson float64 `json:"file_bytes_per_person"`
	FillS          float64 `json:"fill_s"`
	Rounds         int     `json:"rounds"`
}

// Help is shown by `kaopass bench start --help`.
func (benchStart) Help() string {
	return "Fills an embedded PostgreSQL in a temporary folder with people of made-up vectors (each frame at about 0.8 of cosine\n" +
		"from its person's mean, as frames of one person are; people as far apart as chance puts them), sealed as enrolment\n" +
		"seals them. Then it measures what a start does until tills are served: read and unseal every template on all cores, or\n" +
		"read the sealed snapshot and catch up. Medians over rounds; both read what the operating system has in memory.\n" +
		"1.2 million people of three frames need 12 GB of disk for the moment, and some minutes to be filled in.\n\n" +
		"Example: kaopass bench start --n 1200000 --json"
}

// Run fills, measures and prints.
func (c *benchStart) Run(ctx context.Context, out output) (err error) {
	cfg, gone, err := c.elsewhere()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gone()) }()
	cfg.SnapshotEvery = time.Hour
	cfg.measures = true
	store, err := serveStore(ctx, &cfg, io.Discard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	result, err := c.measure(ctx, &program{cfg: &cfg, store: store}, out)
	if err != nil {
		return err
	}
	return c.print(out, result)
}

func (c *benchStart) measure(ctx context.Context, p *program, out output) (b startBench, err error) {
	b = startBench{N: c.N, Frames: c.Frames, Later: c.Later, Rounds: c.Rounds}
	if err := c.fill(ctx, p, &b, out); err != nil {
		return b, err
	}
	var database, snapshot, ratio []float64
	for range c.Rounds {
		slow, err := p.timeLoad(ctx, c.N+c.Later, false)
		if err != nil {
			return b, err
		}
		quick, err := p.timeLoad(ctx, c.N+c.Later, true)
		if err != nil {
			return b, err
		}
		out.say("ready from the database in %.2f s, from the snapshot in %.3f s: %.1f times as fast", slow, quick, slow/quick)
		database, snapshot, ratio = append(database, slow), append(snapshot, quick), append(ratio, slow/quick)
	}
	b.DatabaseS, b.SnapshotS, b.Speedup = median(database), median(snapshot), median(ratio)
	return b, nil
}

// fill makes the people and the snapshot, and the people who come later.
func (c *benchStart) fill(ctx context.Context, p *program, b *startBench, out output) (err error) {
	if err := p.reopen(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.faces.Close()) }()
	made := newMadeUp(p.faces, c.Frames)
	b.Dim = p.faces.VectorLen()
	out.say("filling the database with %d people …", c.N)
	begun := time.Now()
	if err := p.store.Fill(ctx, c.N, made.template); err != nil {
		return err
	}
	b.FillS = time.Since(begun).Seconds()
	seq, _, err := p.readGallery(ctx)
	if err != nil {
		return err
	}
	p.faces.OpenGallery(seq)
	begun = time.Now()
	p.saveSnapshot(ctx)
	b.SaveS = time.Since(begun).Seconds()
	info, err := os.Stat(p.snapshots.path)
	if err != nil {
		return err
	}
	b.FileBytes, b.BytesPerPerson = info.Size(), float64(info.Size())/float64(max(c.N, 1))
	return c.come(ctx, p, made)
}

// come enrols people as a desk does.
func (c *benchStart) come(ctx context.Context, p *program, made *madeUp) error {
	consent := kaopass.Consent{Purpose: kaopass.ForPayment, TextVersion: "bench", TextHash: kaopass.TextHash("bench"),
		Language: kaopass.English, Method: kaopass.SignedPaper, Mark: "bench"}
	for i := range c.Later {
		in := db.Import{Name: "Bench", Language: kaopass.English, Template: made.template(c.N + i),
			Consents: []kaopass.Consent{consent}, ConsentRef: "bench"}
		if done, err := p.store.Import(ctx, in); err != nil || done.Reason != "" {
			return errors.Join(fmt.Errorf("enrolling: %q", done.Reason), err)
		}
	}
	return nil
}

// reopen gives the program an empty gallery.
func (p *program) reopen() (err error) {
	if err := p.useSnapshots(); err != nil {
		return err
	}
	p.faces, err = matcher.Open(matcher.Config{Library: p.cfg.Library, Models: p.cfg.Models, Workers: 1})
	debug.FreeOSMemory()
	return err
}

// timeLoad is how long a start takes until tills are served, in seconds: models and database are open already.
func (p *program) timeLoad(ctx context.Context, people int, snapshot bool) (seconds float64, err error) {
	if err := p.reopen(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.faces.Close()) }()
	if !snapshot {
		p.snapshots.every = 0 // as if there were none
	}
	begun := time.Now()
	_, from, err := p.readGallery(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := p.store.OnSite(ctx, func(change kaopass.PresenceChange) error { p.faces.ApplyPresence(change); return nil }); err != nil {
		return 0, err
	}
	took := time.Since(begun).Seconds()
	if found := p.faces.GallerySize(kaopass.ForPayment); found != people || (from.from == "snapshot") != snapshot {
		return 0, fmt.Errorf("%d of %d people were loaded from the %s (%s)", found, people, from.from, from.why)
	}
	return took, nil
}

func (c *benchStart) print(out output, b startBench) error {
	if c.JSON {
		return out.json(b)
	}
	return out.table([][2]string{
		{"people", fmt.Sprintf("%d of %d frames, %d dimensions; %d of them since the snapshot", b.N+b.Later, b.Frames, b.Dim, b.Later)},
		{"from the database", fmt.Sprintf("%.2f s", b.DatabaseS)},
		{"from the snapshot", fmt.Sprintf("%.3f s, %.1f times as fast", b.SnapshotS, b.Speedup)},
		{"the file", fmt.Sprintf("%.0f MB, %.0f bytes a person, written in %.2f s", float64(b.FileBytes)/1e6, b.BytesPerPerson, b.SaveS)},
	})
}

func median(of []float64) float64 {
	slices.Sort(of)
	if len(of) == 0 {
		return math.NaN()
	}
	return of[len(of)/2]
}

// madeUp makes templates of nobody. Drawing 700 million normal numbers would take longer than sealing them: each vector
// is a stretch of one long table, from a place that is drawn.
type madeUp struct {
	model       string
	dim, frames int
	table       []float32
}

// frameNoise puts a frame at a cosine of about 0.8 from its person's mean: 1/√(1+0.75²).
const frameNoise = 0.75

func newMadeUp(faces *matcher.Matcher, frames int) *madeUp {
	m := &madeUp{model: faces.Model(), dim: faces.VectorLen(), frames: frames, table: make([]float32, 1<<20)}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.table {
		m.table[i] = float32(random.NormFloat64())
	}
	return m
}

// template is the i-th person's.
func (m *madeUp) template(i int) kaopass.Template {
	random := rand.New(rand.NewPCG(uint64(i), 3))
	draw := func() []float32 { return m.table[random.IntN(len(m.table)-m.dim):][:m.dim] }
	self := draw()
	out := kaopass.Template{Model: m.model, Frames: make([][]float32, m.frames)}
	for f := range out.Frames {
		noise, v := draw(), make([]float32, m.dim)
		var square float64
		for j := range v {
			v[j] = self[j] + frameNoise*noise[j]
			square += float64(v[j]) * float64(v[j])
		}
		for j := range v {
			v[j] /= float32(math.Sqrt(square))
		}
		out.Frames[f] = v
	}
	return out
}
