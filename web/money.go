package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/card/stripe"
)

// cardJournal is the sandbox card company's file in the data folder.
const cardJournal = "card-sandbox.jsonl"

// How often the card company is told what to forget, and asked which refunds came back.
const (
	forgetEvery  = 30 * time.Second
	bouncesEvery = time.Hour
)

// company is the venue's card company: a desk to charge at, with books to hold ours against. It is exactly one of the two.
type company struct {
	cards interface {
		db.CardDesk
		db.CardBooks
	}
	sandbox *card.Sandbox
	stripe  *stripe.Desk
}

// What the start refuses to go on with.
var (
	errSandbox = errors.New("this venue has charged real cards with Stripe: set KAOPASS_STRIPE_KEY_FILE. The sandbox would say that " +
		"none of those charges ever was")
	errLive = errors.New("a live Stripe key wants HTTPS: set KAOPASS_URL to the https:// address that people use")
)

// money opens the card company and ends, on a timer, what is over: payments whose time has come, authorisations never
// captured, charges whose outcome is unknown.
func (p *program) money(ctx context.Context) (err error) {
	if p.cfg.StripeKey == "" {
		err = p.openSandbox(ctx)
	} else {
		err = p.openStripe(ctx)
	}
	if err != nil {
		return err
	}
	p.background(ctx, expireEvery, func(ctx context.Context) {
		if _, err := p.store.Expire(ctx, p.cards); err != nil && ctx.Err() == nil {
			slog.Error("ending payments", "err", err)
		}
	})
	return nil
}

func (p *program) openSandbox(ctx context.Context) error {
	if real, err := p.store.HasCardCompany(ctx); err != nil || real {
		return errors.Join(err, errSandbox)
	}
	desk, err := card.Open(filepath.Join(p.cfg.Data, cardJournal))
	if err != nil {
		return err
	}
	p.closed = append(p.closed, desk)
	p.cards, p.sandbox = desk, desk
	return nil
}

// openStripe refuses a key that Stripe refuses. A Stripe that cannot be reached does not keep the gates shut: cards are
// answered as unreachable until it is back.
func (p *program) openStripe(ctx context.Context) error {
	desk, err := stripe.New(p.store.DB, p.cfg.stripe())
	if err != nil {
		return err
	}
	if desk.Live() && !p.cfg.Secure() {
		return errLive
	}
	if err := desk.Check(ctx); errors.Is(err, stripe.ErrKeyRefused) || errors.Is(err, stripe.ErrAccount) {
		return err
	} else if err != nil {
		slog.Warn("Stripe does not answer: no card can be charged until it does", "err", err)
	}
	p.background(ctx, forgetEvery, func(ctx context.Context) {
		if err := desk.Forget(ctx); err != nil && ctx.Err() == nil {
			slog.Error("having Stripe forget", "err", err)
		}
	})
	p.background(ctx, bouncesEvery, func(ctx context.Context) {
		if err := desk.Bounces(ctx); err != nil && ctx.Err() == nil {
			slog.Error("asking Stripe for refunds that came back", "err", err)
		}
	})
	p.cards, p.stripe = desk, desk
	return nil
}

// inForce says it plainly, to whoever starts the server.
func (c company) inForce() string {
	if c.stripe == nil {
		return "sandbox (test numbers only; no real money moves)"
	}
	mode, notices := "test mode (no real money moves)", "messages to /v1/webhooks/stripe"
	if c.stripe.Live() {
		mode = "LIVE: real money moves"
	}
	if !c.stripe.Notices() {
		notices = "no messages taken: disputes are not seen here (KAOPASS_STRIPE_WEBHOOK_SECRET)"
	}
	return fmt.Sprintf("Stripe, %s; %s", mode, notices)
}
