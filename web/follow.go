package main

import (
	"context"
	"fmt"

	"github.com/kaopass/kaopass"
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
	return nil
}

// followOne takes one change of the feed over into the gallery.
func (p *program) followOne(_ context.Context, change kaopass.TemplateChange) error {
	p.faces.Apply(change)
	if change.Removed && change.Purpose == kaopass.ForPayment {
		p.snapshots.spoiled.Store(true)
	}
	return nil
}
