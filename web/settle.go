package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/card/stripe"
)

type settleCommand struct {
	Config
	Day   string `help:"The day, e.g. 2026-07-01: it ends at four the next morning. Default: the last that is over."`
	Store string `help:"Compare this store alone."`
	Check bool   `help:"Compare only; close nothing."`
	JSON  bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass settle --help`.
func (settleCommand) Help() string {
	return "Closes a day of trade for every store, if it is over and not closed yet, and holds the ledger against the card " +
		"company's books and the tills' own totals, to the yen.\n\nNames every difference with its ids, and ends with status 1 " +
		"where there is one, or where the card company did not answer.\n\nExample: kaopass settle --day 2026-07-01 --store ramen --json"
}

// books opens the card company's books beside the server that may be running.
func (c *Config) books(ctx context.Context, s *store) (db.CardBooks, error) {
	if c.StripeKey != "" {
		return stripe.New(s.DB, c.stripe())
	}
	if real, err := s.HasCardCompany(ctx); err != nil || real {
		return nil, errors.Join(err, errSandbox)
	}
	return card.OpenBooks(filepath.Join(c.Data, cardJournal))
}

// Run closes and compares.
func (c *settleCommand) Run(ctx context.Context, out output) error {
	day := kaopass.TradeDayOf(time.Now()).Add(-1)
	if c.Day != "" {
		var ok bool
		if day, ok = kaopass.ParseTradeDay(c.Day); !ok {
			return errors.New("--day is a day, e.g. 2026-07-01")
		}
	}
	return audited(ctx, &c.Config, out, func(s *store) (bool, error) {
		books, err := c.books(ctx, s)
		if err != nil {
			return false, err
		}
		if !c.Check && day.Over(time.Now()) {
			if _, err := s.Settle(ctx, day, ""); err != nil {
				return false, err
			}
		}
		found, err := s.Reconcile(ctx, books, day, kaopass.Zone(c.Store), "venue")
		if err != nil {
			return false, err
		}
		if c.JSON {
			return found.OK(), out.json(settledJSON(found))
		}
		return found.OK(), out.settled(found)
	})
}

// settled prints a day for people.
func (o output) settled(r db.Reconciliation) error {
	rows := [][2]string{{"day", string(r.Day)}, {"closed", fmt.Sprint(r.Closed)}}
	for _, s := range r.Settlements {
		rows = append(rows, [2]string{"store " + string(s.Store), fmt.Sprintf("net %s (gross %d, refunded %d, fees %d at %s %%, late %d)", s.Net,
			s.Captured.Value, s.Refunded.Value, s.Fees.Value, feePercent(s.FeePoints), s.Late)})
	}
	sides := func(s db.Sides) string { return fmt.Sprintf("captured %s, refunded %s", s.Captured, s.Refunded) }
	rows = append(rows, [2]string{"cards, ledger", sides(r.Card)}, [2]string{"cards, provider", sides(r.Provider)},
		[2]string{"wallets, ledger", sides(r.EMoney)}, [2]string{"tills", fmt.Sprint(len(r.Tills))},
		[2]string{"settled by hand", sides(r.ByHand)}, [2]string{"differences", fmt.Sprint(r.DifferencesFound)})
	err := o.table(rows)
	for _, d := range slices.Concat(r.Differences, r.Settled) {
		o.say("%s %s: ours %d, theirs %d yen; %s%s %s %s %s", d.At.UTC().Format(time.RFC3339), settleSays(d.Kind), d.Ours.Value, d.Theirs.Value,
			d.Payment, d.Till, d.Charge, d.Refund, d.Store)
	}
	if r.ProviderAway {
		o.say("The card company did not answer: nothing is compared with its books.")
	}
	return err
}

// feePercent writes basis points as people say them: 250 is 2.50.
func feePercent(points int) string { return fmt.Sprintf("%d.%02d", points/100, points%100) }

// settleSays is what a difference means, in a line.
func settleSays(k kaopass.DifferenceKind) string {
	return map[kaopass.DifferenceKind]string{
		kaopass.NotAtProvider:     "in our ledger, not at the card company",
		kaopass.NotToldYet:        "in our ledger, the card company has not been told yet",
		kaopass.RefusedByProvider: "in our ledger, refused by the card company",
		kaopass.NotInLedger:       "at the card company, not in our ledger",
		kaopass.AmountsDiffer:     "in both, with other amounts",
		kaopass.OtherDay:          "in both, on another day",
		kaopass.ChargeOpen:        "asked for, outcome unknown",
		kaopass.NeverCaptured:     "held, neither captured nor released",
		kaopass.TillDiffers:       "the till counts otherwise",
		kaopass.RefundIsOwed:      "a refund that could not go back to the card, and is not paid out yet",
		kaopass.FeeDiffers:        "the fee that was booked is not what the rate makes of the day",
		kaopass.PaidAllTheSame:    "at the card company, and settled here as never paid",
		kaopass.LossBorne:         "never paid by the card company, borne by the venue",
		kaopass.DeskPaid:          "never paid by the card company, collected at the desk",
		kaopass.NothingOpen:       "never paid by the card company, given back at the till",
	}[k]
}
