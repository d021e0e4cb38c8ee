// Package till draws the till screen: the clerk types an amount, the customer looks, perhaps enters four digits, chooses
// how to pay, and sees what happened; on a 10-inch tablet and on a terminal of 5.5 inches.
package till

import (
	"strconv"
	"time"

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
		Styles: []string{"css/device.css", "css/till.css", "css/till-offer.css", "css/till-staff.css", "css/receipt.css"}, Scripts: []string{"js/till.js"}}
}

// digits are the keys of the amount pad, in the order of a telephone; the code pad's are shuffled by the script.
func digits() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"} }

// rest is how long a result that nobody has to close stays before the till turns to the next customer by itself.
const rest = 6 * time.Second

// widths are those of ordinary receipt paper, in millimetres.
func widths() []int { return []int{58, 80} }

// c is a sentence for the customer, in the page's language until another is chosen.
func (m Till) c(key string) string { return m.Words.T("till.customer." + key) }

// limit says what is the most that can be paid at once.
func (m Till) limit() string {
	return m.Words.With("till.limit", views.Args{"Max": m.Words.Yen(kaopass.Yen(kaopass.PaymentMax))})
}

// blank is a sentence with an amount that the script fills in.
func (m Till) blank(key string) string { return m.Words.With(key, views.Args{"Amount": hole}) }

// hole is where the script puts what it fills in.
const hole = "{}"

// sentence is what the script says to a customer, by its name for it.
type sentence struct{ Key, Text string }

// sentences are all of them in one language.
func sentences(l kaopass.Language) (all []sentence) {
	w := views.Speak(l)
	for _, key := range []string{"look", "ready", "again", "camera", "code", "codeWhy", "hello", "method", "short", "asksOwner", "free", "gone", "pay", "check", "notMe",
		"deleteDigit", "long", "lost", "problem", "knownNothing", "knownNot", "knownRefund", "lostAgain", "askAgain", "language", "partBack", "over", "didNothing", "didReleased", "didRefunded",
		"waits.create", "waits.face", "waits.code", "waits.confirm", "waits.cancel", "waits.refund", "waits.resume"} {
		all = append(all, sentence{key, w.T("till.customer." + key)})
	}
	for _, key := range []string{"paid", "authorised", "elsewhere", "stopped", "given_back", "awaiting_confirmation"} {
		all = append(all, sentence{"say." + key, w.T("till.say." + key)})
	}
	for n := range kaopass.CodeDigits + 1 {
		all = append(all, sentence{"soFar." + strconv.Itoa(n), w.With("till.customer.codeSoFar", views.Args{"N": strconv.Itoa(n)})})
	}
	return append(all, sentence{"remains", w.With("till.customer.remains", views.Args{"Amount": hole})})
}

// codeSoFar is the sentence for each number of digits entered, for a screen reader.
func (m Till) codeSoFar(n int) string {
	return m.Words.With("till.customer.codeSoFar", views.Args{"N": strconv.Itoa(n)})
}
