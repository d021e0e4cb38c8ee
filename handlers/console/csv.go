package console

import (
	"strings"
	"unicode/utf8"
)

// formula are the characters by which a spreadsheet takes a cell for a formula; in Japan also the wide ones (OWASP, "CSV
// injection").
const formula = "=+-@\t\r＝＋－＠"

// plain keeps a spreadsheet from taking a name for a formula.
func plain(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune(formula, first) {
		return "'" + s
	}
	return s
}
