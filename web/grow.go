package main

import (
	"context"
	"log/slog"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// learn lets the templates of payers learn from what tills see. It follows the payments of this moment on: what was
// remembered of earlier ones was in the memory of an earlier program.
func (p *program) learn(ctx context.Context) {
	p.work.Go(func() {
		err := p.store.FollowFromNow(ctx, func(e kaopass.Event) error {
			p.learnFrom(ctx, e)
			return nil
		})
		if ctx.Err() == nil {
			slog.Error("following the payments: templates do not learn", "err", err)
		}
	})
}

// learnFrom is what an event of a payment means for the face that was shown for it: once it is paid, the payer's template
// may learn from it; where the face alone decided, a code was wrong or the payment ended, it is forgotten. One that
// cannot be learned is not tried again: there will be other payments.
func (p *program) learnFrom(ctx context.Context, e kaopass.Event) {
	id := kaopass.PaymentID(e.Subject)
	switch e.Kind {
	case kaopass.PaymentCaptured, kaopass.PaymentAuthorised:
		err := p.faces.Learn(id, func(learn func(kaopass.Template, int) (kaopass.Template, bool)) error {
			_, err := p.store.GrowTemplate(ctx, id, db.Learn(learn))
			return err
		})
		if err != nil && ctx.Err() == nil {
			slog.Error("a template did not learn", "payment", id, "err", err)
		}
	case kaopass.PaymentFaced:
		if e.Status == kaopass.AwaitingConfirmation {
			p.faces.ForgetPayment(id)
		}
	case kaopass.PaymentCoded:
		if e.Reason == kaopass.CodeWrong {
			p.faces.ForgetPayment(id)
		}
	case kaopass.PaymentEnded:
		p.faces.ForgetPayment(id)
	}
}
