package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// checkout is where Stripe's form is.
const checkout = "https://checkout.stripe.com"

// ErrAway says that Stripe could not be asked now.
var ErrAway = errors.New("stripe: away")

// FormOrigin is where the form is: a page that leads to it has to allow that (CSP level 3, form-action).
func (d *Desk) FormOrigin() string { return d.forms }

// Form opens Stripe's page on which a card is typed in (Checkout, mode "setup"), and answers its address. The visitor
// comes back to done, or to left where they changed their mind. Stripe learns the visitor's id and nothing else of them.
// db.ErrNotFound where they do not agree to payment.
func (d *Desk) Form(ctx context.Context, id kaopass.VisitorID, lang kaopass.Language, done, left string) (address string, err error) {
	return d.open(ctx, id, "", &api.CheckoutSessionCreateParams{Locale: api.String(locale(lang)), SuccessURL: &done, CancelURL: &left})
}

// OwnerForm is the same page for a card whose bank wants to hear from its owner: they type it in once more, and the bank
// asks them there (3-D Secure). Where it is the same card the same method is good again.
func (d *Desk) OwnerForm(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID, lang kaopass.Language, done, left string) (address string, err error) {
	return d.open(ctx, id, method, &api.CheckoutSessionCreateParams{Locale: api.String(locale(lang)), SuccessURL: &done, CancelURL: &left,
		PaymentMethodOptions: &api.CheckoutSessionCreatePaymentMethodOptionsParams{
			Card: &api.CheckoutSessionCreatePaymentMethodOptionsCardParams{RequestThreeDSecure: api.String("challenge")}}})
}

// open makes the page and notes for which card it is. The intent to save that Stripe makes with it is for use off session.
func (d *Desk) open(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID, params *api.CheckoutSessionCreateParams) (address string, err error) {
	customer, err := d.customer(ctx, id)
	if err != nil {
		return "", err
	}
	params.Mode, params.Customer = api.String(api.CheckoutSessionModeSetup), &customer
	params.PaymentMethodTypes, params.ClientReferenceID = []*string{api.String("card")}, api.String(string(id))
	params.IdempotencyKey = api.String(api.NewIdempotencyKey())
	var form *api.CheckoutSession
	err = d.call(ctx, func(ctx context.Context) (err error) {
		form, err = d.client.V1CheckoutSessions.Create(ctx, params)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAway, err)
	}
	return form.URL, d.db.OpenForm(ctx, id, form.ID, method)
}

// customer is Stripe's name for a visitor, made with the first card.
func (d *Desk) customer(ctx context.Context, id kaopass.VisitorID) (string, error) {
	c, err := d.db.CardCustomer(ctx, id)
	if err != nil || c.Ref != "" {
		return c.Ref, err
	}
	params := &api.CustomerCreateParams{Metadata: map[string]string{ofPerson: string(id)}}
	params.IdempotencyKey = api.String(string(id) + "/" + strconv.FormatInt(c.Consent, 10)) // another consent, another customer
	var made *api.Customer
	err = d.call(ctx, func(ctx context.Context) (err error) {
		made, err = d.client.V1Customers.Create(ctx, params)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAway, err)
	}
	c, err = d.db.KeepCustomer(ctx, id, made.ID)
	return c.Ref, err
}

// locale is Stripe's name of a language.
func locale(lang kaopass.Language) string {
	if lang == kaopass.Chinese {
		return "zh"
	}
	return string(lang)
}

// Saved asks Stripe what came of the form that the visitor was sent to last, and keeps the card that it gave. Nothing
// that a browser says is believed. saved is false where the form was not filled in.
func (d *Desk) Saved(ctx context.Context, id kaopass.VisitorID) (saved bool, err error) {
	c, err := d.db.CardCustomer(ctx, id)
	if err != nil || c.Form == "" {
		return false, err
	}
	return d.save(ctx, id, c.Ref, c.Form)
}

func (d *Desk) save(ctx context.Context, id kaopass.VisitorID, customer, form string) (saved bool, err error) {
	opened, err := d.db.CardForm(ctx, id, form)
	if err != nil || opened.Ended {
		return false, err
	}
	params := &api.CheckoutSessionRetrieveParams{}
	params.AddExpand("setup_intent.payment_method")
	var now *api.CheckoutSession
	err = d.call(ctx, func(ctx context.Context) (err error) {
		now, err = d.client.V1CheckoutSessions.Retrieve(ctx, form, params)
		return err
	})
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: %w", ErrAway, err)
	case now.Customer == nil || now.Customer.ID != customer:
		return false, fmt.Errorf("stripe: a form of another customer: %w", db.ErrNotFound)
	case now.Status == api.CheckoutSessionStatusExpired:
		_, err = d.db.CloseForm(ctx, id, form, db.CardGiven{})
		return false, err
	}
	setup := now.SetupIntent
	if now.Status != api.CheckoutSessionStatusComplete || setup == nil || setup.Status != api.SetupIntentStatusSucceeded ||
		setup.PaymentMethod == nil || setup.PaymentMethod.Card == nil {
		return false, nil
	}
	gave := db.CardGiven{Token: tokenOf(customer, setup.PaymentMethod.ID), Label: label(setup.PaymentMethod.Card)}
	if gave.Same, err = d.same(ctx, opened.Token, setup.PaymentMethod.Card); err != nil {
		return false, err
	}
	return d.db.CloseForm(ctx, id, form, gave)
}

// same reports whether a saved card is the one that was just given: Stripe gives each card number a fingerprint, which is
// compared and not kept.
func (d *Desk) same(ctx context.Context, token string, given *api.PaymentMethodCard) (is bool, err error) {
	_, method, ok := strings.Cut(token, "/")
	if !ok {
		return false, nil
	}
	var saved *api.PaymentMethod
	err = d.call(ctx, func(ctx context.Context) (err error) {
		saved, err = d.client.V1PaymentMethods.Retrieve(ctx, method, &api.PaymentMethodRetrieveParams{})
		return err
	})
	switch {
	case declined(err) || status(err) == http.StatusNotFound: // it is gone there
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: %w", ErrAway, err)
	}
	return saved.Card != nil && saved.Card.Fingerprint != "" && saved.Card.Fingerprint == given.Fingerprint, nil
}

// label is what a person reads: brand, last four digits, expiry.
func label(c *api.PaymentMethodCard) string {
	brand := map[api.PaymentMethodCardBrand]string{"visa": "Visa", "mastercard": "Mastercard", "jcb": "JCB", "amex": "American Express",
		"diners": "Diners Club", "discover": "Discover", "unionpay": "UnionPay"}[c.Brand]
	if brand == "" {
		brand = "Card"
	}
	return fmt.Sprintf("%s ••%s %02d/%02d", brand, c.Last4, c.ExpMonth, c.ExpYear%100)
}

// Forget has Stripe forget removed cards and withdrawn customers; web calls it on a timer.
func (d *Desk) Forget(ctx context.Context) error {
	if d.line.broken(false) {
		return nil
	}
	return d.db.Farewells(ctx, func(ctx context.Context, bye db.Farewell) error {
		ctx, done := context.WithTimeout(ctx, db.CardWithin)
		defer done()
		_, method, _ := strings.Cut(bye.Ref, "/")
		err := d.call(ctx, func(ctx context.Context) (err error) {
			if bye.Kind == "customer" {
				_, err = d.client.V1Customers.Delete(ctx, bye.Ref, &api.CustomerDeleteParams{})
			} else {
				_, err = d.client.V1PaymentMethods.Detach(ctx, method, &api.PaymentMethodDetachParams{})
			}
			return err
		})
		if status(err) == http.StatusNotFound || declined(err) { // it is gone, or was never kept there
			return nil
		}
		return err
	})
}
