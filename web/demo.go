package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

type demoCommand struct {
	Config
	URL  string `name:"server" help:"The running server; default: from --url or --addr."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass demo --help`.
func (demoCommand) Help() string {
	return "With the server running and no camera at hand: visitors made from recorded clips sign up, give their face over\n" +
		"WebRTC, walk through a gate, pay, are refunded, withdraw, and impostors are refused. Exits with status 0 only if\n" +
		"everything came out as it should.\n\nExample: kaopass demo --json"
}

// demoWithin is how long the whole story may take.
const demoWithin = 5 * time.Minute

// scene is one step of the story.
type scene struct {
	name string
	must bool // what follows makes no sense without it
	play func(context.Context) (detail string, err error)
}

// demoStep is how one step came out.
type demoStep struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	TookMS int64  `json:"took_ms"`
}

type demoResult struct {
	OK    bool       `json:"ok"`
	Steps []demoStep `json:"steps"`
}

// Run plays the story against the running server.
func (c *demoCommand) Run(ctx context.Context, out output) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoWithin)
	defer cancel()
	base := strings.TrimRight(orElse(orElse(c.URL, c.Public), addressOf(&c.Config)), "/")
	if err := answers(ctx, base); err != nil {
		return fmt.Errorf("nothing answers at %s: start the server with `make run` first (%w)", base, err)
	}
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	story, err := newStory(s, &c.Config, base)
	if err != nil {
		return err
	}
	if !c.JSON {
		story.tell = func(step demoStep) { tellStep(out, step) }
		_, _ = fmt.Fprintf(out.stdout, "A day at %s\n\n", base)
	}
	result := story.play(ctx)
	return c.report(out, result, story.clear(ctx))
}

func (c *demoCommand) report(out output, result demoResult, err error) error {
	if c.JSON {
		err = errors.Join(err, out.json(result))
	} else if result.OK {
		_, _ = fmt.Fprintf(out.stdout, "\nAll %d steps came out as they should.\n", len(result.Steps))
	} else {
		_, _ = fmt.Fprintln(out.stdout, "\nSomething came out otherwise than it should.")
	}
	if err == nil && !result.OK {
		return errSaid
	}
	return err
}

func tellStep(out output, s demoStep) {
	mark := "✓"
	if !s.OK {
		mark = "✗"
	}
	_, _ = fmt.Fprintf(out.stdout, "  %s %-58s %6.2f s  %s\n", mark, s.Name, float64(s.TookMS)/1000, s.Detail)
}

// play plays scene after scene; after one that must be and was not, nothing follows.
func (d *story) play(ctx context.Context) demoResult {
	result := demoResult{OK: true}
	for _, s := range d.scenes() {
		begun := time.Now()
		detail, err := s.play(ctx)
		step := demoStep{Name: s.name, OK: err == nil, Detail: detail, TookMS: time.Since(begun).Milliseconds()}
		if err != nil {
			step.Detail = err.Error()
			result.OK = false
		}
		result.Steps = append(result.Steps, step)
		if d.tell != nil {
			d.tell(step)
		}
		if err != nil && s.must {
			break
		}
	}
	return result
}
