package db

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass"
)

// exportMax is how many events, and how many entries of the wallet, one export holds at most; the newest are kept.
const exportMax = 50_000

// Export is everything that is kept of a visitor, for the visitor. A template is not in it, as it is in nothing that
// leaves this house.
type Export struct {
	Profile Profile
	Events  []kaopass.Event
	History []Entry
}

// Export reads everything that is kept of a visitor, newest first.
func (d *DB) Export(ctx context.Context, id kaopass.VisitorID) (Export, error) {
	profile, err := d.Profile(ctx, id)
	if err != nil {
		return Export{}, err
	}
	events, err := whole(func(p Page) ([]kaopass.Event, string, error) { return d.Timeline(ctx, id, p) })
	if err != nil {
		return Export{}, err
	}
	history, err := whole(func(p Page) ([]Entry, string, error) { return d.History(ctx, id, p) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Export{}, err
	}
	return Export{Profile: profile, Events: events, History: history}, nil
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
