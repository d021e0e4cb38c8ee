package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// What a guardian's name and contact are sealed for; bound to the minor.
const (
	useGuardian        seal.Use = "guardian name"
	useGuardianContact seal.Use = "guardian contact"
)

// WardsMax is how many minors one guardian looks after here.
const WardsMax = 20

// guardianQueries keeps who signed for whom.
type guardianQueries struct {
	Read  *sqlx.Stmt `query:"guardian-read"`
	Set   *sqlx.Stmt `query:"guardian-set"`
	Allow *sqlx.Stmt `query:"guardian-allow"`
	Drop  *sqlx.Stmt `query:"guardian-drop"`
	Wards *sqlx.Stmt `query:"guardian-wards"`
	Is    *sqlx.Stmt `query:"guardian-is"`
}

type guardianRow struct {
	Visitor kaopass.VisitorID
	Name    []byte
	Contact []byte
	Day     int64
	Week    int64
	Card    bool
	Since   time.Time
	Changed time.Time
}

// guardian reads who signed for a visitor: nil where they are grown up.
func (t *tx) guardian(id kaopass.VisitorID) (*kaopass.Guardian, error) {
	var row guardianRow
	found, err := t.find(&row, t.q.Guardian.Read, id)
	if err != nil || !found {
		return nil, err
	}
	g := &kaopass.Guardian{Allowance: kaopass.Allowance{Day: row.Day, Week: row.Week, Card: row.Card},
		Since: row.Since.UTC(), Changed: row.Changed.UTC()}
	if g.Name, err = t.unseal(useGuardian, id, row.Name); err != nil {
		return nil, err
	}
	g.Contact, err = t.unseal(useGuardianContact, id, row.Contact)
	return g, err
}

// SignGuardian notes at a desk that a grown-up is there and signs for a minor, with what they allow; staff is who saw
// them. Signing again replaces it. A FieldError for a name that is missing or too long, and for an allowance that cannot
// be.
func (d *DB) SignGuardian(ctx context.Context, id kaopass.VisitorID, g kaopass.Guardian, staff kaopass.StaffID) error {
	if field := guardianFault(g); field != "" {
		return &FieldError{Field: field}
	}
	return d.tx(ctx, func(t *tx) error {
		v, err := t.lockVisitor(id)
		if err != nil {
			return err
		}
		return t.signGuardian(v, g, string(staff))
	})
}

// guardianFault names the field of a guardian that cannot be: empty where all can.
func guardianFault(g kaopass.Guardian) string {
	if g.Name == "" || len(g.Name) > kaopass.NameMax {
		return "name"
	}
	return g.Allowance.Fault()
}

// signGuardian notes who signs for a locked visitor.
func (t *tx) signGuardian(v kaopass.Visitor, g kaopass.Guardian, actor string) error {
	name, err := t.keys.Seal(useGuardian, string(v.ID), []byte(g.Name))
	if err != nil {
		return err
	}
	var contact, hash []byte
	if g.Contact != "" && g.Contact != v.Contact { // a minor is nobody's guardian, least of all their own
		if contact, err = t.keys.Seal(useGuardianContact, string(v.ID), []byte(g.Contact)); err != nil {
			return err
		}
		if hash, err = t.keys.Hash(useContact, g.Contact); err != nil {
			return err
		}
	}
	if _, err := t.do(t.q.Guardian.Set, v.ID, name, contact, hash, g.Allowance.Day, g.Allowance.Week, g.Allowance.Card, t.now); err != nil {
		return err
	}
	return t.allowanceEvent(kaopass.GuardianSigned, v.ID, actor, g.Allowance)
}

// SetAllowance changes what a minor may spend. by is a member of staff, or the guardian's own account: ErrNotFound where
// it is neither, or where nobody signed for that visitor.
func (d *DB) SetAllowance(ctx context.Context, id kaopass.VisitorID, a kaopass.Allowance, by string) error {
	if field := a.Fault(); field != "" {
		return &FieldError{Field: field}
	}
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		if err := t.mayAllow(id, by); err != nil {
			return err
		}
		if err := t.must(t.q.Guardian.Allow, id, a.Day, a.Week, a.Card, t.now); err != nil {
			return err
		}
		return t.allowanceEvent(kaopass.AllowanceSet, id, by, a)
	})
}

// mayAllow lets staff and the guardian pass.
func (t *tx) mayAllow(id kaopass.VisitorID, by string) error {
	if kaopass.PrefixStaff.Is(by) {
		return nil
	}
	var is bool
	if err := t.get(&is, t.q.Guardian.Is, by, id); err != nil {
		return err
	}
	if !is {
		return ErrNotFound
	}
	return nil
}

// EndGuardian notes that a minor has grown up: staff saw it. ErrNotFound where nobody signed for them.
func (d *DB) EndGuardian(ctx context.Context, id kaopass.VisitorID, staff kaopass.StaffID) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		if err := t.must(t.q.Guardian.Drop, id); err != nil {
			return err
		}
		return t.allowanceEvent(kaopass.GuardianEnded, id, string(staff), kaopass.Allowance{})
	})
}

func (t *tx) allowanceEvent(kind kaopass.EventKind, id kaopass.VisitorID, actor string, a kaopass.Allowance) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Visitor: id, Purpose: kaopass.ForPayment, Amount: kaopass.Yen(a.Day)})
	return err
}

// Ward is a minor as their guardian sees them: what they may spend and what they spent, not where.
type Ward struct {
	Visitor   kaopass.VisitorID
	Name      string // their display name
	Allowance kaopass.Allowance
	Today     kaopass.Money
	Week      kaopass.Money
	Since     time.Time // when the guardian signed
	Frozen    bool
}

// Wards lists the minors for whom somebody signed with the contact of this visitor's account.
func (d *DB) Wards(ctx context.Context, guardian kaopass.VisitorID) (out []Ward, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out, err = t.wards(guardian)
		return err
	})
	return out, err
}

func (t *tx) wards(guardian kaopass.VisitorID) (out []Ward, err error) {
	var signed []struct {
		Visitor kaopass.VisitorID
		Since   time.Time
	}
	if err := t.list(&signed, t.q.Guardian.Wards, guardian, WardsMax); err != nil {
		return nil, err
	}
	for _, s := range signed {
		v, err := t.readVisitor(s.Visitor)
		if err != nil {
			return nil, fmt.Errorf("db: ward %s: %w", s.Visitor, err)
		}
		p, err := t.readPayer(s.Visitor)
		if err != nil {
			return nil, err
		}
		out = append(out, Ward{Visitor: s.Visitor, Name: v.DisplayName(), Allowance: p.Allowance, Today: p.Today,
			Week: kaopass.Yen(p.Spent.Week), Since: s.Since.UTC(), Frozen: p.Frozen})
	}
	return out, nil
}
