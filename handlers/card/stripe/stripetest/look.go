package stripetest

import (
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// Look lets a test read the fields while others call.
func (f *Fake) Look(read func(*Fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	read(f)
}

// Sign answers what Stripe puts into a message's header Stripe-Signature.
func Sign(body []byte, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
}
