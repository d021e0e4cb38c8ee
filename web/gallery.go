package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/kaopass/kaopass"
)

// endDayEvery is how often it is asked whether the venue's day is over.
const endDayEvery = time.Minute

// followOnSite tells the gallery who is on the site, and goes on telling it.
func (p *program) followOnSite(ctx context.Context) error {
	apply := func(change kaopass.PresenceChange) error {
		p.faces.ApplyPresence(change)
		return nil
	}
	seq, err := p.store.OnSite(ctx, apply)
	if err != nil {
		return err
	}
	p.work.Go(func() {
		if err := p.store.FollowOnSite(ctx, seq, apply); ctx.Err() == nil {
			p.fail(fmt.Errorf("following who is on the site: %w", err))
		}
	})
	p.background(ctx, endDayEvery, p.endDay)
	return nil
}

// endDay counts out whoever is still inside from the day before.
func (p *program) endDay(ctx context.Context) {
	switch left, err := p.store.EndDay(ctx); {
	case err != nil && ctx.Err() == nil:
		slog.Error("ending the day", "err", err)
	case left > 0:
		slog.Info("the day ended", "counted_out", left)
	}
}
