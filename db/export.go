package db

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// exportMax is how many events, how many entries of the wallet, and how many rows of each table one export holds at most;
// the newest are kept.
const exportMax = 50_000

// exportQueries reads what is kept of one visitor.
type exportQueries struct {
	Kept   *sqlx.Stmt `query:"export-kept"`
	Events *sqlx.Stmt `query:"export-events"`
	Marks  *sqlx.Stmt `query:"export-marks"`
}

// Export is everything that is kept of a visitor, for the visitor. A template is not in it, as it is in nothing that
// leaves this house, nor is anything about somebody else.
type Export struct {
	Profile Profile
	Frozen  Frozen
	Signed  []Signature
	Wards   []Ward
	Events  []kaopass.Event
	History []Entry
	Kept    json.RawMessage // an object of lists, by the names of queries/export.sql; null where there is nothing
}

// Export reads everything that is kept of a visitor, newest first.
func (d *DB) Export(ctx context.Context, id kaopass.VisitorID) (out Export, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		if out.Profile, err = t.profile(id); err != nil {
			return err
		}
		if out.Frozen, err = t.frozen(id); err != nil {
			return err
		}
		if out.Wards, err = t.wards(id); err != nil {
			return err
		}
		if out.Signed, err = t.signatures(id); err != nil {
			return err
		}
		var kept []byte
		err = t.get(&kept, t.q.Export.Kept, id, exportMax)
		out.Kept = kept
		return err
	})
	if err != nil {
		return Export{}, err
	}
	out.Events, err = whole(func(p Page) ([]kaopass.Event, string, error) { return d.everyEvent(ctx, id, p) })
	if err != nil {
		return Export{}, err
	}
	out.History, err = whole(func(p Page) ([]Entry, string, error) { return d.History(ctx, id, p) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Export{}, err
	}
	return out, nil
}

// Signature is how a consent was signed: the drawing, the name or the form's number.
type Signature struct {
	Purpose kaopass.Purpose
	At      time.Time
	Mark    string
}

// signatures opens those that can still be opened: with the person's key of before, what it sealed is gone.
func (t *tx) signatures(id kaopass.VisitorID) (out []Signature, err error) {
	var wrapped []byte
	found, err := t.find(&wrapped, t.q.Consent.KeyRead, id)
	if err != nil || !found {
		return nil, err
	}
	person, err := t.keys.Person(id, wrapped)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Purpose kaopass.Purpose
		At      time.Time
		Mark    []byte
	}
	if err := t.list(&rows, t.q.Export.Marks, id, exportMax); err != nil {
		return nil, err
	}
	for _, r := range rows {
		mark, err := person.Open(useMark+seal.Use(r.Purpose), r.Mark)
		if errors.Is(err, seal.ErrSealed) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Signature{r.Purpose, r.At.UTC(), string(mark)})
	}
	return out, nil
}

// everyEvent is Timeline with nothing left out.
func (d *DB) everyEvent(ctx context.Context, id kaopass.VisitorID, page Page) ([]kaopass.Event, string, error) {
	var rows []eventRow
	if err := d.list(ctx, &rows, d.q.Export.Events, id, page.before(), page.limit()); err != nil {
		return nil, "", err
	}
	rows, next := cut(page, rows, func(r eventRow) int64 { return r.Seq })
	return events(rows), next, nil
}

// whole reads a list page by page.
func whole[T any](read func(Page) ([]T, string, error)) ([]T, error) {
	var all []T
	for page := (Page{Limit: PageMax}); len(all) < exportMax; {
		part, next, err := read(page)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
		if next == "" {
			break
		}
		page.Cursor = next
	}
	return all, nil
}
