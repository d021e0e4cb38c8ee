package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// follow loads the payment gallery and keeps it as the feed says.
func (p *program) follow(ctx context.Context) error {
	seq, err := p.loadGallery(ctx)
	if err != nil {
		return err
	}
	p.work.Go(func() {
		each := func(change kaopass.TemplateChange) error { return p.followOne(ctx, change) }
		if err := p.store.FollowTemplates(ctx, seq, each); ctx.Err() == nil {
			p.fail(fmt.Errorf("following the gallery: %w", err)) // a gallery that stands still would find the erased
		}
	})
	p.work.Go(func() { p.compareLeft(ctx) })
	return nil
}

// followOne takes one change of the feed over into the gallery. Whoever comes is compared first: nobody can be found who
// is not yet marked as somebody's look-alike.
func (p *program) followOne(ctx context.Context, change kaopass.TemplateChange) error {
	if change.Purpose == kaopass.ForPayment && !change.Removed {
		if err := p.mark(ctx, change.Enrolment, p.faces.Neighbours(change.Template, change.Enrolment)); err != nil {
			return err
		}
	}
	p.faces.Apply(change)
	if change.Removed && change.Purpose == kaopass.ForPayment {
		p.snapshots.spoiled.Store(true)
	}
	return nil
}

// markAgain is how long a mark waits for a database that is away.
const markAgain = time.Second

// mark notes who resembles whom. While the database is away it waits; what fails otherwise is left to compareLeft, so that
// one row does not keep everyone else out of the gallery. Its only error is that of an ended ctx.
func (p *program) mark(ctx context.Context, id kaopass.EnrolmentID, near kaopass.Neighbourhood) error {
	for {
		err := p.store.MarkAlike(ctx, id, near)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		slog.Error("noting look-alikes", "enrolment", id, "err", err)
		if !errors.Is(err, db.ErrUnavailable) {
			return nil
		}
		if err := sleep(ctx, markAgain); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}
