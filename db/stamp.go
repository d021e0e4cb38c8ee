package db

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
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

// cutText ends a text at a number of bytes, between two characters.
func cutText(s string, bytes int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= bytes {
		return s
	}
	for bytes > 0 && !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}
