package stripe

import (
	"context"
	"errors"

	api "github.com/stripe/stripe-go/v85"
)

// Limits of a list.
const (
	pageMax  = 100    // rows of one page: Stripe's own limit
	pagesMax = 10_000 // a million rows: no day has as many
)

var errEndless = errors.New("stripe: a list without an end")

// pages reads a list page by page, each a call of its own, and hands over its rows until each has had enough. list asks
// for the page after a row, or (nil) for the first.
func pages[T any](ctx context.Context, d *Desk, list func(context.Context, *string) *api.V1List[T], id func(T) string, each func(T) (enough bool)) error {
	var after *string
	for range pagesMax {
		var page *api.V1List[T]
		err := d.call(ctx, func(ctx context.Context) error {
			page = list(ctx, after)
			return page.Err()
		})
		if err != nil {
			return err
		}
		for _, row := range page.Data() {
			if each(row) {
				return nil
			}
			after = api.String(id(row))
		}
		if len(page.Data()) == 0 || !page.Meta().HasMore {
			return nil
		}
	}
	return errEndless
}
