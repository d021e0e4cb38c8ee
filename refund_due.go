package kaopass

import "time"

// OwedWhy is why a refund could not go back the way its payment came.
type OwedWhy string

// The ways in which a refund ends up with the venue. In each the store has given the money back, so the payment is refunded;
// what is missing is the last step, and the venue owes it.
const (
	WalletGone    OwedWhy = "wallet_gone"    // its owner deleted the account
	RefundFailed  OwedWhy = "refund_failed"  // the card company took it, and later said that it did not arrive
	RefundRefused OwedWhy = "refund_refused" // the card company will not give that charge back any more
	PaidInCash    OwedWhy = "paid_in_cash"   // the card company never paid, the desk collected it in cash
)

// OwedWhys lists every OwedWhy.
func OwedWhys() []OwedWhy { return []OwedWhy{WalletGone, RefundFailed, RefundRefused, PaidInCash} }

// Limits of a payout.
const (
	PayoutReceiptMax = 64  // bytes of the desk's receipt number
	PayoutNoteMax    = 200 // bytes of a note, which names nobody
)

// TopUpBack is how much of a top-up goes back: asked, or (zero) as much as there is, where left is what is left of it and free
// what the wallet has and does not hold for payments. A reason where it cannot be: the top-up's own first, as no other money
// than what was put in by that way goes back by it.
func TopUpBack(asked, left, free int64) (sum int64, reason Reason) {
	sum = asked
	if sum == 0 {
		sum = max(min(left, free), 1)
	}
	switch {
	case sum > left:
		return 0, TopUpGone
	case sum > free:
		return 0, FundsShort
	}
	return sum, ""
}

// RefundDue is a refund that is owed, or was paid out. It holds nothing of the person: whoever brings the payment's
// reference, which is on their receipt, is paid at the desk.
type RefundDue struct {
	Refund   RefundID
	Why      OwedWhy
	Amount   Money
	Payment  PaymentID // empty: a top-up was refunded
	Charge   ChargeID  // of the card; empty: it was the wallet's
	OrderRef string
	Store    Zone
	Till     string // its name when the payment was made
	Sold     time.Time
	At       time.Time // owed since
	Paid     time.Time // zero: it is still owed
	PaidBy   StaffID
	Receipt  string // the desk's own number
	Note     string
}
