package respond

import (
	"strings"
	"unicode/utf8"
)

// ByteOrderMark is at the beginning of a CSV: without it Excel in Japan reads it as Shift_JIS, and every name is noise.
// Programs that read CSV skip it (RFC 4180 names no character set).
const ByteOrderMark = "\ufeff"

// formula are the characters by which a spreadsheet takes a cell for a formula; in Japan also the wide ones (OWASP, "CSV
// injection").
const formula = "=+-@\t\r\n＝＋－＠"

// Cell keeps a spreadsheet from taking a name for a formula.
func Cell(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune(formula, first) {
		return "'" + s
	}
	return s
}
