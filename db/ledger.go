package db

import (
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// ledgerQueries is the book: accounts, and the transfers between them.
type ledgerQueries struct {
	Open       *sqlx.Stmt `query:"account-open"`
	Read       *sqlx.Stmt `query:"account-read"`
	Wallet     *sqlx.Stmt `query:"account-wallet"`
	WalletLock *sqlx.Stmt `query:"account-wallet-lock"`
	Book       *sqlx.Stmt `query:"transfer-book"`
	History    *sqlx.Stmt `query:"transfer-history"`
	Said       *sqlx.Stmt `query:"history-said"`
	Checkpoint *sqlx.Stmt `query:"account-checkpoint"`
	Store      *sqlx.Stmt `query:"account-store-balance"`
}

// The kinds of transfer.
const (
	topUpTransfer   = "topup"
	paymentTransfer = "payment"
	refundTransfer  = "refund"
	bounceTransfer  = "bounce" // a card's refund that did not arrive: from the card company's account to what is due
	payoutTransfer  = "payout" // what was due, paid at the desk
	returnTransfer  = "topup_refund"
	feeTransfer     = "fee"
	lossTransfer    = "loss"      // what the venue bears of a charge that was never paid, to the card company's account, or back
	goodTransfer    = "made_good" // what the desk collected of one
)

// transfer is one row of the book: the amount leaves debit and reaches credit. It is written once and never edited; what
// it does to a wallet is done by the database itself, which refuses whatever would leave one below zero.
type transfer struct {
	ID       kaopass.TransferID
	Kind     string
	State    kaopass.TransferState
	Resolves kaopass.TransferID // the pending transfer that this one ends
	Debit    kaopass.AccountID
	Credit   kaopass.AccountID
	Amount   kaopass.Money
	Visitor  kaopass.VisitorID
	Device   kaopass.DeviceID
	Payment  kaopass.PaymentID
	Refund   kaopass.RefundID
	Charge   kaopass.ChargeID
	Why      string
}

// book writes a transfer, under an id of its own where it has none yet.
func (t *tx) book(m transfer) (kaopass.TransferID, error) {
	if m.ID == "" {
		m.ID = kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	}
	err := t.must(t.q.Ledger.Book, m.ID, t.now, m.Kind, m.State, m.Resolves, m.Debit, m.Credit, m.Amount.Currency,
		m.Amount.Value, m.Visitor, m.Device, m.Payment, m.Refund, m.Charge, m.Why)
	if err != nil {
		return "", fmt.Errorf("db: transfer: %w", err)
	}
	return m.ID, nil
}

// account answers the account of a kind and owner, opening it at first use.
func (t *tx) account(kind kaopass.AccountKind, owner, currency string) (id kaopass.AccountID, err error) {
	found, err := t.find(&id, t.q.Ledger.Read, kind, owner, currency)
	if err != nil || found {
		return id, err
	}
	_, err = t.do(t.q.Ledger.Open, t.newID(kaopass.PrefixAccount), kind, owner, currency, t.now)
	if err != nil {
		return "", err
	}
	return id, t.get(&id, t.q.Ledger.Read, kind, owner, currency)
}

// walletRow is a wallet's account: what was posted, and what of it is held.
type walletRow struct {
	ID            kaopass.AccountID
	Balance, Held int64
}

func (w walletRow) free() int64 { return w.Balance - w.Held }

// lockWallet reads a visitor's wallet and makes whoever else would move its money wait: ErrNotFound where none was
// opened. It comes after the payment's row and the visitor's.
func (t *tx) lockWallet(id kaopass.VisitorID) (w walletRow, err error) {
	return w, t.get(&w, t.q.Ledger.WalletLock, id)
}
