package till

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// payment is a payment as its till may see it: the payer's initials, and of a method what a chip shows.
type payment struct {
	ID         kaopass.PaymentID     `json:"id"`
	Status     kaopass.PaymentStatus `json:"status"`
	Reason     kaopass.Reason        `json:"reason,omitempty"`
	Message    string                `json:"message"`
	Retry      bool                  `json:"retry"` // another photo may mend it
	Amount     kaopass.Money         `json:"amount"`
	Authorised kaopass.Money         `json:"authorised"`
	Captured   kaopass.Money         `json:"captured"`
	Refunded   kaopass.Money         `json:"refunded"`
	OrderRef   string                `json:"order_ref,omitempty"`
	Capture    string                `json:"capture"`
	Payer      *payer                `json:"payer,omitempty"`
	Method     *method               `json:"method,omitempty"` // the one that paid
	Methods    []offer               `json:"methods,omitempty"`
	CreatedAt  time.Time             `json:"created_at"`
	ExpiresAt  time.Time             `json:"expires_at"`
	DecidedAt  *time.Time            `json:"decided_at,omitempty"`
	Did        string                `json:"did,omitempty"` // by a cancel: nothing, released or refunded
	Refund     kaopass.RefundID      `json:"refund_id,omitempty"`
}

type payer struct {
	DisplayName string           `json:"display_name"`
	Language    kaopass.Language `json:"language,omitempty"` // that they read: the screen turns to it
}

type method struct {
	ID   kaopass.MethodID   `json:"id"`
	Kind kaopass.MethodKind `json:"kind"`
}

type offer struct {
	method
	Label   string         `json:"label"`
	Default bool           `json:"default"`
	Covers  bool           `json:"covers"`
	Reason  kaopass.Reason `json:"reason,omitempty"` // why it does not
}

// reply answers what a verb did to a payment.
func reply(c *fiber.Ctx, status int, out db.Outcome, err error) error {
	if err != nil {
		return err
	}
	respond.Replayed(c, out.Replayed)
	a := answer(out.Payment, access.Language(c))
	a.Did, a.Refund = out.Did, out.Refund
	return respond.JSON(c, status, a)
}

func answer(p kaopass.Payment, l kaopass.Language) payment {
	out := payment{ID: p.ID, Status: p.Status, Reason: p.Reason, Message: message(p, l), Retry: p.Retry,
		Amount: p.Amount, Authorised: yen(p.Authorised), Captured: yen(p.Captured), Refunded: yen(p.Refunded),
		OrderRef: p.OrderRef, Capture: "automatic", CreatedAt: p.Created.UTC(), ExpiresAt: p.Expires.UTC()}
	if p.Manual {
		out.Capture = "manual"
	}
	if p.PayerName != "" {
		out.Payer = &payer{p.PayerName, p.PayerSays}
	}
	if p.Method != "" {
		out.Method = &method{p.Method, p.MethodKind}
	}
	for _, m := range p.Methods {
		out.Methods = append(out.Methods, offer{method{m.ID, m.Kind}, m.Label, m.Default, m.Covers, m.Reason})
	}
	if !p.Decided.IsZero() {
		decided := p.Decided.UTC()
		out.DecidedAt = &decided
	}
	return out
}
