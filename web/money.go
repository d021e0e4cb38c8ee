package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/kaopass/kaopass/handlers/card"
)

// cardJournal is the sandbox card company's file in the data folder.
const cardJournal = "card-sandbox.jsonl"

// money opens the card company and ends, on a timer, what is over: payments whose time has come, authorisations never
// captured, charges whose outcome is unknown.
func (p *program) money(ctx context.Context) (err error) {
	if p.cards, err = card.Open(filepath.Join(p.cfg.Data, cardJournal)); err != nil {
		return err
	}
	p.closed = append(p.closed, p.cards)
	p.background(ctx, expireEvery, func(ctx context.Context) {
		if _, err := p.store.Expire(ctx, p.cards); err != nil && ctx.Err() == nil {
			slog.Error("ending payments", "err", err)
		}
	})
	return nil
}
