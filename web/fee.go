package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

type feeCommands struct {
	List feeList `cmd:"" help:"The stores' rates in force and to come, and who set them. Example: kaopass fee list --json"`
	Set  feeSet  `cmd:"" help:"Put a rate in force for a store, from a day to come on. Example: kaopass fee set --store ramen --points 250 --from 2026-07-01 --by hana"`
}

type feeList struct {
	Config
	Store kaopass.Zone `help:"This store alone."`
	JSON  bool         `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass fee list --help`.
func (feeList) Help() string {
	return "Lists every store that sells, sold or has a rate. Rates are basis points: 250 are 2.50 %. A store without a rate pays " +
		"nothing.\n\nExample: kaopass fee list --store ramen"
}

// feesOutput is what `kaopass fee list --json` prints.
type feesOutput struct {
	Today  kaopass.TradeDay `json:"today"`
	Stores []storeFeeOutput `json:"stores"`
}

type storeFeeOutput struct {
	Store   kaopass.Zone `json:"store"`
	Points  int          `json:"points"`   // basis points, of today
	InForce *rateOutput  `json:"in_force"` // null: no rate was ever in force
	Next    []rateOutput `json:"next"`     // the nearest first
}

type rateOutput struct {
	Store  kaopass.Zone     `json:"store"`
	Points int              `json:"points"`
	From   kaopass.TradeDay `json:"from"`
	SetAt  time.Time        `json:"set_at"`
	SetBy  string           `json:"set_by"` // a staff id, or "venue": the operator
	Login  string           `json:"login"`  // of that member of staff; empty: the operator, or nobody who is known any more
}

// Run lists the rates.
func (c *feeList) Run(ctx context.Context, out output) error {
	return audited(ctx, &c.Config, out, func(s *store) (bool, error) {
		all, err := s.Fees(ctx)
		if err != nil {
			return false, err
		}
		staff, err := s.StaffList(ctx)
		if err != nil {
			return false, err
		}
		if c.Store != "" {
			if all = ofStore(all, c.Store); len(all) == 0 {
				return false, errNoStore
			}
		}
		found := feesJSON(all, staff, kaopass.TradeDayOf(time.Now()))
		if c.JSON {
			return true, out.json(found)
		}
		return true, out.fees(found)
	})
}

func ofStore(all []db.StoreFee, store kaopass.Zone) []db.StoreFee {
	return slices.DeleteFunc(all, func(f db.StoreFee) bool { return f.Store != store })
}

func feesJSON(all []db.StoreFee, staff []kaopass.Staff, today kaopass.TradeDay) feesOutput {
	out := feesOutput{Today: today, Stores: make([]storeFeeOutput, len(all))}
	for i, f := range all {
		row := storeFeeOutput{Store: f.Store, Points: f.Points, Next: []rateOutput{}}
		if in, ok := kaopass.RateInForce(f.Rates, today); ok {
			rate := rateJSON(in, staff)
			row.InForce = &rate
		}
		for _, next := range kaopass.RatesToCome(f.Rates, today) {
			row.Next = append(row.Next, rateJSON(next, staff))
		}
		out.Stores[i] = row
	}
	return out
}

func rateJSON(r kaopass.FeeRate, staff []kaopass.Staff) rateOutput {
	out := rateOutput{Store: r.Store, Points: r.Points, From: r.From, SetAt: r.SetAt, SetBy: r.SetBy}
	if i := slices.IndexFunc(staff, func(s kaopass.Staff) bool { return string(s.ID) == r.SetBy }); i >= 0 {
		out.Login = staff[i].Login
	}
	return out
}

// fees prints the rates for people, a line for each.
func (o output) fees(f feesOutput) error {
	if len(f.Stores) == 0 {
		o.say("No store yet: one appears with its first till.")
	}
	var rows [][2]string
	for _, s := range f.Stores {
		now := "0.00 %, as none was set"
		if s.InForce != nil {
			now = s.InForce.String()
		}
		rows = append(rows, [2]string{string(s.Store), now})
		for _, next := range s.Next {
			rows = append(rows, [2]string{"", next.String()})
		}
	}
	return o.table(rows)
}

// String is a rate for people: "2.50 % from 2026-07-01 on, set 2026-06-20 by hana".
func (r rateOutput) String() string {
	return fmt.Sprintf("%s %% from %s on, set %s by %s", feePercent(r.Points), r.From, r.SetAt.UTC().Format(time.RFC3339),
		orElse(r.Login, r.SetBy))
}
