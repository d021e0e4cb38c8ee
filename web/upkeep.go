package main

import (
	"context"
	"log/slog"
	"time"
)

// How often the venue's memory is looked after.
const (
	sealEvery  = 30 * time.Second // so much of the log is not covered by its chain yet
	sweepEvery = 10 * time.Minute
	pointEvery = time.Minute // so many transfers are summed at each look at a store's balance

	settleEvery = time.Minute // a day is closed so soon after it may be
)

// upkeep seals the log and removes what is over, on timers.
func (p *program) upkeep(ctx context.Context) {
	p.background(ctx, sealEvery, func(ctx context.Context) {
		if _, err := p.store.SealEvents(ctx); err != nil && ctx.Err() == nil {
			slog.Error("sealing the log", "err", err)
		}
	})
	p.background(ctx, pointEvery, func(ctx context.Context) {
		if _, err := p.store.Checkpoint(ctx); err != nil && ctx.Err() == nil {
			slog.Error("a checkpoint of the ledger", "err", err)
		}
	})
	p.background(ctx, sweepEvery, func(ctx context.Context) {
		if err := p.store.Sweep(ctx); err != nil && ctx.Err() == nil {
			slog.Error("sweeping", "err", err)
		}
	})
	p.background(ctx, settleEvery, func(ctx context.Context) {
		made, err := p.store.SettleDue(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("closing the stores' day", "err", err)
		}
		if made > 0 {
			slog.Info("closed the stores' day", "settlements", made)
		}
	})
}
