package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

type feeSet struct {
	Config
	Store  kaopass.Zone     `required:"" help:"The store, as its tills are named after."`
	Points int              `required:"" help:"Basis points: 250 are 2.50 %. 0 ends a fee."`
	From   kaopass.TradeDay `required:"" help:"The first day of the rate, e.g. 2026-07-01: tomorrow at the earliest."`
	By     string           `help:"The login of the administrator who decided it; default: the operator."`
	JSON   bool             `name:"json" help:"Print one JSON object: the store's rates, as fee list does."`
}

// Help is shown by `kaopass fee set --help`.
func (feeSet) Help() string {
	return "Sets what a store pays of its trade from a day to come on, by the rules of the console's page \"Fees\": nothing is " +
		"changed in retrospect, and another rate for the same day, set in time, takes its place. It is in the log with who did it.\n\n" +
		"Example: kaopass fee set --store ramen --points 250 --from 2026-07-01 --by hana"
}

// What cannot be set, as the console's page says it.
var (
	errNoStore = errors.New("--store is a store that sells here: `kaopass fee list` names them")
	errPoints  = fmt.Errorf("--points is 0 to %d basis points: 250 are 2.50 %%", kaopass.FeePointsMax)
	errFrom    = fmt.Errorf("--from is a day to come, at most %d days ahead, e.g. 2026-07-01", kaopass.FeeAheadMax)
	errBy      = errors.New("--by is the login of an administrator: nobody else sets a fee")
)

// Run sets the rate.
func (c *feeSet) Run(ctx context.Context, out output) error {
	return audited(ctx, &c.Config, out, func(s *store) (bool, error) {
		staff, err := s.StaffList(ctx)
		if err != nil {
			return false, err
		}
		actor, err := c.actor(staff)
		if err != nil {
			return false, err
		}
		if err := s.SetFee(ctx, kaopass.FeeRate{Store: c.Store, Points: c.Points, From: c.From}, actor); err != nil {
			return false, feeRefused(err)
		}
		all, err := s.Fees(ctx)
		if err != nil {
			return false, err
		}
		found := feesJSON(ofStore(all, c.Store), staff, kaopass.TradeDayOf(time.Now()))
		if c.JSON {
			return true, out.json(found)
		}
		return true, out.fees(found)
	})
}

// actor is who sets the rate: the operator, or the administrator of --by.
func (c *feeSet) actor(staff []kaopass.Staff) (string, error) {
	if c.By == "" {
		return operator, nil
	}
	i := slices.IndexFunc(staff, func(s kaopass.Staff) bool { return s.Login == c.By && s.May(kaopass.Admin) })
	if i < 0 {
		return "", errBy
	}
	return string(staff[i].ID), nil
}

// feeRefused says of a field that cannot be what it can be.
func feeRefused(err error) error {
	var cannot *db.FieldError
	if !errors.As(err, &cannot) {
		return err
	}
	switch cannot.Field {
	case "store":
		return errNoStore
	case "points":
		return errPoints
	case "from":
		return errFrom
	}
	return err
}
