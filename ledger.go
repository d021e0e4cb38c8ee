package kaopass

import "strconv"

// Money is an amount in the minor unit of a currency. The yen has none, so 1200 is ¥1,200.
type Money struct {
	Currency string `json:"currency"` // ISO 4217
	Value    int64  `json:"value"`
}

// JPY is the venue's currency.
const JPY = "JPY"

// Yen makes an amount of yen.
func Yen(n int64) Money { return Money{JPY, n} }

// String writes the amount for a log or a command, e.g. "JPY 1200"; pages write it by locale.
func (m Money) String() string { return m.Currency + " " + strconv.FormatInt(m.Value, 10) }

// AccountKind is what an account is for.
type AccountKind string

// The kinds of account. Only a wallet may never go below zero; the others' signs say who owes whom.
const (
	WalletAccount AccountKind = "wallet" // what the venue owes a visitor
	StoreAccount  AccountKind = "store"  // what the venue owes a store
	TopUpAccount  AccountKind = "topup"  // where top-ups come from: the provider owes the venue
	CardAccount   AccountKind = "card"   // where card payments come from: the provider owes the venue
	DeskAccount   AccountKind = "desk"   // where money paid in at a desk comes from: the cashier owes the venue
	FeesAccount   AccountKind = "fees"   // what stores paid the venue for a day's trade
	DueAccount    AccountKind = "due"    // what the venue owes people whose refund could not go back the way it came
	LossAccount   AccountKind = "loss"   // below zero: what the venue bears of charges that were never paid
)

// TransferState is where a two-phase transfer stands. Pending moves to one of the others by a second transfer or by a
// stamp of its own row; a posted transfer is never edited.
type TransferState string

// The states of a transfer.
const (
	Pending  TransferState = "pending"
	Posted   TransferState = "posted"
	VoidedT  TransferState = "voided"
	ExpiredT TransferState = "expired"
)
