package db

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of ending payments.
const (
	expireBatch = 500             // payments that one call ends; a timer calls again
	sweepSlack  = 5 * time.Minute // how far back each call looks again: clocks differ, and what commits late is still to be seen
)

// Expire ends open payments whose time is over and releases authorisations that were never captured; web calls it on a
// timer. It also asks the card company about charges whose outcome is unknown, and tells it what it has to know. One
// that fails does not stop the others; ended counts those that were ended before an error.
func (d *DB) Expire(ctx context.Context, desk CardDesk) (ended int, err error) {
	var over []kaopass.PaymentID
	if err := d.list(ctx, &over, d.q.Payment.Waiting, d.clock(), expireBatch); err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range over {
		did, err := d.expire(ctx, id)
		if did {
			ended++
		}
		failed = append(failed, err)
	}
	now := d.clock()
	_, err = d.q.Payment.Swept.ExecContext(ctx, now, now.Add(-sweepSlack))
	failed = append(failed, fault(ctx, err))
	return ended, errors.Join(append(failed, d.settleUnknown(ctx, desk), d.runTasks(ctx, desk, ""))...)
}

// expire ends one payment, if it is still so that its time is over.
func (d *DB) expire(ctx context.Context, id kaopass.PaymentID) (did bool, err error) {
	answer, err := d.send(ctx, d.q.Payment.Expire, d.instant().ask(kaopass.Key{}, "", id))
	return answer.Outcome != nil, cmp.Or(err, answer.err())
}

// settleUnknown asks about charges that nobody is at work on any more: a crash came between the question and its answer.
// One without an answer is asked about again.
func (d *DB) settleUnknown(ctx context.Context, desk CardDesk) error {
	var unknown []charge
	if err := d.list(ctx, &unknown, d.q.Card.Unknown, d.clock().Add(-chargeFresh), chargeBatch); err != nil {
		return err
	}
	var failed []error
	for _, c := range unknown {
		answer := askDesk(ctx, desk, c)
		if answer != CardApproved && answer != CardRefused && answer != CardNeedsOwner {
			continue
		}
		var err error
		if c.Payment == "" {
			_, err = d.settleTopUp(ctx, c, answer)
		} else {
			_, err = d.settlePayment(ctx, kaopass.Key{}, c, answer)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
