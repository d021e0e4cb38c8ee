package main

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// settledOutput is what `kaopass settle --json` prints; sums are yen.
type settledOutput struct {
	OK           bool               `json:"ok"`
	Day          kaopass.TradeDay   `json:"day"`
	Store        kaopass.Zone       `json:"store"` // empty: all
	Closed       bool               `json:"closed"`
	ProviderAway bool               `json:"provider_away"`
	Settlements  []settlementOutput `json:"settlements"`
	Card         sidesOutput        `json:"card"`
	Provider     sidesOutput        `json:"provider"`
	EMoney       sidesOutput        `json:"emoney"`
	Tills        []tillOutput       `json:"tills"`
	Found        int                `json:"differences_found"`
	Differences  []differenceOutput `json:"differences"`
	ByHand       sidesOutput        `json:"settled_by_hand"` // never paid by the card company, and settled: ours less theirs
	Settled      []differenceOutput `json:"settled"`
}

type settlementOutput struct {
	ID       kaopass.SettlementID `json:"id"`
	Store    kaopass.Zone         `json:"store"`
	Captured int64                `json:"captured"`
	Refunded int64                `json:"refunded"`
	Gross    int64                `json:"gross"` // captured, by the name that bookkeepers use
	Fees     int64                `json:"fees"`
	Fee      feeOutput            `json:"fee"`
	Net      int64                `json:"net"`
	Captures int                  `json:"captures"`
	Refunds  int                  `json:"refunds"`
	Late     int                  `json:"late"`
	After    int64                `json:"after"` // of the ledger's numbers
	Upto     int64                `json:"upto"`
	ClosedAt time.Time            `json:"closed_at"`
	ClosedBy string               `json:"closed_by"`
}

// feeOutput says how a fee came about: yen is base, divided by ten thousand and rounded once.
type feeOutput struct {
	Yen      int64              `json:"yen"`
	Points   int                `json:"points"` // the rate of that day, in basis points
	Base     kaopass.FeeBase    `json:"base"`   // each line's yen times the rate of the day on which it was captured
	Transfer kaopass.TransferID `json:"transfer"`
}

type sidesOutput struct {
	Captured int64 `json:"captured"`
	Refunded int64 `json:"refunded"`
}

type tillOutput struct {
	Till     kaopass.DeviceID `json:"till"`
	Name     string           `json:"name"`
	Store    kaopass.Zone     `json:"store"`
	Ledger   totalsOutput     `json:"ledger"`
	Own      totalsOutput     `json:"own"`
	Reported *time.Time       `json:"reported_at"` // null: the till reported nothing
	Agrees   bool             `json:"agrees"`
}

type totalsOutput struct {
	Captures int   `json:"captures"`
	Captured int64 `json:"captured"`
	Refunds  int   `json:"refunds"`
	Refunded int64 `json:"refunded"`
}

type differenceOutput struct {
	Kind    kaopass.DifferenceKind `json:"kind"`
	Means   string                 `json:"means"`
	Store   kaopass.Zone           `json:"store"`
	Till    kaopass.DeviceID       `json:"till"`
	Payment kaopass.PaymentID      `json:"payment"`
	Charge  kaopass.ChargeID       `json:"charge"`
	Refund  kaopass.RefundID       `json:"refund"`
	Ours    int64                  `json:"ours"`
	Theirs  int64                  `json:"theirs"`
	At      time.Time              `json:"at"`
}

func settledJSON(r db.Reconciliation) settledOutput {
	sides := func(s db.Sides) sidesOutput { return sidesOutput{s.Captured.Value, s.Refunded.Value} }
	out := settledOutput{OK: r.OK(), Day: r.Day, Store: r.Store, Closed: r.Closed, ProviderAway: r.ProviderAway, Settlements: []settlementOutput{},
		Card: sides(r.Card), Provider: sides(r.Provider), EMoney: sides(r.EMoney), Tills: []tillOutput{}, Found: r.DifferencesFound,
		Differences: []differenceOutput{}, ByHand: sides(r.ByHand), Settled: []differenceOutput{}}
	for _, s := range r.Settlements {
		out.Settlements = append(out.Settlements, settlementOutput{s.ID, s.Store, s.Captured.Value, s.Refunded.Value, s.Captured.Value, s.Fees.Value,
			feeOutput{s.Fees.Value, s.FeePoints, s.FeeBase, s.FeeTransfer}, s.Net.Value,
			s.Captures, s.Refunds, s.Late, s.After, s.Upto, s.ClosedAt, s.ClosedBy})
	}
	for _, t := range r.Tills {
		till := tillOutput{Till: t.Till, Name: t.Name, Store: t.Store, Ledger: totalsJSON(t.Ours), Own: totalsJSON(t.Own), Agrees: t.Agrees()}
		if !t.Reported.IsZero() {
			till.Reported = &t.Reported
		}
		out.Tills = append(out.Tills, till)
	}
	for _, d := range r.Differences {
		out.Differences = append(out.Differences, differenceJSON(d))
	}
	for _, d := range r.Settled {
		out.Settled = append(out.Settled, differenceJSON(d))
	}
	return out
}

func differenceJSON(d kaopass.Difference) differenceOutput {
	return differenceOutput{d.Kind, settleSays(d.Kind), d.Store, d.Till, d.Payment, d.Charge, d.Refund, d.Ours.Value, d.Theirs.Value, d.At}
}

func totalsJSON(t kaopass.Totals) totalsOutput {
	return totalsOutput{t.Captures, t.Captured.Value, t.Refunds, t.Refunded.Value}
}
