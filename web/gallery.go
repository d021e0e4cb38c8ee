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

// nightAfter is how long after the venue's midnight everyone's neighbourhood is measured anew: nobody shops then.
const nightAfter = 3 * time.Hour

// loadGallery fills the payment gallery, opens it for tills, and answers the event number from which the feed goes on.
// Whoever is loaded was looked at when they came: only what the feed brings is compared with the others.
func (p *program) loadGallery(ctx context.Context) (seq int64, err error) {
	begun := time.Now()
	if err := p.useSnapshots(); err != nil {
		return 0, err
	}
	seq, from, err := p.readGallery(ctx)
	if err != nil {
		return 0, err
	}
	slog.Info("gallery loaded", "from", from.from, "why", from.why, "people", p.faces.GallerySize(kaopass.ForPayment), "took", time.Since(begun))
	p.loadedFrom.Store(&from)
	p.faces.OpenGallery(seq)
	p.keepSnapshot(ctx)
	night := p.nightly(ctx)
	p.work.Go(func() { p.faces.TendGallery(ctx, night) })
	return seq, nil
}

// readGallery reads the snapshot if there is a good one, and else the database.
func (p *program) readGallery(ctx context.Context) (seq int64, from loadedFrom, err error) {
	seq, no, err := p.loadSnapshot(ctx)
	if no == "" {
		return seq, loadedFrom{from: "snapshot"}, err
	}
	seq, err = p.store.Templates(ctx, kaopass.ForPayment, func(change kaopass.TemplateChange) error {
		p.faces.Apply(change)
		return nil
	})
	return seq, loadedFrom{"database", string(no)}, err
}

// loadedFrom says where the gallery was read from at the start, and why not from the snapshot.
type loadedFrom struct{ from, why string }

// nightly ticks once a night, until ctx ends.
func (p *program) nightly(ctx context.Context) <-chan time.Time {
	ticks := make(chan time.Time)
	p.work.Go(func() {
		for {
			from, until := kaopass.VenueDay(time.Now())
			next := from.Add(nightAfter)
			if !next.After(time.Now()) {
				next = until.Add(nightAfter)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(next)):
			}
			select {
			case <-ctx.Done():
				return
			case ticks <- next:
			}
		}
	})
	return ticks
}

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
