package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// walletQueries is how visitors pay.
type walletQueries struct {
	MethodAdd    *sqlx.Stmt `query:"method-add"`
	MethodList   *sqlx.Stmt `query:"method-list"`
	MethodRead   *sqlx.Stmt `query:"method-read"`
	MethodOf     *sqlx.Stmt `query:"method-of-token"`
	MethodRemove *sqlx.Stmt `query:"method-remove"`
	RemoveCards  *sqlx.Stmt `query:"method-remove-cards"`
	NoneFirst    *sqlx.Stmt `query:"method-none-first"`
	MakeFirst    *sqlx.Stmt `query:"method-first"`
	WalletFirst  *sqlx.Stmt `query:"method-wallet-first"`
	CodeRead     *sqlx.Stmt `query:"paycode-read"`
	CodeLock     *sqlx.Stmt `query:"paycode-holders-lock"`
	CodeHolders  *sqlx.Stmt `query:"paycode-holders"`
	CodesTaken   *sqlx.Stmt `query:"paycode-taken"`
	CodesNear    *sqlx.Stmt `query:"paycode-near"`
	CodeCallIn   *sqlx.Stmt `query:"paycode-call-in"`
	CodeSet      *sqlx.Stmt `query:"paycode-set"`
	CodeTried    *sqlx.Stmt `query:"paycode-tried"`
	CodeDraws    *sqlx.Stmt `query:"paycode-draws"`
	CodeDrop     *sqlx.Stmt `query:"paycode-drop"`
	CodeMatches  *sqlx.Stmt `query:"paycode-matches"`
}

// Wallet is a visitor's money and ways to pay.
type Wallet struct {
	Balance kaopass.Money // what is there, less what is held for authorised payments
	Held    kaopass.Money
	Coming  kaopass.Money    // asked of a card company that has not answered yet
	Methods []kaopass.Method `json:"-"` // Token left out; kept for no key, as a card may go meanwhile
}

// Limits of methods.
const (
	CardsMax    = 10 // cards a visitor
	LabelMax    = 80 // bytes of a card's label
	walletLabel = "MYAKU wallet"
)

// Wallet reads a wallet: ErrNotFound where none was opened.
func (d *DB) Wallet(ctx context.Context, id kaopass.VisitorID) (out Wallet, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		w, err := t.wallet(id)
		if err != nil {
			return err
		}
		if w == nil {
			return ErrNotFound
		}
		out = *w
		return nil
	})
	return out, err
}

// wallet reads the visitor's wallet: nil where none was opened.
func (t *tx) wallet(id kaopass.VisitorID) (*Wallet, error) {
	var row walletRow
	found, err := t.find(&row, t.q.Ledger.Wallet, id)
	if err != nil || !found {
		return nil, err
	}
	var coming int64
	if err := t.get(&coming, t.q.Card.TopUps, id); err != nil {
		return nil, err
	}
	methods, err := t.methods(id)
	return &Wallet{Balance: kaopass.Yen(row.free()), Held: kaopass.Yen(row.Held), Coming: kaopass.Yen(coming), Methods: methods}, err
}

// openWallet opens the visitor's wallet, with its e-money method, where there is none yet.
func (t *tx) openWallet(id kaopass.VisitorID) error {
	if _, err := t.account(kaopass.WalletAccount, string(id), kaopass.JPY); err != nil {
		return err
	}
	_, err := t.do(t.q.Wallet.MethodAdd, t.newID(kaopass.PrefixMethod), id, kaopass.EMoney, walletLabel, "", false, t.now)
	if err != nil {
		return err
	}
	_, err = t.do(t.q.Wallet.WalletFirst, id)
	return err
}

type methodRow struct {
	ID    kaopass.MethodID
	Kind  kaopass.MethodKind
	Label string
	First bool
	Token string
	Asked bool // its bank wants to hear from its owner
}

func (r methodRow) method() kaopass.Method {
	return kaopass.Method{ID: r.ID, Kind: r.Kind, Label: r.Label, Default: r.First, Asked: r.Asked}
}

// methods lists a visitor's methods, without tokens: the default first, then the wallet, then cards by age.
func (t *tx) methods(id kaopass.VisitorID) (out []kaopass.Method, err error) {
	var rows []methodRow
	err = t.list(&rows, t.q.Wallet.MethodList, id)
	for _, r := range rows {
		out = append(out, r.method())
	}
	return out, err
}

// AddCard keeps a card by the provider's token. The first card is not made the default: the wallet stays. ErrNotFound
// where no wallet was opened, a StateError where there are CardsMax cards, or where a guardian has not allowed any.
func (d *DB) AddCard(ctx context.Context, id kaopass.VisitorID, token, label string) (added kaopass.Method, err error) {
	err = d.tx(ctx, func(t *tx) (err error) {
		added, err = t.addCard(id, token, label)
		return err
	})
	return added, err
}

func (t *tx) addCard(id kaopass.VisitorID, token, label string) (added kaopass.Method, err error) {
	methods, err := t.lockMethods(id)
	if err != nil {
		return added, err
	}
	switch {
	case token == "" || label == "" || len(label) > LabelMax:
		return added, fmt.Errorf("db: a card without a token, or with a label of %d bytes", len(label))
	case len(methods) == 0:
		return added, ErrNotFound
	case len(methods) > CardsMax:
		return added, &StateError{Status: "full"}
	}
	who, err := t.readPayer(id)
	if err != nil {
		return added, err
	}
	if no := who.MethodRefusal(kaopass.Card); no != "" {
		return added, &StateError{Status: string(no)}
	}
	added = kaopass.Method{ID: kaopass.MethodID(t.newID(kaopass.PrefixMethod)), Kind: kaopass.Card, Label: label}
	if err := t.must(t.q.Wallet.MethodAdd, added.ID, id, kaopass.Card, label, token, false, t.now); err != nil {
		return added, err
	}
	return added, t.methodEvent(kaopass.MethodAdded, id, added.ID)
}

// RemoveMethod removes a card; the wallet itself cannot be removed here (a StateError). Where the card was the default,
// the wallet is again.
func (d *DB) RemoveMethod(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID) error {
	return d.tx(ctx, func(t *tx) error {
		m, err := t.lockMethod(id, method)
		if err != nil {
			return err
		}
		if m.Kind == kaopass.EMoney {
			return &StateError{Status: string(kaopass.EMoney)}
		}
		if err := t.must(t.q.Wallet.MethodRemove, method, id, t.now); err != nil {
			return err
		}
		if _, err := t.do(t.q.Wallet.WalletFirst, id); err != nil {
			return err
		}
		if _, err := t.do(t.q.Company.ByeCard, id, m.Token, t.now); err != nil {
			return err
		}
		if _, err := t.do(t.q.Company.OwnerAnswer, method, id); err != nil {
			return err
		}
		return t.methodEvent(kaopass.MethodRemoved, id, method)
	})
}

// SetDefault chooses the method that a till offers first.
func (d *DB) SetDefault(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID) error {
	return d.tx(ctx, func(t *tx) error {
		m, err := t.lockMethod(id, method)
		if err != nil || m.First {
			return err
		}
		if _, err := t.do(t.q.Wallet.NoneFirst, id); err != nil {
			return err
		}
		if err := t.must(t.q.Wallet.MakeFirst, method, id); err != nil {
			return err
		}
		return t.methodEvent(kaopass.MethodChosen, id, method)
	})
}

// lockMethods reads a visitor's methods while no other verb changes them.
func (t *tx) lockMethods(id kaopass.VisitorID) ([]kaopass.Method, error) {
	if _, err := t.lockVisitor(id); err != nil {
		return nil, err
	}
	return t.methods(id)
}

// lockMethod is lockMethods for one: ErrNotFound where it is not this visitor's, or was removed.
func (t *tx) lockMethod(id kaopass.VisitorID, method kaopass.MethodID) (m methodRow, err error) {
	if _, err := t.lockVisitor(id); err != nil {
		return m, err
	}
	return m, t.get(&m, t.q.Wallet.MethodRead, method, id)
}

func (t *tx) methodEvent(kind kaopass.EventKind, id kaopass.VisitorID, method kaopass.MethodID) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: string(id), Visitor: id, Subject: string(method), Purpose: kaopass.ForPayment})
	return err
}

// leave takes the visitor out of tickets and money at erasure: the code and the cards go, the tickets are free again, the
// ledger stays. Cases end bare, and what was allowed to a minor goes. A StateError where there is money in the wallet, held, or on its way there.
func (t *tx) leave(id kaopass.VisitorID) error {
	for _, gone := range []func() (int64, error){
		func() (int64, error) { return t.do(t.q.Dispute.Bare, id, t.now) },
		func() (int64, error) { return t.do(t.q.Guardian.Drop, id) },
		func() (int64, error) { return t.do(t.q.Limit.OwnDrop, id) },
	} {
		if _, err := gone(); err != nil {
			return err
		}
	}
	w, err := t.lockWallet(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	var underWay int64
	if err := t.get(&underWay, t.q.Card.TopUps, id); err != nil {
		return err
	}
	if w.Balance != 0 || w.Held != 0 || underWay != 0 {
		return &StateError{Status: "wallet_not_empty"}
	}
	if _, err := t.do(t.q.Ticket.Free, id); err != nil {
		return err
	}
	return t.forgetPayment(id)
}

// forgetPayment ends what payment consent allowed: the payment code and the cards go, and what the card company knows of
// the person. Called when that consent is withdrawn.
func (t *tx) forgetPayment(id kaopass.VisitorID) error {
	if _, err := t.do(t.q.Wallet.CodeDrop, id); err != nil {
		return err
	}
	if _, err := t.do(t.q.Wallet.RemoveCards, id, t.now); err != nil {
		return err
	}
	if _, err := t.do(t.q.Company.Bye, id, t.now); err != nil {
		return err
	}
	for _, stmt := range []*sqlx.Stmt{t.q.Company.OwnerDrop, t.q.Company.FormDrop} {
		if _, err := t.do(stmt, id); err != nil {
			return err
		}
	}
	_, err := t.do(t.q.Wallet.WalletFirst, id)
	return err
}
