package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// companyQueries is what a real card company knows us by.
type companyQueries struct {
	Begin    *sqlx.Stmt `query:"intent-begin"`
	Read     *sqlx.Stmt `query:"intent-read"`
	Name     *sqlx.Stmt `query:"intent-name"`
	Bar      *sqlx.Stmt `query:"intent-bar"`
	Any      *sqlx.Stmt `query:"intent-any"`
	Customer *sqlx.Stmt `query:"customer-read"`
	Keep     *sqlx.Stmt `query:"customer-keep"`
	Of       *sqlx.Stmt `query:"customer-of"`
	FormOpen *sqlx.Stmt `query:"form-open"`
	FormEnd  *sqlx.Stmt `query:"form-end"`
	FormRead *sqlx.Stmt `query:"form-read"`
	FormOld  *sqlx.Stmt `query:"form-sweep"`
	FormDrop *sqlx.Stmt `query:"form-drop"`
	Newest   *sqlx.Stmt `query:"customer-newest"`
	ByeCard  *sqlx.Stmt `query:"farewell-card"`
	Bye      *sqlx.Stmt `query:"farewell-customer"`
	ByeStray *sqlx.Stmt `query:"farewell-stray"`
	ByeTake  *sqlx.Stmt `query:"farewell-take"`
	ByeEnd   *sqlx.Stmt `query:"farewell-end"`
	Waiting  *sqlx.Stmt `query:"company-waiting"`
	Notice   *sqlx.Stmt `query:"notice-add"`
	Sweep    *sqlx.Stmt `query:"notice-sweep"`
	ChargeOf *sqlx.Stmt `query:"charge-of-intent"`
	Opened   *sqlx.Stmt `query:"dispute-open"`
	Ended    *sqlx.Stmt `query:"dispute-end"`

	OwnerAsk    *sqlx.Stmt `query:"owner-ask"`
	OwnerAnswer *sqlx.Stmt `query:"owner-answer"`
	OwnerRenew  *sqlx.Stmt `query:"owner-renew"`
	OwnerDrop   *sqlx.Stmt `query:"owner-drop"`
	LetterTake  *sqlx.Stmt `query:"owner-letter-take"`
	LetterDone  *sqlx.Stmt `query:"owner-letter-done"`
}

// Intent is a charge as a card company knows it. Ref is the company's name for it: kept before the call that moves money,
// so where it is empty no money was moved. A barred intent never gets one.
type Intent struct {
	Charge   kaopass.ChargeID
	Token    string // of the card
	Currency string
	Amount   int64
	Ref      string
	Barred   bool
}

// Money is what the charge is of.
func (i Intent) Money() kaopass.Money { return kaopass.Money{Currency: i.Currency, Value: i.Amount} }

// BeginIntent writes down what a card company is about to be asked, and answers what was written first: by this call, an
// earlier one, or the bar.
func (d *DB) BeginIntent(ctx context.Context, charge kaopass.ChargeID, token string, amount kaopass.Money) (Intent, error) {
	return d.intent(ctx, charge, func(t *tx) (int64, error) {
		return t.do(t.q.Company.Begin, charge, token, amount.Currency, amount.Value, t.now)
	})
}

// NameIntent keeps the company's name for a charge, once. The answer's Barred says that the charge must not be carried
// out.
func (d *DB) NameIntent(ctx context.Context, charge kaopass.ChargeID, ref string) (Intent, error) {
	return d.intent(ctx, charge, func(t *tx) (int64, error) { return t.do(t.q.Company.Name, charge, ref) })
}

// BarIntent makes sure that a charge which the company was not given a name for never comes into being. The answer's Ref
// says that it was too late for that.
func (d *DB) BarIntent(ctx context.Context, charge kaopass.ChargeID) (Intent, error) {
	return d.intent(ctx, charge, func(t *tx) (int64, error) { return t.do(t.q.Company.Bar, charge, t.now) })
}

// FindIntent reads a charge: ErrNotFound where the company was never asked for it.
func (d *DB) FindIntent(ctx context.Context, charge kaopass.ChargeID) (i Intent, err error) {
	return i, d.get(ctx, &i, d.q.Company.Read, charge)
}

func (d *DB) intent(ctx context.Context, charge kaopass.ChargeID, do func(*tx) (int64, error)) (i Intent, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := do(t); err != nil {
			return err
		}
		return t.get(&i, t.q.Company.Read, charge)
	})
	return i, err
}

// HasCardCompany reports whether this venue has charged real cards, or keeps some: then a sandbox must not stand in.
func (d *DB) HasCardCompany(ctx context.Context) (has bool, err error) {
	return has, d.get(ctx, &has, d.q.Company.Any)
}

// Customer is a visitor as a card company knows them: by a name of its own and nothing else.
type Customer struct {
	Ref     string // empty: no card was saved yet
	Form    string // the company's form that was opened last and has not ended
	Consent int64  // the consent to payment that stands: with another one the customer is another
}

// CardCustomer reads it: ErrNotFound where no consent to payment stands.
func (d *DB) CardCustomer(ctx context.Context, id kaopass.VisitorID) (c Customer, err error) {
	return c, d.get(ctx, &c, d.q.Company.Customer, id)
}

// CustomerVisitor answers whose a customer is.
func (d *DB) CustomerVisitor(ctx context.Context, ref string) (id kaopass.VisitorID, err error) {
	return id, d.get(ctx, &id, d.q.Company.Of, ref)
}

// NewestCustomer is a customer that the company has to know, if it is still the same company: ErrNotFound where there is
// none.
func (d *DB) NewestCustomer(ctx context.Context) (ref string, err error) {
	return ref, d.get(ctx, &ref, d.q.Company.Newest)
}

// KeepCustomer keeps the company's name for a visitor, once, and answers the one that is kept. Where the consent to
// payment was withdrawn meanwhile the customer is to be forgotten, and the answer is ErrNotFound.
func (d *DB) KeepCustomer(ctx context.Context, id kaopass.VisitorID, ref string) (c Customer, err error) {
	gone := false
	err = d.tx(ctx, func(t *tx) error {
		c, gone = Customer{}, false
		if _, err := t.lockVisitor(id); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		stands, err := t.find(&c, t.q.Company.Customer, id)
		if err == nil && stands && c.Ref == "" {
			if err = t.must(t.q.Company.Keep, id, ref, t.now); err == nil {
				c.Ref = ref
			}
		}
		if err == nil && c.Ref != ref { // another came first, or nobody is to be kept
			_, err = t.do(t.q.Company.ByeStray, id, ref, t.now)
		}
		gone = !stands
		return err
	})
	if err == nil && gone {
		err = ErrNotFound
	}
	return c, err
}

// Farewell is a card or a customer that the company has to forget.
type Farewell struct {
	Seq  int64
	Kind string // "card" or "customer"
	Ref  string
}

// Farewells takes leave, oldest first, by what forget does; one that fails is due again later. A visitor's wait until
// nothing of their charges is open.
func (d *DB) Farewells(ctx context.Context, forget func(context.Context, Farewell) error) error {
	var failed []error
	for range chargeBatch {
		var bye Farewell
		err := d.tx(ctx, func(t *tx) error { return t.get(&bye, t.q.Company.ByeTake, t.now) })
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err == nil {
			if err = forget(ctx, bye); err == nil {
				err = d.tx(ctx, func(t *tx) error { return t.must(t.q.Company.ByeEnd, bye.Seq) })
			}
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("db: forgetting a %s: %w", bye.Kind, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// CardQueue is how much waits for the card company.
type CardQueue struct {
	Unknown   int64 // charges without an answer
	Tasks     int64 // captures, releases and refunds to be told
	Farewells int64 // cards and customers to be forgotten
}

// CardsWaiting reads it.
func (d *DB) CardsWaiting(ctx context.Context) (w CardQueue, err error) {
	return w, d.get(ctx, &w, d.q.Company.Waiting)
}
