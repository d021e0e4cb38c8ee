package receipt

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/width"
)

// The columns of ordinary receipt printers, in half-width characters of 12 dots: paper of 58 mm has 384 dots, of 80 mm 576.
const (
	Columns58 = 32
	Columns80 = 48
)

// Text is the receipt for a number of columns. A wide character takes two of them.
func (p Paper) Text(columns int) string { return Text(p.Lines(), columns) }

// Text is lines for a number of columns.
func Text(lines []Line, columns int) string {
	var b strings.Builder
	for _, line := range lines {
		for _, row := range line.rows(columns) {
			b.WriteString(strings.TrimRight(row, " "))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// rows lays a line out: left and right on one row where both fit, else one below the other.
func (l Line) rows(columns int) []string {
	l.Left, l.Right = clean(l.Left), clean(l.Right)
	switch {
	case l.Style == Rule:
		return []string{strings.Repeat("-", columns)}
	case l.Style == Centre || l.Style == Title:
		rows := wrap(l.Left, columns)
		for i, row := range rows {
			rows[i] = strings.Repeat(" ", (columns-cells(row))/2) + row
		}
		return rows
	case l.Right == "":
		return wrap(l.Left, columns)
	}
	if gap := columns - cells(l.Left) - cells(l.Right); gap > 0 {
		return []string{l.Left + strings.Repeat(" ", gap) + l.Right}
	}
	rows := wrap(l.Left, columns)
	for _, row := range wrap(l.Right, columns) {
		rows = append(rows, strings.Repeat(" ", columns-cells(row))+row)
	}
	return rows
}

// wrap cuts a text into rows that are no wider than the paper. Japanese has no spaces to cut at, so it cuts anywhere.
func wrap(text string, columns int) []string {
	var rows []string
	row, used := "", 0
	for _, r := range text {
		n := cell(r)
		if used+n > columns {
			rows, row, used = append(rows, row), "", 0
		}
		row, used = row+string(r), used+n
	}
	return append(rows, row)
}

// clean takes out what would be a command to a printer: a shop's or an order's name is text and nothing else.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) { // the last turn the sums beside them round
			return -1
		}
		return r
	}, text)
}

// cells is how many columns a text takes.
func cells(text string) (n int) {
	for _, r := range text {
		n += cell(r)
	}
	return n
}

// cell is 1 or 2: as many as the character has bytes in Shift_JIS, which is what printers go by; what it does not have is
// as wide as Unicode says (UAX 11).
func cell(r rune) int {
	if b, ok := shiftJIS(r); ok {
		return len(b)
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// shiftJIS encodes one character; ok is false for those that JIS X 0208 does not have. The yen's sign is where JIS X 0201
// has it.
func shiftJIS(r rune) (b []byte, ok bool) {
	switch r {
	case '¥':
		return []byte{0x5c}, true
	case '−': // U+2212, which the encoder knows as a full-width sign only
		return []byte{'-'}, true
	}
	b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(string(r)))
	return b, err == nil
}
