package till_test

import (
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// rests has results go by themselves after so many ms, as they do in a shop.
func (s shop) rests(ms string) {
	s.Helper()
	s.Run(`document.querySelector('#till').dataset.rest = '` + ms + `'; ''`)
}

// What an ordinary payment takes of the clerk: the digits and one touch. The result goes by itself, and so does a payment that
// was stopped; a keyboard begins the next amount at once.
func TestBrowserTillNeedsFewTouches(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.rests("1500")
	s.types("5", "00")
	s.confirms()
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Sees(`#till[data-step="amount"]`) // nobody touched anything
	s.Says("#recent", "¥500")
	s.types("6", "00") // wrong
	s.confirms()
	s.Click("#cancel")
	s.Sees(`#till[data-step="result"]`)
	s.Sees(`#till[data-step="amount"]`)
	if left := s.balance(t); left != 19500 {
		t.Errorf("%d yen are left", left)
	}
	s.rests("60000")
	s.types("7", "00")
	s.confirms()
	s.Click("#pay")
	s.ends()
	s.Press("85")
	s.Sees(`#till[data-step="amount"]`)
	s.Says("#typed", "¥85")
	s.Press("0\r")
	s.confirms()
	s.Says("#confirm [data-amount]", "850")
	s.Click("#cancel")
	s.ends()
	held := s.Run(`(() => { const other = document.querySelector('#another'); other.focus(); other.click(); return document.activeElement.id; })()`)
	if held != "" {
		t.Errorf("the next Enter would touch #%s, which nobody sees", held)
	}
}

// A result that somebody touches stays, and so does one that nobody was paid by.
func TestBrowserTillKeepsWhatIsLookedAt(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = stage, true })
	for _, p := range []staged{{Status: kaopass.Declined, Reason: kaopass.FundsShort, Named: true}, {Status: kaopass.Captured, Captured: 12800, Named: true},
		{Status: kaopass.Captured, Captured: 12800, Reason: kaopass.CardUncollected, Named: true}, {Status: kaopass.Refunded, Captured: 12800, Refunded: 12800, Named: true}} {
		s.Run(`sessionStorage.setItem('kaopass-till', '{"payment":"pay_staged"}'); sessionStorage.setItem('stage', ` + quoted(t, p.json(t, kaopass.English)) + `); ''`)
		s.Open("/till")
		s.rests("300")
		s.ends()
		if p.Status == kaopass.Captured && p.Reason == "" {
			s.Click(`#languages [value="ja"]`)
		}
		s.Run(`globalThis.later = false; setTimeout(() => { later = true; document.body.dataset.later = 1; }, 1500); ''`)
		s.Sees("body[data-later]")
		if step := s.Run("document.querySelector('#till').dataset.step"); step != "result" {
			t.Errorf("%s %s went away", p.Status, p.Reason)
		}
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// Not paid: the same amount again, from somebody else or another way, is one touch; a locked till does not offer it.
func TestBrowserTillAsksForTheSameAmount(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Strict = true })
	s.types("4", "5", "0")
	s.confirms()
	s.Click("#not-me")
	s.ends()
	s.Sees("#same:enabled")
	s.Says("#same", apitest.Words(kaopass.English).T("till.same"))
	s.Shot("same")
	s.Accessible("same")
	s.Click("#same")
	s.confirms()
	s.Says("#confirm [data-amount]", "450")
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Sees(`#till:has(#same[hidden])`)
	if left := s.balance(t); left != 19550 {
		t.Errorf("%d yen are left", left)
	}
	s.next()
}

// ears counts who listens to the whole page: a till is open for a day, and for thousands of sales.
const ears = `globalThis.ears = 0; for (const [verb, n] of [['addEventListener', 1], ['removeEventListener', -1]]) {
		const of = document[verb]; document[verb] = function (...all) { ears += n; return of.apply(this, all); }; }`

// All of a payment is given back by three touches from the till: its row, how much (all, unless something else is typed), yes.
// It is found by its amount, too, in whatever way that is typed.
func TestBrowserTillFindsByAmount(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Width, screen.Height, screen.Before = 390, 844, ears })
	s.sells("800")
	s.Click("#amount-title")
	before := s.Run("String(ears)")
	for _, keys := range [][]string{{"3", "00"}, {"8", "00"}} { // by touch alone
		s.types(keys...)
		s.confirms()
		s.Click("#pay")
		s.next()
	}
	s.Click("#give-back")
	if after := s.Run("String(ears)"); after != before {
		t.Errorf("the page listened %s times, and after two sales more %s times", before, after)
	}
	s.Sees("#sales li:nth-child(3)")
	s.Click("#field-number")
	s.Press("¥８００\r")
	s.Sees("#sales:not(:has(li:nth-child(3))) li:nth-child(2)")
	s.Says("#sales", "¥800")
	s.Shot("found")
	s.Accessible("found")
	s.Click("#sales li:nth-child(2) button")
	s.Says("#back-typed", "¥800")
	s.Sees("#back-next:enabled:focus")
	for _, id := range []string{"#back-next", `[data-shows="back"] [data-to-till]`} {
		if seen := s.Run(`String(document.querySelector('` + id + `').getBoundingClientRect().bottom <= innerHeight)`); seen != "true" {
			t.Errorf("%s is below the screen's edge", id)
		}
	}
	s.Shot("how much")
	s.Click("#back-next:enabled")
	s.Click("#refund-yes:enabled")
	s.Sees(`#till[data-step="result"]`)
	s.Says("#verdict [data-amount]", "800")
	s.gave(t, "by amount", 1, 800)
	s.next()

	s.Click("#give-back")
	s.Click("#field-number")
	s.Press("300\r") // there is one
	s.Says("#back-typed", "¥300")
	s.Press("12")
	s.Says("#back-typed", "¥12") // not 30,012
	s.Click("#back-all")
	s.Says("#back-typed", "¥300")
	s.Click(`#back-pad [value="back"]`)
	s.Says("#back-typed", "¥0")
}
