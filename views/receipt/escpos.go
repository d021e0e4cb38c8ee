package receipt

import (
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Commands of ESC/POS (Epson's reference; other makers' printers take the same): text goes as Shift_JIS, which every
// printer sold in Japan has a font for. UTF-8 is an option of newer models only, and a picture takes ten times as long.
const (
	reset      = "\x1b@"               // ESC @
	japan      = "\x1bR\x08"           // ESC R 8: 0x5c is the yen's sign
	kanjiJIS   = "\x1cC\x01"           // FS C 1: two-byte characters are Shift_JIS
	kanjiOn    = "\x1c&"               // FS &
	boldOn     = "\x1bE\x01"           // ESC E 1
	boldOff    = "\x1bE\x00"           // ESC E 0
	tall       = "\x1d!\x01"           // GS ! twice as high: the columns stay as they are
	small      = "\x1d!\x00"           // GS ! 0
	feedAndCut = "\x1bd\x03\x1dVB\x00" // ESC d 3, GS V 66 0: feed, cut, leave a hinge
)

// geta stands for a character that the printer does not have, as printers in Japan have always put it: 〓 in Shift_JIS.
const geta = "\x81\xac"

// Complete reports whether the printer's own font has every character. Where it has not (Shift_JIS has neither Hangul nor
// simplified Chinese) a terminal that can draw prints a picture of the lines instead: js/till-raster.js.
func Complete(lines []Line) bool {
	for _, line := range lines {
		for _, r := range clean(line.Left + line.Right) {
			if _, ok := shiftJIS(r); !ok {
				return false
			}
		}
	}
	return true
}

// Printable is the same receipt in a language that the printer's font has: what cannot be drawn is printed in English
// rather than not at all.
func (p Paper) Printable() Paper {
	if p.Words.Lang != kaopass.Japanese {
		p.Words = views.Speak(kaopass.English)
	}
	return p
}

// ESCPOS is the bytes for a receipt printer with that many columns.
func (p Paper) ESCPOS(columns int) []byte { return ESCPOS(p.Printable().Lines(), columns) }

// ESCPOS is lines as the bytes for a printer with that many columns.
func ESCPOS(lines []Line, columns int) []byte {
	var b strings.Builder
	b.WriteString(reset + japan + kanjiJIS + kanjiOn)
	for _, line := range lines {
		on, off := "", ""
		switch line.Style {
		case Title, Heading:
			on, off = boldOn, boldOff
		case Total:
			on, off = boldOn+tall, small+boldOff
		}
		b.WriteString(on)
		for _, row := range line.rows(columns) {
			writeShiftJIS(&b, strings.TrimRight(row, " "))
			b.WriteByte('\n')
		}
		b.WriteString(off)
	}
	b.WriteString(feedAndCut)
	return []byte(b.String())
}

func writeShiftJIS(b *strings.Builder, row string) {
	for _, r := range row {
		switch encoded, ok := shiftJIS(r); {
		case ok:
			b.Write(encoded)
		case cell(r) == 2:
			b.WriteString(geta)
		default:
			b.WriteByte('?')
		}
	}
}
