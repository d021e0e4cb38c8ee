package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/kaopass/kaopass/db"
)

// benchPay measures payments beside TPC-B on the same server, in turns.
type benchPay struct {
	Config
	Rounds  int  `default:"5" help:"Rounds; in each, every kind of load takes its turn."`
	Seconds int  `default:"3" help:"Seconds of each turn."`
	Clients int  `default:"8" help:"Tills that confirm at once."`
	Crowd   int  `default:"64" help:"Tills that confirm at once where groups are measured."`
	Fill    int  `name:"fill" help:"Also measure beside a venue with so many transfers: 10000000 needs 15 GB of disk for the moment, and many minutes."`
	JSON    bool `name:"json" help:"Print one JSON object."`
}

type payBench struct {
	Driver    string  `json:"driver"` // of TPC-B
	TPCB      float64 `json:"pgbench_tps"`
	PerSecond float64 `json:"payments_per_s"`
	Ratio     float64 `json:"ratio"`
	Hot       float64 `json:"hot_store_per_s"`
	HotRatio  float64 `json:"hot_store_ratio"`
	Single    float64 `json:"ungrouped_per_s"`
	Grouped   float64 `json:"grouped_per_s"`
	GroupGain float64 `json:"grouped_ratio"`
	Clients   int     `json:"clients"`
	Crowd     int     `json:"grouped_clients"`
	Stores    int     `json:"stores"`
	Rounds    int     `json:"rounds"`
	Seconds   int     `json:"seconds"`
	Confirmed int     `json:"payments"`
	Sound     bool    `json:"audit_ok"`

	Small     int64   `json:"small_transfers,omitempty"`
	Filled    int64   `json:"filled_transfers,omitempty"`
	FillS     float64 `json:"fill_s,omitempty"`
	FilledPS  float64 `json:"filled_per_s,omitempty"`
	FillRatio float64 `json:"filled_ratio,omitempty"`
}

// Help is shown by `kaopass bench pay --help`.
func (benchPay) Help() string {
	return "Starts a PostgreSQL of its own in a temporary folder and lets payments and TPC-B take turns on it. A payment is what a\n" +
		"till's confirmation does for e-money with automatic capture: the request's key, every lock and rule, the transfer, the\n" +
		"payment, the event and the key's outcome, durable before it is answered, by the role of the server, which owns nothing;\n" +
		"the payments wait for it already. TPC-B is pgbench where it is installed (scale 10, its default transaction and\n" +
		"protocol), else the same transaction by this program, and the answer says which. Figures are medians over rounds,\n" +
		"ratios of one round each. At the end the ledger is audited.\n\nExample: kaopass bench pay --json"
}

// Run measures and prints.
func (c *benchPay) Run(ctx context.Context, out output) (err error) {
	cfg, gone, err := c.elsewhere()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gone()) }()
	cfg.measures = true
	store, err := serveStore(ctx, &cfg, io.Discard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	b := payBench{Clients: c.Clients, Crowd: c.Crowd, Stores: db.FillTills, Rounds: c.Rounds, Seconds: c.Seconds}
	if err := c.measure(ctx, &cfg, store, &b, out); err != nil {
		return err
	}
	if err := c.print(out, b); err != nil || b.Sound {
		return err
	}
	return errSaid
}

// measure lets the loads take turns, so that a noisy machine is noisy for all of them.
func (c *benchPay) measure(ctx context.Context, cfg *Config, s *store, b *payBench, out output) (err error) {
	tills, err := c.openTills(ctx, cfg, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tills.Close()) }()
	tpcb, err := c.openTPCB(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tpcb.Close()) }()
	b.Driver = tpcb.name
	during := time.Duration(c.Seconds) * time.Second
	tally := map[string][]float64{}
	for round := range c.Rounds {
		rates, err := c.round(ctx, tills, tpcb, during)
		if err != nil {
			return err
		}
		out.say("round %d: TPC-B %.0f, payments %.0f, one store %.0f, %d tills one by one %.0f, together %.0f a second", round+1,
			rates["tpcb"], rates["pay"], rates["hot"], c.Crowd, rates["single"], rates["grouped"])
		rates["ratio"], rates["hotRatio"] = rates["pay"]/rates["tpcb"], rates["hot"]/rates["pay"]
		rates["gain"] = rates["grouped"] / rates["single"]
		for name, rate := range rates {
			tally[name] = append(tally[name], rate)
		}
	}
	b.TPCB, b.PerSecond, b.Ratio = median(tally["tpcb"]), median(tally["pay"]), median(tally["ratio"])
	b.Hot, b.HotRatio = median(tally["hot"]), median(tally["hotRatio"])
	b.Single, b.Grouped, b.GroupGain = median(tally["single"]), median(tally["grouped"]), median(tally["gain"])
	b.Confirmed = tills.confirmed
	if b.Sound, err = tills.sound(ctx, out); err != nil || c.Fill == 0 {
		return err
	}
	return c.measureFilled(ctx, cfg, s, b, out)
}

func (c *benchPay) round(ctx context.Context, tills *payTills, tpcb *tpcbDriver, during time.Duration) (map[string]float64, error) {
	rates := map[string]float64{}
	var err error
	if rates["tpcb"], err = tpcb.run(ctx, c.Clients, during); err != nil {
		return nil, err
	}
	for _, turn := range []struct {
		name    string
		db      *db.DB
		clients int
		stores  int
	}{
		{"pay", tills.served, c.Clients, db.FillTills}, {"hot", tills.served, c.Clients, 1},
		{"single", tills.alone, c.Crowd, db.FillTills}, {"grouped", tills.served, c.Crowd, db.FillTills},
	} {
		if rates[turn.name], err = tills.pay(ctx, turn.db, turn.clients, turn.stores, during); err != nil {
			return nil, err
		}
	}
	return rates, nil
}

// measureFilled lets a venue with few transfers and one with many take turns.
func (c *benchPay) measureFilled(ctx context.Context, cfg *Config, s *store, b *payBench, out output) (err error) {
	small, err := c.venueOf(ctx, cfg, s, "small", 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, small.Close()) }()
	begun := time.Now()
	filled, err := c.venueOf(ctx, cfg, s, "filled", c.Fill-payersFew)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filled.Close()) }()
	b.FillS = time.Since(begun).Seconds()
	out.say("filled %d transfers in %.0f s", c.Fill, b.FillS)
	for _, v := range []struct {
		tills *payTills
		count *int64
	}{{small, &b.Small}, {filled, &b.Filled}} {
		sound, err := v.tills.sound(ctx, out)
		if err != nil {
			return err
		}
		b.Sound, *v.count = b.Sound && sound, v.tills.transfers
	}
	var rates, ratios []float64
	for round := range 2 * c.Rounds {
		var few, many float64
		turns := []func() error{
			func() (err error) {
				few, err = small.pay(ctx, small.served, c.Clients, db.FillTills, time.Duration(c.Seconds)*time.Second)
				return err
			},
			func() (err error) {
				many, err = filled.pay(ctx, filled.served, c.Clients, db.FillTills, time.Duration(c.Seconds)*time.Second)
				return err
			}}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, turn := range turns {
			if err := turn(); err != nil {
				return err
			}
		}
		out.say("round %d: beside %d transfers %.0f, beside %d %.0f payments a second", round+1, b.Small, few, b.Filled, many)
		rates, ratios = append(rates, many), append(ratios, many/few)
	}
	b.FilledPS, b.FillRatio = median(rates), median(ratios)
	return nil
}

func (c *benchPay) print(out output, b payBench) error {
	if c.JSON {
		return out.json(b)
	}
	rows := [][2]string{
		{"TPC-B", fmt.Sprintf("%.0f a second, %d clients (%s)", b.TPCB, b.Clients, b.Driver)},
		{"payments", fmt.Sprintf("%.0f a second at %d tills and %d stores: %.2f of TPC-B", b.PerSecond, b.Clients, b.Stores, b.Ratio)},
		{"one store", fmt.Sprintf("%.0f a second: %.2f of %d stores", b.Hot, b.HotRatio, b.Stores)},
		{"together", fmt.Sprintf("%.0f a second at %d tills, one by one %.0f: %.2f times", b.Grouped, b.Crowd, b.Single, b.GroupGain)},
		{"audit", map[bool]string{true: "nothing amiss", false: "breached"}[b.Sound]},
	}
	if b.Filled > 0 {
		rows = append(rows, [2]string{"filled", fmt.Sprintf("%.0f a second beside %d transfers: %.2f of beside %d", b.FilledPS, b.Filled, b.FillRatio, b.Small)})
	}
	return out.table(rows)
}
