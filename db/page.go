package db

import (
	"encoding/base64"
	"encoding/binary"
)

// Page asks for a part of a list, newest first unless the verb says otherwise.
type Page struct {
	Limit  int    // 1 to PageMax; 0: PageDefault
	Cursor string // opaque, from the answer before; empty: the first page
}

// The sizes of a page.
const (
	PageDefault = 50
	PageMax     = 200
)

// limit is how many rows to read: one more than the page, to see whether another follows.
func (p Page) limit() int { return p.size() + 1 }

func (p Page) size() int {
	switch {
	case p.Limit <= 0:
		return PageDefault
	case p.Limit > PageMax:
		return PageMax
	}
	return p.Limit
}

// before is the number that the cursor names; rows are below it. A cursor that is not ours reads as the first page.
func (p Page) before() int64 {
	b, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || len(b) != 8 {
		return 1<<63 - 1
	}
	return int64(binary.BigEndian.Uint64(b))
}

// cut ends a list read with limit() at the page's size and answers the cursor of the next page, empty at the end.
func cut[T any](p Page, rows []T, number func(T) int64) ([]T, string) {
	if len(rows) <= p.size() {
		return rows, ""
	}
	rows = rows[:p.size()]
	next := binary.BigEndian.AppendUint64(nil, uint64(number(rows[len(rows)-1])))
	return rows, base64.RawURLEncoding.EncodeToString(next)
}
