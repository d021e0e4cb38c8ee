package db

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// alikeQueries keeps who resembles whom.
type alikeQueries struct {
	Lock       *sqlx.Stmt `query:"alike-lock"`
	Marked     *sqlx.Stmt `query:"alike-marked"`
	Add        *sqlx.Stmt `query:"alike-add"`
	Compared   *sqlx.Stmt `query:"alike-compared"`
	Uncompare  *sqlx.Stmt `query:"alike-uncompare"`
	Partners   *sqlx.Stmt `query:"alike-partners"`
	Free       *sqlx.Stmt `query:"alike-free"`
	First      *sqlx.Stmt `query:"alike-first"`
	Answer     *sqlx.Stmt `query:"alike-answer"`
	Of         *sqlx.Stmt `query:"alike-of"`
	Uncompared *sqlx.Stmt `query:"alike-uncompared"`
	Recheck    *sqlx.Stmt `query:"alike-recheck"`
	Asked      *sqlx.Stmt `query:"alike-asked"`
	CodeGone   *sqlx.Stmt `query:"alike-code-gone"`
}

// Near says who of the payment gallery is near a template: the matcher's exact search. It is called only for templates
// that a consent for payment covers.
type Near func(t kaopass.Template, own ...kaopass.EnrolmentID) kaopass.Neighbourhood

// MarkAlike notes what an exact search says of an enrolment's payment template: both of each pair of look-alikes are
// asked for their code from now on, and of two near faces with one code the newer loses it. A search that was Partial is
// to be made again ([DB.Uncompared]). Whoever was erased since the search is passed over, and what is noted already is not noted again, so several followers may say the same.
func (d *DB) MarkAlike(ctx context.Context, id kaopass.EnrolmentID, near kaopass.Neighbourhood) error {
	return d.tx(ctx, func(t *tx) error { return t.markAlike(id, near) })
}

// markAlike is MarkAlike within a verb. It locks the templates of the pair, and no visitor: a template that is being
// erased is waited for, and is gone then.
func (t *tx) markAlike(id kaopass.EnrolmentID, near kaopass.Neighbourhood) error {
	who, err := t.lockTemplates(append([]kaopass.EnrolmentID{id}, near.Alike...))
	if err != nil || who[id] == "" {
		return err
	}
	before, err := t.marked(who)
	if err != nil {
		return err
	}
	for _, other := range near.Alike {
		if who[other] == "" || other == id {
			continue
		}
		if err := t.addPair(id, other, slices.Contains(near.Same, other), who); err != nil {
			return err
		}
	}
	if err := t.tellMarked(who, before); err != nil {
		return err
	}
	if err := t.callInCodes(id, who[id], near.Nearest); err != nil {
		return err
	}
	if near.Partial {
		return nil
	}
	_, err = t.do(t.q.Alike.Compared, id, t.now)
	return err
}

// lockTemplates locks the payment templates that stand, in the order of their ids, and answers whose they are.
func (t *tx) lockTemplates(ids []kaopass.EnrolmentID) (map[kaopass.EnrolmentID]kaopass.VisitorID, error) {
	var rows []struct {
		Enrolment kaopass.EnrolmentID
		Visitor   kaopass.VisitorID
	}
	if err := t.list(&rows, t.q.Alike.Lock, texts(ids)); err != nil {
		return nil, err
	}
	who := make(map[kaopass.EnrolmentID]kaopass.VisitorID, len(rows))
	for _, r := range rows {
		who[r.Enrolment] = r.Visitor
	}
	return who, nil
}

// marked are those of locked templates who have a look-alike.
func (t *tx) marked(who map[kaopass.EnrolmentID]kaopass.VisitorID) (marked []kaopass.EnrolmentID, err error) {
	return marked, t.list(&marked, t.q.Alike.Marked, texts(sortedIDs(who)))
}

// addPair notes two look-alikes. Where they are most likely one person, the newer is told so.
func (t *tx) addPair(a, b kaopass.EnrolmentID, same bool, who map[kaopass.EnrolmentID]kaopass.VisitorID) error {
	older, newer := min(a, b), max(a, b)
	added, err := t.do(t.q.Alike.Add, older, newer, t.now, same)
	if err != nil || added == 0 || !same {
		return err
	}
	return t.alikeEvent(kaopass.TwiceFound, who[newer], newer, venueActor)
}

// tellMarked appends an event for everyone who had no look-alike before and has one now.
func (t *tx) tellMarked(who map[kaopass.EnrolmentID]kaopass.VisitorID, before []kaopass.EnrolmentID) error {
	after, err := t.marked(who)
	if err != nil {
		return err
	}
	slices.Sort(after)
	for _, id := range after {
		if slices.Contains(before, id) {
			continue
		}
		if err := t.alikeEvent(kaopass.AlikeMarked, who[id], id, venueActor); err != nil {
			return err
		}
	}
	return nil
}

// freeAlike takes an enrolment whose payment template goes out of its pairs. Those who resembled nobody else are free: a
// till may again take their face alone.
func (t *tx) freeAlike(id kaopass.EnrolmentID) error {
	partners, err := t.lockPartners(id)
	if err != nil || len(partners) == 0 {
		return err
	}
	who, err := t.lockTemplates(partners)
	if err != nil {
		return err
	}
	if _, err := t.do(t.q.Alike.Free, id); err != nil {
		return err
	}
	still, err := t.marked(who)
	if err != nil {
		return err
	}
	for _, partner := range sortedIDs(who) {
		if slices.Contains(still, partner) {
			continue
		}
		if err := t.alikeEvent(kaopass.AlikeFreed, who[partner], partner, venueActor); err != nil {
			return err
		}
	}
	return nil
}

// lockPartners locks the template of an enrolment together with those of its look-alikes, in the one order that everybody
// locks in, and answers the look-alikes: once it is locked no pair is added, and one added before that is read then.
func (t *tx) lockPartners(id kaopass.EnrolmentID) (partners []kaopass.EnrolmentID, err error) {
	if err := t.list(&partners, t.q.Alike.Partners, id); err != nil {
		return nil, err
	}
	if _, err := t.lockTemplates(append(partners, id)); err != nil {
		return nil, err
	}
	partners = partners[:0]
	return partners, t.list(&partners, t.q.Alike.Partners, id)
}

// alikeEvent names one of a pair; nothing in it leads to the other.
func (t *tx) alikeEvent(kind kaopass.EventKind, id kaopass.VisitorID, e kaopass.EnrolmentID, actor string) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Visitor: id, Subject: string(e), Purpose: kaopass.ForPayment})
	return err
}

func sortedIDs(who map[kaopass.EnrolmentID]kaopass.VisitorID) []kaopass.EnrolmentID {
	ids := make([]kaopass.EnrolmentID, 0, len(who))
	for id := range who {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Resemblance is what is known of an enrolment among the others.
type Resemblance struct {
	Compared bool // with everyone; until then the rest says nothing
	Alike    bool // somebody else who pays resembles them
	Twice    bool // the face seems to have been registered before, and nobody has said that it was not
	Code     bool // a payment code is issued
}

// Resemblance answers what is known of an enrolment.
func (d *DB) Resemblance(ctx context.Context, id kaopass.EnrolmentID) (out Resemblance, err error) {
	return out, d.get(ctx, &out, d.q.Alike.Of, id)
}

// resemblance is Resemblance within a verb: nothing where there is no enrolment.
func (t *tx) resemblance(e *kaopass.Enrolment) (out Resemblance, err error) {
	if e == nil {
		return out, nil
	}
	return out, t.get(&out, t.q.Alike.Of, e.ID)
}

// UncomparedMax is how many templates Uncompared answers at most.
const UncomparedMax = 500

// Uncompared lists payment templates that nobody has compared with everyone yet, those behind an enrolment in the order
// of their ids: the enrolled of a time when no follower ran. A follower compares each and says MarkAlike.
func (d *DB) Uncompared(ctx context.Context, after kaopass.EnrolmentID) ([]kaopass.TemplateChange, error) {
	var rows []templateRow
	if err := d.list(ctx, &rows, d.q.Alike.Uncompared, after, UncomparedMax); err != nil {
		return nil, err
	}
	out := make([]kaopass.TemplateChange, len(rows))
	for i, row := range rows {
		template, err := d.open(row)
		if err != nil {
			return nil, err
		}
		out[i] = kaopass.TemplateChange{Enrolment: row.Enrolment, Purpose: row.Purpose, Template: template}
	}
	return out, nil
}

// Recheck has every template compared again that was compared before a moment: after thresholds or the model changed. It
// answers how many.
func (d *DB) Recheck(ctx context.Context, before time.Time) (people int, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		rows, err := t.do(t.q.Alike.Recheck, before)
		people = int(rows)
		return err
	})
	return people, err
}
