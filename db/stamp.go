package db

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// stamp is a time that a column may lack: NULL is the zero time, both ways.
type stamp struct{ time.Time }

// Scan reads a timestamptz, as UTC.
func (m *stamp) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		m.Time = time.Time{}
	case time.Time:
		m.Time = v.UTC()
	default:
		return fmt.Errorf("db: a stamp from %T", from)
	}
	return nil
}

// Value is NULL for the zero time.
func (m stamp) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil
	}
	return m.Time, nil
}

// cutText makes one line of a text that a terminal sent, and ends it at a number of bytes, between two characters. What would be
// a command to a printer, another line in somebody's table, or turns the direction of what stands beside it (UAX 9: an order
// that makes ¥100 of ¥001 on a screen) is taken out.
func cutText(s string, bytes int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) <= bytes {
		return s
	}
	for bytes > 0 && !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}
