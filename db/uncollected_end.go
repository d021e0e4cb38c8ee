package db

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kaopass/kaopass"
)

// MakeGood is a member of staff's answer to what became of a charge that its card company did not pay.
type MakeGood struct {
	Key    kaopass.Key
	Staff  kaopass.StaffID
	Charge kaopass.ChargeID
	Was    kaopass.Became // as whoever answers saw it: empty while nobody has settled it
	Became kaopass.Became
	Answer string // a sentence: 1 to UncollectedAnswer bytes
}

// MadeGood is the outcome. Amount is what was booked; zero where nothing had to move.
type MadeGood struct {
	Became   kaopass.Became
	Amount   kaopass.Money
	Replayed bool
}

// SettleUncollected settles one, in the books too: a loss goes from the venue's own account to the card company's, which owes
// so much less; what the desk collected is owed by the desk instead; what the company paid after all it owes as it did, and is
// told now of the refunds that it was not told of. A loss is settled once more where the money comes after all; so is what the desk
// collected where the company pays it too, and the desk hands its part back.
//
// ErrNotFound where there is none, a [*StateError] "settled" where somebody has settled it meanwhile, a [*FieldError] "answer" where the
// sentence is missing or too long, "became" where that cannot be: see [kaopass.Lost.Choices].
func (d *DB) SettleUncollected(ctx context.Context, in MakeGood) (out MadeGood, err error) {
	in.Answer = strings.TrimSpace(in.Answer)
	if in.Answer == "" || len(in.Answer) > UncollectedAnswer {
		return out, &FieldError{Field: "answer"}
	}
	err = d.tx(ctx, func(t *tx) error {
		out = MadeGood{}
		out.Replayed, err = once(t, in.Key, &out, func() error {
			out, err = t.makeGood(in)
			return err
		})
		return err
	})
	return out, err
}

func (t *tx) makeGood(in MakeGood) (out MadeGood, err error) {
	row, err := t.lockLost(in.Charge)
	if err != nil {
		return out, err
	}
	if row.Became == kaopass.BorneByVenue { // refunds whose turn has not come yet: then what is borne is what is missing
		if err := t.lessenLoss(row); err != nil {
			return out, err
		}
	}
	lost := row.lost()
	switch {
	case in.Was != row.Became, len(lost.Choices()) == 0:
		return out, &StateError{Status: "settled"}
	case !slices.Contains(lost.Choices(), in.Became):
		return out, &FieldError{Field: "became"}
	}
	out = MadeGood{Became: in.Became, Amount: row.money(lost.Moves(in.Became))}
	var booked kaopass.TransferID
	if out.Amount.Value > 0 {
		booked = kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	}
	err = t.must(t.q.Lost.Settle, in.Charge, row.Became != "", in.Became, booked, out.Amount.Value, in.Answer, in.Staff, t.now)
	if err != nil {
		return out, err
	}
	if err := t.bookLost(booked, row, in.Became, out.Amount); err != nil {
		return out, err
	}
	if in.Became == kaopass.PaidAfterAll {
		if _, err := t.do(t.q.Lost.Tell, in.Charge, t.now); err != nil {
			return out, err
		}
	}
	row.Became = in.Became
	return out, t.lostEvent(kaopass.PaymentMadeGood, row, string(in.Staff))
}

// lockLost reads one under the lock that its refunds take too: of its payment, or of the wallet that was topped up.
func (t *tx) lockLost(id kaopass.ChargeID) (row uncollectedRow, err error) {
	if err := t.get(&row, t.q.Lost.Read, id); err != nil {
		return row, err
	}
	if row.Payment != "" {
		_, err = t.lockPayment("", row.Payment)
	} else if _, err = t.lockWallet(row.Visitor); errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return row, err
	}
	row = uncollectedRow{}
	return row, t.get(&row, t.q.Lost.Read, id) // as it is under the lock
}

// bookLost books how one was settled: from whoever paid it, or bears it, now to whoever had until then.
func (t *tx) bookLost(id kaopass.TransferID, row uncollectedRow, became kaopass.Became, sum kaopass.Money) error {
	if id == "" {
		return nil
	}
	debit, err := t.bearerOf(row, became)
	if err != nil {
		return err
	}
	credit, err := t.bearerOf(row, row.Became)
	if err != nil {
		return err
	}
	kind := lossTransfer
	if became == kaopass.PaidAtDesk || row.Became == kaopass.PaidAtDesk {
		kind = goodTransfer
	}
	_, err = t.book(transfer{ID: id, Kind: kind, State: kaopass.Posted, Debit: debit, Credit: credit, Amount: sum, Charge: row.Charge,
		Why: string(became)})
	return err
}

// bearerOf is the account that has what is missing of a charge once it was settled so: the card company's, that it was booked
// from, while nobody has settled it and where it paid in the end.
func (t *tx) bearerOf(row uncollectedRow, became kaopass.Became) (kaopass.AccountID, error) {
	switch became {
	case kaopass.BorneByVenue:
		return t.account(kaopass.LossAccount, "", row.Currency)
	case kaopass.PaidAtDesk:
		return t.account(kaopass.DeskAccount, "", row.Currency)
	}
	return row.Clearing, nil
}

// lessenLoss takes back of the loss what was given back at the till since, refund by refund, each once.
func (t *tx) lessenLoss(row uncollectedRow) error {
	var backs []struct {
		Refund kaopass.RefundID
		Amount int64
	}
	if err := t.list(&backs, t.q.Lost.Lessened, row.Charge); err != nil || len(backs) == 0 {
		return err
	}
	loss, err := t.account(kaopass.LossAccount, "", row.Currency)
	if err != nil {
		return err
	}
	for _, b := range backs {
		_, err := t.book(transfer{Kind: lossTransfer, State: kaopass.Posted, Debit: row.Clearing, Credit: loss, Amount: row.money(b.Amount),
			Charge: row.Charge, Why: string(b.Refund)})
		if err != nil {
			return err
		}
	}
	return nil
}

// endUntold ends the telling of a refund of what was never taken. While nobody has settled that, the refund squares store and
// venue, and nothing is owed. Where the venue bears it, it bears so much less; where the desk collected it, the payer has paid,
// and is owed it; where the company paid after all, it is told the next time.
func (t *tx) endUntold(task taskRow) error {
	row, err := t.lockLost(task.Charge)
	if err != nil || row.Became == kaopass.PaidAfterAll {
		return err
	}
	if err := t.must(t.q.Card.TaskEnd, task.Seq, taskRefused, string(uncollected)); err != nil {
		return err
	}
	switch row.Became {
	case kaopass.BorneByVenue:
		return t.lessenLoss(row)
	case kaopass.PaidAtDesk:
		var since bool
		if err := t.get(&since, t.q.Lost.CashBack, task.Refund); err != nil || !since {
			return err
		}
		_, err = t.oweRefund(task.Refund, kaopass.PaidInCash)
	}
	return err
}
