package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
)

// How those are compared who came while nobody followed the feed, or whom an operator wants compared again.
const (
	compareEvery = time.Minute // so often it is asked whether anybody is left
	compareBatch = 32          // people in one pass over the gallery
)

// compareLeft compares with everyone whoever was not compared yet, now and then, until the program stops.
func (p *program) compareLeft(ctx context.Context) {
	for ctx.Err() == nil {
		switch people, err := p.compareOnce(ctx); {
		case err != nil && ctx.Err() == nil:
			slog.Error("comparing who came while nobody looked", "err", err)
		case people > 0:
			slog.Info("compared who came while nobody looked", "people", people)
		}
		_ = sleep(ctx, compareEvery) // ends with ctx, as the loop does
	}
}

// compareOnce goes once through all who are left, and answers how many they were.
func (p *program) compareOnce(ctx context.Context) (people int, err error) {
	for after := kaopass.EnrolmentID(""); ; {
		left, err := p.store.Uncompared(ctx, after)
		if err != nil || len(left) == 0 {
			return people, err
		}
		for some := range slices.Chunk(left, compareBatch) {
			start := time.Now()
			for i, near := range p.faces.NeighboursAll(some) {
				some[i].Template.Wipe()
				if err := p.mark(ctx, some[i].Enrolment, near); err != nil {
					return people, err
				}
				people++
			}
			if err := sleep(ctx, time.Since(start)); err != nil { // whoever stands at a till comes first
				return people, err
			}
		}
		after = left[len(left)-1].Enrolment
	}
}

type recheckCommand struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass recheck --help`.
func (recheckCommand) Help() string {
	return "Has the running server compare everybody with everybody again: after another calibration, or models that\n" +
		"changed. It works through them in the background, and never takes a look-alike's mark away.\n\n" +
		"Example: kaopass recheck"
}

// Run marks everyone as not compared; the server does the rest.
func (c *recheckCommand) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	people, err := s.Recheck(ctx, time.Now())
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(struct {
			People int `json:"people"`
		}{people})
	}
	out.say("%d people will be compared again by the running server.", people)
	return nil
}
