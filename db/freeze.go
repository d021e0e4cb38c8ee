package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// Frozen is how somebody's payments are stopped: By is empty where they are not.
type Frozen struct {
	By    kaopass.FrozenBy
	Since time.Time
}

// frozen reads how a visitor's payments are stopped.
func (t *tx) frozen(id kaopass.VisitorID) (Frozen, error) {
	var row struct {
		Frozen bool
		By     kaopass.FrozenBy `db:"frozen_by"`
		At     stamp            `db:"frozen_at"`
	}
	if err := t.get(&row, t.q.Dispute.FrozenRead, id); err != nil || !row.Frozen {
		return Frozen{}, err
	}
	if row.By == "" {
		row.By = kaopass.FrozenBySelf
	}
	return Frozen{By: row.By, Since: row.At.Time}, nil
}

// freeze stops the payments of a locked visitor. What is stopped already stays as it is, but that "that wasn't me" counts
// for more than the visitor's own switch.
func (t *tx) freeze(id kaopass.VisitorID, by kaopass.FrozenBy, actor string) error {
	was, err := t.frozen(id)
	if err != nil || was.By != "" && (was.By != kaopass.FrozenBySelf || by != kaopass.FrozenByDispute) {
		return err
	}
	if err := t.must(t.q.Dispute.Freeze, id, by, t.now); err != nil || was.By != "" {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.VisitorFrozen, Actor: actor, Visitor: id})
	return err
}

// Freeze stops or allows payments of a visitor; actor is who asked. What is so already is not an event. A StateError
// that names a Reason where payments stay stopped: see [kaopass.FrozenBy.ThawRefusal].
func (d *DB) Freeze(ctx context.Context, id kaopass.VisitorID, frozen bool, actor string) error {
	if !frozen {
		reason, err := d.Thaw(ctx, id, actor)
		if err == nil && reason != "" {
			err = &StateError{Status: string(reason)}
		}
		return err
	}
	by := kaopass.FrozenByStaff
	if actor == string(id) {
		by = kaopass.FrozenBySelf
	}
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		return t.freeze(id, by, actor)
	})
}

// Thaw allows payments again, or says why they stay stopped. What staff stopped and allow again stays stopped where the
// visitor has an open case: they said that it was not them.
func (d *DB) Thaw(ctx context.Context, id kaopass.VisitorID, actor string) (reason kaopass.Reason, err error) {
	own := actor == string(id)
	err = d.tx(ctx, func(t *tx) error {
		reason = ""
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		was, err := t.frozen(id)
		if err != nil || was.By == "" {
			return err
		}
		code, err := t.codeIssued(id)
		if err != nil {
			return err
		}
		if reason = was.By.ThawRefusal(own, was.Since, code); reason != "" {
			return nil
		}
		open, err := t.openDisputes(id)
		if err != nil {
			return err
		}
		if open > 0 && !own {
			reason = kaopass.ThawBySelf
			return t.must(t.q.Dispute.Freeze, id, kaopass.FrozenByDispute, t.now)
		}
		if err := t.must(t.q.Dispute.Thaw, id); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.VisitorUnfrozen, Actor: actor, Visitor: id})
		return err
	})
	return reason, err
}
