package db

import (
	"time"

	"github.com/kaopass/kaopass"
)

// What the verbs about people ask of those about tickets and money, inside one transaction.

// bindText is BindTicket within a verb; it appends its event, actor being who asked.
func (t *tx) bindText(id kaopass.VisitorID, text, actor string) (Bound, error) {
	return Bound{}, errUnwritten
}

// heldTickets lists the visitor's tickets, newest first.
func (t *tx) heldTickets(id kaopass.VisitorID) ([]HeldTicket, error) { return nil, nil }

// holders lists the visitors who hold a ticket with this number, or of this id.
func (t *tx) holders(text string) ([]kaopass.VisitorID, error) { return nil, nil }

// openWallet opens the visitor's wallet, with its e-money method, where there is none yet.
func (t *tx) openWallet(id kaopass.VisitorID) error { return nil }

// wallet reads the visitor's wallet: nil where none was opened.
func (t *tx) wallet(id kaopass.VisitorID) (*Wallet, error) { return nil, nil }

// codeIssued answers when the visitor's payment code was issued: zero where there is none.
func (t *tx) codeIssued(id kaopass.VisitorID) (at time.Time, err error) { return at, nil }

// setCode issues a payment code, the given one or where that is empty one drawn at random; it appends its event.
func (t *tx) setCode(id kaopass.VisitorID, code, actor string) (string, error) {
	return "", errUnwritten
}

// deskTopUp posts money that was paid at the desk into the visitor's wallet; it appends its event. Reason is
// LimitExceeded where the wallet would hold too much.
func (t *tx) deskTopUp(id kaopass.VisitorID, amount kaopass.Money, actor string) (kaopass.Reason, error) {
	return "", errUnwritten
}

// leave takes the visitor out of tickets and money at erasure: the code and the cards go, the tickets are free again, the
// ledger stays. A StateError where there is money in the wallet or held.
func (t *tx) leave(id kaopass.VisitorID) error { return nil }

// forgetPayment ends what payment consent allowed: the payment code goes. Called when that consent is withdrawn.
func (t *tx) forgetPayment(id kaopass.VisitorID) error { return nil }

// inside counts the people inside, by the tickets.
func (t *tx) inside() (int, error) { return 0, nil }
