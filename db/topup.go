package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// TopUp is money from a card into the wallet.
type TopUp struct {
	Key     kaopass.Key
	Visitor kaopass.VisitorID
	Method  kaopass.MethodID // one of the visitor's cards
	Amount  kaopass.Money
}

// ToppedUp is the outcome: Reason is LimitExceeded, CardDeclined, CardUnreachable, MethodGone or empty.
type ToppedUp struct {
	Wallet   Wallet
	Reason   kaopass.Reason
	Replayed bool
}

// TopUp charges the card (outside of any transaction, between two of them) and posts the transfer.
func (d *DB) TopUp(ctx context.Context, desk CardDesk, in TopUp) (ToppedUp, error) {
	return ToppedUp{}, errUnwritten
}

// deskTopUp posts money that was paid at the desk into the visitor's wallet; it appends its event. Reason is
// LimitExceeded where the wallet would hold too much.
func (t *tx) deskTopUp(id kaopass.VisitorID, amount kaopass.Money, actor string) (kaopass.Reason, error) {
	return "", errUnwritten
}
