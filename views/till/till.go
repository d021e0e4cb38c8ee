// Package till draws the till screen: the clerk types an amount, the customer looks, perhaps enters four digits, chooses
// how to pay, and sees what happened; on a 10-inch tablet and on a terminal of 5.5 inches.
package till

import (
	"strconv"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Till is a till screen before a sale; js/till.js shows the rest as it happens.
type Till struct {
	Words views.Words
	Path  string
	Till  kaopass.Device
}

func (m Till) t(key string) string { return m.Words.T("till." + key) }

func (m Till) page() views.Page {
	return views.Page{Words: m.Words, Title: m.t("title") + " " + m.Till.Name, Path: m.Path, Audience: views.ForDevice,
		Styles: []string{"css/device.css", "css/till.css", "css/receipt.css"}, Scripts: []string{"js/till.js"}}
}

// digits are the keys of the amount pad, in the order of a telephone; the code pad's are shuffled by the script.
func digits() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"} }

// waits are what a customer may have to wait for, by the script's name for it.
func waits() []string {
	return []string{"create", "face", "code", "confirm", "cancel", "refund", "resume"}
}

// limit says what is the most that can be paid at once.
func (m Till) limit() string {
	return m.Words.With("till.limit", views.Args{"Max": m.Words.Yen(kaopass.Yen(kaopass.PaymentMax))})
}

// codeSoFar is the sentence for each number of digits entered, for a screen reader.
func (m Till) codeSoFar(n int) string {
	return m.Words.With("till.codeSoFar", views.Args{"N": strconv.Itoa(n)})
}
