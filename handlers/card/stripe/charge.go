package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	api "github.com/stripe/stripe-go/v85"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// ofCharge and ofRefund are where our ids stand in Stripe's metadata.
const (
	ofCharge = "kaopass_charge"
	ofRefund = "kaopass_refund"
	ofPerson = "kaopass_visitor"
)

// tokenOf names a saved card: the customer and the payment method.
func tokenOf(customer, method string) string { return customer + "/" + method }

// Authorise holds an amount on a card. The intent is made and its name kept before it is confirmed: an intent that was
// never confirmed moves no money, so where its name is not known to us nothing has to be undone.
func (d *Desk) Authorise(ctx context.Context, id, token string, amount kaopass.Money) (db.CardAnswer, error) {
	if d.line.broken(false) {
		return lost("authorise", id, errBroken)
	}
	if amount.Value <= 0 || amount.Currency != kaopass.JPY {
		return db.CardRefused, nil
	}
	in, err := d.db.BeginIntent(ctx, kaopass.ChargeID(id), token, amount)
	if err == nil && in.Ref == "" && !in.Barred {
		in, err = d.begin(ctx, in)
	}
	switch {
	case declined(err):
		return db.CardRefused, nil
	case err != nil:
		return lost("authorise", id, err)
	case in.Barred:
		return db.CardRefused, nil
	}
	return d.confirm(ctx, in)
}

// begin makes the intent, and keeps its name.
func (d *Desk) begin(ctx context.Context, in db.Intent) (db.Intent, error) {
	customer, method, ok := strings.Cut(in.Token, "/")
	if !ok { // a card of another company, from before
		return db.Intent{Barred: true}, nil
	}
	params := &api.PaymentIntentCreateParams{
		Amount: &in.Amount, Currency: api.String(strings.ToLower(in.Currency)), // yen have no smaller unit, there and here
		Customer: &customer, PaymentMethod: &method, PaymentMethodTypes: []*string{api.String("card")},
		CaptureMethod: api.String("manual"), Metadata: map[string]string{ofCharge: string(in.Charge)},
	}
	params.IdempotencyKey = api.String(string(in.Charge))
	var made *api.PaymentIntent
	err := d.call(ctx, func(ctx context.Context) (err error) {
		made, err = d.client.V1PaymentIntents.Create(ctx, params)
		return err
	})
	if err != nil {
		return in, err
	}
	return d.db.NameIntent(ctx, in.Charge, made.ID)
}

// confirm moves the money: off session, as the visitor is at a till or has pressed a button of ours.
func (d *Desk) confirm(ctx context.Context, in db.Intent) (db.CardAnswer, error) {
	params := &api.PaymentIntentConfirmParams{OffSession: api.Bool(true)}
	params.IdempotencyKey = api.String(string(in.Charge) + "/confirm")
	var now *api.PaymentIntent
	err := d.call(ctx, func(ctx context.Context) (err error) {
		now, err = d.client.V1PaymentIntents.Confirm(ctx, in.Ref, params)
		return err
	})
	switch {
	case err == nil:
		return outcome(now), nil
	case needsOwner(err):
		return db.CardNeedsOwner, nil
	case status(err) == http.StatusPaymentRequired:
		return db.CardRefused, nil
	case passes(err) || declined(err): // a 400 says in which state it is not, not in which it is
		if now, looked := d.look(ctx, in.Ref); looked == nil {
			return outcome(now), nil
		}
	}
	return lost("confirm", string(in.Charge), err)
}

// Capture takes what was held, or a part of it; Stripe frees the rest.
func (d *Desk) Capture(ctx context.Context, id string, amount kaopass.Money) (db.CardAnswer, error) {
	in, err := d.db.FindIntent(ctx, kaopass.ChargeID(id))
	if errors.Is(err, db.ErrNotFound) || err == nil && in.Ref == "" {
		return db.CardRefused, nil
	}
	if err != nil {
		return lost("capture", id, err)
	}
	var now *api.PaymentIntent
	err = d.call(ctx, func(ctx context.Context) (err error) { // what can be captured once only needs no key of ours
		now, err = d.client.V1PaymentIntents.Capture(ctx, in.Ref, &api.PaymentIntentCaptureParams{AmountToCapture: &amount.Value})
		return err
	})
	said := err
	if declined(err) || passes(err) {
		now, err = d.look(ctx, in.Ref)
	}
	if err != nil {
		return lost("capture", id, err)
	}
	return captured(now, said, amount.Value), nil
}

// captured is what a capture came to, by what Stripe says that the intent is, not by why it said no.
func captured(now *api.PaymentIntent, said error, amount int64) db.CardAnswer {
	switch now.Status {
	case api.PaymentIntentStatusSucceeded:
		if now.AmountReceived == amount {
			return db.CardApproved
		}
		return db.CardTakenOther
	case api.PaymentIntentStatusRequiresCapture:
		switch {
		case amount > now.AmountCapturable:
			return db.CardHoldShort
		case expired(said):
			return db.CardHoldExpired
		}
		return db.CardUnknown // it can still be taken: next time
	case api.PaymentIntentStatusProcessing:
		return db.CardUnknown
	case api.PaymentIntentStatusCanceled:
		if now.CancellationReason == api.PaymentIntentCancellationReasonAutomatic || now.CancellationReason == api.PaymentIntentCancellationReasonExpired {
			return db.CardHoldExpired // Stripe cancels an intent whose hold the bank has let go
		}
		return db.CardHoldCancelled
	}
	return db.CardRefused
}

// Release frees what was held. What Stripe has no name for is barred, and will never come into being.
func (d *Desk) Release(ctx context.Context, id string) (db.CardAnswer, error) {
	in, err := d.db.BarIntent(ctx, kaopass.ChargeID(id))
	if err != nil {
		return lost("release", id, err)
	}
	if in.Ref == "" {
		return db.CardRefused, nil
	}
	now, err := d.cancel(ctx, in.Ref)
	if err != nil {
		return lost("release", id, err)
	}
	switch now.Status {
	case api.PaymentIntentStatusCanceled:
		return db.CardApproved, nil
	case api.PaymentIntentStatusSucceeded:
		return db.CardRefused, nil
	}
	return db.CardUnknown, nil
}

// Ask answers what came of a charge. One whose confirmation has not reached Stripe is cancelled, so that it never will.
func (d *Desk) Ask(ctx context.Context, id string) (db.CardAnswer, error) {
	in, err := d.db.BarIntent(ctx, kaopass.ChargeID(id))
	if err != nil {
		return lost("ask", id, err)
	}
	if in.Ref == "" {
		return db.CardRefused, nil
	}
	now, err := d.look(ctx, in.Ref)
	if err == nil && (now.Status == api.PaymentIntentStatusRequiresConfirmation || now.Status == api.PaymentIntentStatusRequiresAction) {
		now, err = d.cancel(ctx, in.Ref)
	}
	if err != nil {
		return lost("ask", id, err)
	}
	return outcome(now), nil
}

// lost is an outcome that has to be asked for. The till and the book know only that; the operator reads why.
func lost(verb, charge string, err error) (db.CardAnswer, error) {
	slog.Warn("the card company did not answer", "verb", verb, "charge", charge, "err", err)
	return db.CardUnknown, err
}

// look reads an intent.
func (d *Desk) look(ctx context.Context, ref string) (now *api.PaymentIntent, err error) {
	err = d.call(ctx, func(ctx context.Context) (err error) {
		now, err = d.client.V1PaymentIntents.Retrieve(ctx, ref, &api.PaymentIntentRetrieveParams{})
		return err
	})
	return now, err
}

// cancel ends an intent, or reads why it cannot be ended.
func (d *Desk) cancel(ctx context.Context, ref string) (now *api.PaymentIntent, err error) {
	err = d.call(ctx, func(ctx context.Context) (err error) {
		now, err = d.client.V1PaymentIntents.Cancel(ctx, ref, &api.PaymentIntentCancelParams{})
		return err
	})
	if declined(err) || passes(err) {
		return d.look(ctx, ref)
	}
	return now, err
}

// outcome is what an intent's status means to us.
func outcome(now *api.PaymentIntent) db.CardAnswer {
	switch now.Status {
	case api.PaymentIntentStatusRequiresCapture, api.PaymentIntentStatusSucceeded:
		return db.CardApproved
	case api.PaymentIntentStatusRequiresPaymentMethod:
		if why := now.LastPaymentError; why != nil && asksOwner(why) {
			return db.CardNeedsOwner
		}
		return db.CardRefused
	case api.PaymentIntentStatusCanceled:
		return db.CardRefused
	}
	return db.CardUnknown
}

// declined reports whether Stripe refused a request for what it asks, so that nothing happened by it: a card that says
// no, or that is gone, or a state in which this cannot be done. A key that is refused (401, 403) and an intent of another
// account (404) are mistakes of the operator, and no answer.
func declined(err error) bool {
	var said *api.Error
	return errors.As(err, &said) && said.Type != api.ErrorTypeIdempotency &&
		(said.HTTPStatusCode == http.StatusBadRequest || said.HTTPStatusCode == http.StatusPaymentRequired)
}

// needsOwner reports whether the bank wants to hear from the card's owner. That it is short of money is a decline like
// any other: what is in somebody's account is no business of a queue at a till.
func needsOwner(err error) bool {
	var said *api.Error
	return errors.As(err, &said) && said.HTTPStatusCode == http.StatusPaymentRequired && asksOwner(said)
}

func asksOwner(said *api.Error) bool {
	return said.Code == api.ErrorCodeAuthenticationRequired || said.DeclineCode == "authentication_required"
}

// expired reports whether the bank has let go of what was held.
func expired(err error) bool {
	var said *api.Error
	return errors.As(err, &said) && said.Code == api.ErrorCodeChargeExpiredForCapture
}
