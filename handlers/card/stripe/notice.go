package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	api "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// Limits of Stripe's messages.
const (
	NoticeMax    = 256 << 10       // bytes; Stripe's largest objects have some tens of thousands
	noticeWithin = 5 * time.Minute // a signature that is older is a replay
)

// ErrSignature is a message that Stripe did not sign, or signed too long ago.
var ErrSignature = errors.New("stripe: not signed, or not lately")

// Notices reports whether messages are taken at all.
func (d *Desk) Notices() bool { return len(d.secrets) > 0 }

// Take keeps a signed message. What a message says about a charge, a card or a refund of ours is never believed: it is a
// reason to ask. Disputes, and refunds that others made, are facts that nobody asks for, and each is noted once.
func (d *Desk) Take(ctx context.Context, body []byte, signature string) error {
	event, err := d.verify(body, signature)
	if err != nil {
		return err
	}
	n := db.CardNotice{ID: event.ID, Kind: string(event.Type)}
	if event.Data == nil {
		return fmt.Errorf("stripe: a message about nothing")
	}
	switch event.Type {
	case api.EventTypeCheckoutSessionCompleted:
		if err := d.formDone(ctx, event.Data.Raw); err != nil {
			return err // Stripe sends it again
		}
	case api.EventTypeChargeDisputeCreated, api.EventTypeChargeDisputeUpdated, api.EventTypeChargeDisputeClosed:
		err = readDispute(event.Data.Raw, &n)
	case api.EventTypeRefundFailed, api.EventTypeRefundUpdated, api.EventTypeChargeRefundUpdated:
		err = d.refundMoved(ctx, event.Data.Raw, &n)
	}
	if err == nil {
		_, err = d.db.TakeNotice(ctx, n)
	}
	return err
}

// verify checks a message against each secret: two stand while one is rolled.
func (d *Desk) verify(body []byte, signature string) (event api.Event, err error) {
	for _, secret := range d.secrets {
		event, err = webhook.ConstructEventWithOptions(body, signature, secret, webhook.ConstructEventOptions{
			Tolerance: noticeWithin, IgnoreAPIVersionMismatch: true}) // the little that is read has been the same for years
		if err == nil {
			return event, nil
		}
	}
	return event, ErrSignature
}

// formDone keeps the card of a form whose visitor did not come back. The message only says which form to ask about.
func (d *Desk) formDone(ctx context.Context, raw []byte) error {
	var said api.CheckoutSession
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("stripe: a message that cannot be read: %w", err)
	}
	if said.Customer == nil || said.Mode != api.CheckoutSessionModeSetup {
		return nil
	}
	id, err := d.db.CustomerVisitor(ctx, said.Customer.ID)
	if err == nil {
		_, err = d.save(ctx, id, said.Customer.ID, said.ID)
	}
	var state *db.StateError
	if errors.Is(err, db.ErrNotFound) || errors.As(err, &state) { // not ours, or not any more, or no room
		return nil
	}
	return err
}

func readDispute(raw []byte, n *db.CardNotice) error {
	var said api.Dispute
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("stripe: a message that cannot be read: %w", err)
	}
	n.Dispute = &db.CardDispute{ID: said.ID, Amount: money(said.Amount, said.Currency), Reason: string(said.Reason)}
	if said.PaymentIntent != nil {
		n.Intent = said.PaymentIntent.ID
	}
	switch said.Status {
	case api.DisputeStatusWon, api.DisputeStatusWarningClosed, api.DisputeStatusPrevented:
		n.Dispute.Ended = "won"
	case api.DisputeStatusLost:
		n.Dispute.Ended = "lost"
	}
	return nil
}

// refundMoved looks at a refund that did not arrive, or was taken back. One of ours is asked for: what came back of it is
// owed. One that somebody made at Stripe by hand is told to staff.
func (d *Desk) refundMoved(ctx context.Context, raw []byte, n *db.CardNotice) error {
	var said api.Refund
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("stripe: a message that cannot be read: %w", err)
	}
	if !bounced(&said) {
		return nil
	}
	if said.Metadata[ofRefund] == "" {
		n.RefundFailed = money(said.Amount, said.Currency)
		if said.PaymentIntent != nil {
			n.Intent = said.PaymentIntent.ID
		}
		return nil
	}
	now, err := d.lookRefund(ctx, said.ID)
	switch {
	case status(err) == http.StatusNotFound: // another account's
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", ErrAway, err) // Stripe sends it again
	case bounced(now):
		n.Bounced = kaopass.RefundID(now.Metadata[ofRefund])
	}
	return nil
}
