package views

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"
	"github.com/skip2/go-qrcode"
)

// QRMax is the longest text that is drawn as a QR code, in bytes: a phone still reads it from a phone.
const QRMax = 700

// QR draws a text as a QR code with its quiet zone; label says to a screen reader what it is for. A text that is too
// long draws nothing but the label.
func QR(text, label string) templ.Component {
	side, path, ok := qrPath(text)
	if !ok {
		return qrMissing(label)
	}
	return qrSVG(fmt.Sprintf("0 0 %d %d", side, side), path, label)
}

// qrPath draws each run of dark modules as one horizontal stroke of height 1.
func qrPath(text string) (side int, path string, ok bool) {
	if text == "" || len(text) > QRMax {
		return 0, "", false
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return 0, "", false
	}
	bits := code.Bitmap()
	var d strings.Builder
	for y, row := range bits {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	return len(bits), d.String(), true
}
