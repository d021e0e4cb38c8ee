package db

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// Entry is one line of a wallet's history: money that moved, money that is set aside, or something that was tried and
// moved none, such as a payment that was refused.
type Entry struct {
	At      time.Time
	Kind    kaopass.EventKind // one of [kaopass.EntryKinds]
	Amount  kaopass.Money     // negative: went out; zero where nothing moved
	Asked   kaopass.Money     // where nothing moved: what it was about
	Set     kaopass.Money     // of a payment: what was set aside for it before
	Taken   kaopass.Money     // of a refund: what the payment took
	Method  kaopass.MethodKind
	Place   string               // the till's name
	Store   kaopass.Zone         // the till's store
	Subject string               // the payment; of a top-up, the transfer
	Refund  kaopass.RefundID     // where money was given back
	Label   string               // of the card that paid, "Visa ••4242"
	Dispute kaopass.DisputeState // of the newest case about the payment; empty: none
	Case    bool                 // a refund that a case ended with
	Status  string               // of a payment that ended without money, its status; of a bank's decision, "won" or "lost"
	Reason  kaopass.Reason       // why nothing moved
}

// HistoryFilter chooses entries; empty fields choose all.
type HistoryFilter struct {
	Kind   kaopass.EventKind  // one of [kaopass.EntryKinds], but for what is set aside
	Method kaopass.MethodKind //
	From   time.Time
	Until  time.Time // exclusive; zero: no end
}

// entryRow is a transfer, or an event that moved nothing, as its visitor sees it.
type entryRow struct {
	Seq        int64
	At         time.Time
	Kind       string
	State      kaopass.TransferState
	Amount     int64
	Currency   string
	ID         string
	Payment    kaopass.PaymentID
	Refund     kaopass.RefundID
	Card       bool
	Place      string
	Store      kaopass.Zone
	Label      string
	Dispute    kaopass.DisputeState
	Authorised int64
	Captured   int64
	Disputed   bool // the refund of a case
	Status     string
	Reason     kaopass.Reason
}

func (r entryRow) money(value int64) kaopass.Money {
	return kaopass.Money{Currency: r.Currency, Value: value}
}

// shared is what both kinds of row tell alike.
func (r entryRow) shared() Entry {
	e := Entry{At: r.At.UTC(), Method: kaopass.EMoney, Place: r.Place, Store: r.Store, Subject: string(r.Payment), Label: r.Label,
		Dispute: r.Dispute, Set: r.money(r.Authorised), Taken: r.money(r.Captured)}
	if r.Card {
		e.Method = kaopass.Card
	}
	return e
}

// moved is the entry of a transfer.
func (r entryRow) moved() Entry {
	e := r.shared()
	e.Kind, e.Amount, e.Refund, e.Case = kaopass.PaymentCaptured, r.money(-r.Amount), r.Refund, r.Disputed
	switch {
	case r.Kind == topUpTransfer:
		e.Kind, e.Amount.Value, e.Subject = kaopass.WalletToppedUp, r.Amount, r.ID
	case r.Kind == refundTransfer:
		e.Kind, e.Amount.Value = kaopass.PaymentRefunded, r.Amount
	case r.Kind == bounceTransfer:
		e.Kind = kaopass.RefundOwed
	case r.Kind == payoutTransfer:
		e.Kind, e.Amount.Value = kaopass.RefundPaidOut, r.Amount
	case r.Kind == returnTransfer:
		e.Kind, e.Subject = kaopass.TopUpReturned, r.ID
	case r.State == kaopass.Pending:
		e.Kind = kaopass.PaymentAuthorised
	}
	return e
}

// said is the entry of an event that moved nothing.
func (r entryRow) said() Entry {
	e := r.shared()
	e.Kind, e.Amount, e.Asked, e.Status, e.Reason = kaopass.EventKind(r.Kind), r.money(0), r.money(r.Amount), r.Status, r.Reason
	return e
}

// History lists what a visitor paid, got back and topped up, and what came to nothing, newest first: by the wallet and by
// card.
func (d *DB) History(ctx context.Context, id kaopass.VisitorID, page Page) ([]Entry, string, error) {
	return d.Entries(ctx, id, HistoryFilter{}, page)
}

// Entries is History of what the filter chooses.
func (d *DB) Entries(ctx context.Context, id kaopass.VisitorID, f HistoryFilter, page Page) ([]Entry, string, error) {
	if f.Until.IsZero() {
		f.Until = d.clock().AddDate(1, 0, 0)
	}
	var moved, said []entryRow
	money, events := page.befores()
	err := d.snapshot(ctx, func(t *tx) (err error) {
		moved, said = nil, nil
		if f.Kind == "" || f.Kind.Moves() {
			err = t.list(&moved, t.q.Ledger.History, id, money, page.limit(), f.transfer(), f.Method, f.From, f.Until)
		}
		if err != nil || f.Kind.Moves() {
			return err
		}
		return t.list(&said, t.q.Ledger.Said, id, events, page.limit(), pq.Array(saidKinds(f.Kind)), f.Method, f.From, f.Until)
	})
	if err != nil {
		return nil, "", err
	}
	out, next := page.merge(moved, said)
	return out, next, nil
}

// transfer is the kind of transfer that is asked for: empty for all.
func (f HistoryFilter) transfer() string {
	return map[kaopass.EventKind]string{kaopass.WalletToppedUp: topUpTransfer, kaopass.PaymentCaptured: paymentTransfer,
		kaopass.PaymentRefunded: refundTransfer, kaopass.RefundOwed: bounceTransfer, kaopass.RefundPaidOut: payoutTransfer,
		kaopass.TopUpReturned: returnTransfer}[f.Kind]
}

// saidKinds are the kinds of event that are entries by themselves, or the one that was asked for.
func saidKinds(only kaopass.EventKind) []string {
	var kinds []string
	for _, k := range kaopass.EntryKinds() {
		if !k.Moves() && (only == "" || only == k) {
			kinds = append(kinds, string(k))
		}
	}
	return kinds
}

// merge puts both lists in one order, newest first, ends it at the page's size, and answers the next page's cursor.
func (p Page) merge(moved, said []entryRow) (out []Entry, next string) {
	money, events := p.befores()
	for len(out) < p.size() && len(moved)+len(said) > 0 {
		if len(said) == 0 || len(moved) > 0 && !moved[0].At.Before(said[0].At) {
			out, money, moved = append(out, moved[0].moved()), moved[0].Seq, moved[1:]
		} else {
			out, events, said = append(out, said[0].said()), said[0].Seq, said[1:]
		}
	}
	if len(moved)+len(said) == 0 {
		return out, ""
	}
	both := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(money)), uint64(events))
	return out, base64.RawURLEncoding.EncodeToString(both)
}

// befores are the numbers of a cursor of two lists; rows of each are below its own.
func (p Page) befores() (first, second int64) {
	b, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || len(b) != 16 {
		return 1<<63 - 1, 1<<63 - 1
	}
	return int64(binary.BigEndian.Uint64(b[:8])), int64(binary.BigEndian.Uint64(b[8:]))
}
