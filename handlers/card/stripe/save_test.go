package stripe

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

func (v *venue) form() (form string) {
	v.Helper()
	address, err := v.desk.Form(v.Context(), v.me, kaopass.Chinese, "https://venue.example/done", "https://venue.example/left")
	v.ok(err)
	_, form, _ = strings.Cut(address, "form=")
	return form
}

func (v *venue) methods() []kaopass.Method {
	v.Helper()
	w, err := v.db.Wallet(v.Context(), v.me)
	v.ok(err)
	return w.Methods
}

func TestSavingACard(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	if saved, err := v.desk.Saved(ctx, v.me); err != nil || saved {
		t.Error("saved without a form", err)
	}
	form := v.form()
	if saved, err := v.desk.Saved(ctx, v.me); err != nil || saved || len(v.methods()) != 1 {
		t.Error("saved before it was filled in", err)
	}
	v.fake.Fill(form, stripetest.Pays)
	for i, want := range []bool{true, false} { // the page that is come back to is reloaded
		if saved, err := v.desk.Saved(ctx, v.me); err != nil || saved != want {
			t.Error(i, saved, err)
		}
	}
	if m := v.methods(); len(m) != 2 || m[1].Label != "Visa ••4242 12/34" || m[1].Default {
		t.Errorf("%+v", m)
	}
	v.save(stripetest.Pays)
	if len(v.fake.Customers) != 1 || len(v.methods()) != 3 {
		t.Error("a second card made a second customer")
	}
	for _, c := range v.fake.Customers {
		if c.Name != "" || c.Email != "" || len(c.Metadata) != 1 || c.Metadata[ofPerson] != string(v.me) {
			t.Errorf("Stripe knows more than an id: %+v", c)
		}
	}
}

// A browser can be made to come back from somebody else's form, or from none.
func TestAFormOfSomebodyElse(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	theirs := v.form()
	v.fake.Fill(theirs, stripetest.Pays)
	v.fake.Forms[theirs].Customer = "cus_other"
	if saved, err := v.desk.Saved(ctx, v.me); !errors.Is(err, db.ErrNotFound) || saved || len(v.methods()) != 1 {
		t.Error("somebody else's card was taken", err)
	}
	theirs = v.form()
	v.fake.Forms[theirs].Status = "expired"
	if saved, err := v.desk.Saved(ctx, v.me); err != nil || saved {
		t.Error(err)
	}
}

func TestForgetting(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	v.save(stripetest.Pays)
	v.save(stripetest.Declines)
	first := v.methods()[1]
	v.ok(v.db.RemoveMethod(ctx, v.me, first.ID))
	v.fails(func() stripetest.Fault { return stripetest.Down })
	if err := v.desk.Forget(ctx); err == nil {
		t.Error("forgotten while Stripe was away")
	}
	v.fails(nil)
	v.desk = v.newDesk()
	v.forgetAll()
	kept := 0
	for _, m := range v.fake.Methods {
		if m.Customer != "" {
			kept++
		}
	}
	if kept != 1 {
		t.Error(kept, "cards are kept")
	}
	if _, err := v.db.Withdraw(ctx, v.me, kaopass.ForPayment); err != nil {
		t.Fatal(err)
	}
	v.forgetAll()
	for _, c := range v.fake.Customers {
		if !c.Deleted {
			t.Errorf("%+v", c)
		}
	}
	if _, err := v.desk.Form(ctx, v.me, kaopass.Japanese, "a", "b"); !errors.Is(err, db.ErrNotFound) {
		t.Error("a card without consent", err)
	}
	out, err := v.db.EraseVisitor(ctx, v.me)
	if err != nil || out.Receipt == "" {
		t.Fatal(err)
	}
}

// forgetAll runs the timer until nothing is to be forgotten.
func (v *venue) forgetAll() {
	v.Helper()
	for range 5 {
		v.late.Add(int64(time.Hour))
		v.ok(v.desk.Forget(v.Context()))
		w, err := v.db.CardsWaiting(v.Context())
		if v.ok(err); w.Farewells == 0 {
			return
		}
	}
	v.Error("something is not forgotten")
}

// A customer is kept as long as money of theirs is on its way.
func TestForgettingWaitsForMoney(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := t.Context()
	p, err := s.db.CreatePayment(ctx, db.NewPayment{Key: s.key("till"), Till: s.till, Amount: yen(1000), Manual: true})
	s.ok(err)
	_, err = s.db.PaymentFace(ctx, db.PaymentFace{Key: s.key("till"), Till: s.till, Payment: p.ID, Started: time.Now(),
		Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{s.enr}}})
	s.ok(err)
	out, err := s.db.ConfirmPayment(ctx, s.desk, s.key("till"), s.till, p.ID, s.cards[0])
	if err != nil || out.Status != kaopass.Authorised {
		t.Fatal(out.Status, err)
	}
	if _, err := s.db.Withdraw(ctx, s.me, kaopass.ForPayment); err != nil {
		t.Skip("withdrawing is refused while money is held:", err)
	}
	s.late.Add(int64(time.Minute))
	s.ok(s.desk.Forget(ctx))
	if w, err := s.db.CardsWaiting(ctx); err != nil || w.Farewells == 0 {
		t.Error("forgotten while money was held", err)
	}
	if _, err := s.db.CapturePayment(ctx, s.desk, s.key("till"), s.till, p.ID, yen(600)); err != nil {
		t.Fatal(err)
	}
	s.forgetAll()
	if s.agree() != 1 {
		t.Error("not one charge")
	}
}

// The answer to making a customer is lost: the next try finds the same one.
func TestOneCustomerWhateverIsLost(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.fails(func() stripetest.Fault { return stripetest.CutAfter })
	if _, err := v.desk.Form(t.Context(), v.me, kaopass.Japanese, "a", "b"); err == nil {
		t.Error("a form without a way")
	}
	v.fails(nil)
	v.desk = v.newDesk()
	v.save(stripetest.Pays)
	if len(v.fake.Customers) != 1 {
		t.Error(len(v.fake.Customers), "customers")
	}
}

// What a card is labelled with, and what of it is kept: the database has no number.
func TestNoNumberIsKept(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.save(stripetest.Pays)
	var seen []string
	v.ok(v.query(`SELECT label || ' ' || token FROM method WHERE kind = 'card'`, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		seen = append(seen, s)
		return err
	}))
	if len(seen) != 1 || !slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "Visa ••4242 12/34 cus_") }) {
		t.Error(seen)
	}
	sandboxed, err := v.db.HasCardCompany(context.Background())
	if err != nil || !sandboxed {
		t.Error("a sandbox would stand in for real cards", err)
	}
}
