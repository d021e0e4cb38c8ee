package till_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// sells gets a payment of so much through, by the keyboard, and goes on to the next customer.
func (s shop) sells(yen string) {
	s.Helper()
	s.Press(yen + "\r")
	s.confirms()
	s.Click("#pay")
	s.next()
}

// refunded is how often, and how much, was given back at this till today.
func (s shop) refunded(t *testing.T) (times int, yen int64) {
	t.Helper()
	var st struct {
		Today struct {
			Refunds  int
			Refunded kaopass.Money
		}
	}
	text := s.Run(`(() => { const r = new XMLHttpRequest(); r.open('GET', '/v1/till', false); r.send(); return r.responseText; })()`)
	decode(t, text, &st)
	return st.Today.Refunds, st.Today.Refunded.Value
}

// faulty lets the test lose answers to refunds, or have no network at all.
const faulty = `globalThis.prints = 0; globalThis.print = () => { prints++; };
	const send = fetch; globalThis.lose = 0; globalThis.down = false;
	globalThis.fetch = async (url, how) => {
		if (down) throw new TypeError('down');
		const answer = await send(url, how);
		if (String(url).endsWith('/refunds') && lose > 0) { lose--; throw new TypeError('lost'); }
		return answer;
	};`

// A part, by touch; another, by the keyboard alone; then no more than what is left. Two touches are one refund.
func TestBrowserTillGivesBackParts(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Width, screen.Height, screen.Before = 390, 844, faulty
	})
	w := apitest.Words(kaopass.Korean) // the payer's
	s.sells("800")
	s.Click("#give-back")
	s.Says("#sales", "¥800 left")
	s.Level()
	s.Shot("sales")
	s.Accessible("sales")
	s.Click("#sales button")
	s.Click(`#back-pad [value="9"]`)
	s.Click(`#back-pad [value="00"]`)
	s.Says("#back-limit", "¥800")
	if s.Run(`String(document.querySelector('#back-next').disabled)`) != "true" {
		t.Error("more than is left can be given back")
	}
	s.Click(`#back-pad [value="back"]`)
	s.Click(`#back-pad [value="back"]`)
	s.Click(`#back-pad [value="back"]`)
	s.Click(`#back-pad [value="3"]`)
	s.Click(`#back-pad [value="00"]`)
	s.Level()
	s.Shot("how much")
	s.Accessible("how much")
	s.Click("#back-next:enabled")
	s.Sees("#refund-yes:enabled")
	s.Run(`const yes = document.querySelector('#refund-yes'); yes.click(); yes.click(); ''`)
	s.Says("#word", w.T("till.customer.partBack"))
	s.Says("#verdict [data-amount]", "300엔")
	s.Says("#sentence", "500엔")
	s.Shot("a part")
	s.Accessible("a part")
	s.Says("#paper", w.T("receipt.refund"))
	s.Click("#print:enabled")
	if n, yen := s.refunded(t); n != 1 || yen != 300 || s.Run("String(prints)") != "1" {
		t.Errorf("%d refunds of %d yen, %s prints", n, yen, s.Run("String(prints)"))
	}
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)

	s.Run(`document.querySelector('#give-back').focus(); ''`)
	s.Press("\r")
	s.Says("#sales", "¥500 left")
	number := strings.TrimSpace(s.Run(`document.querySelector('#sales code').textContent`))
	s.Press("zzzz9\r") // the field has the focus
	s.Says("#find-none", apitest.Words(kaopass.English).T("till.findNone"))
	s.Run(`document.querySelector('#field-number').select(); ''`)
	s.Press(number + "\r")
	s.Sees(`#till[data-step="back"]`)
	s.Run(`document.activeElement.blur(); ''`)
	s.Press("200\r")
	s.Sees("#refund-yes:enabled:focus")
	s.Press("\r") // the dialog's first button has the focus
	s.Says("#sentence", "300엔")
	if n, yen := s.refunded(t); n != 2 || yen != 500 {
		t.Errorf("%d refunds of %d yen", n, yen)
	}
	if left := s.balance(t); left != 20000-300 {
		t.Errorf("%d yen are left", left)
	}
}

// The answer is lost, the browser crashes, the network is gone: whoever asks again hears what became of the same refund.
func TestBrowserTillRefundConverges(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = faulty })
	s.sells("900")
	s.Run("lose = 999; ''")
	s.gives("100")
	s.Sees(`#till[data-step="lost"]`)
	s.Sees("#leave")
	if s.Run(`String(document.querySelector('#cancel').hidden)`) != "true" {
		t.Error("a refund offers to cancel the payment, which would give all of it back")
	}
	s.Shot("lost")
	s.Accessible("lost")
	s.gave(t, "lost", 1, 100)
	s.Says("#lost-known", apitest.Words(kaopass.English).T("till.customer.knownRefund"))
	s.Run("lose = 0; ''") // the screen asks again by itself
	s.Sees(`#till[data-step="result"]`)
	s.Says("#verdict [data-amount]", "100")
	s.gave(t, "asked again", 1, 100)
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)

	s.Run("lose = 999; ''")
	s.gives("200")
	s.Sees(`#till[data-step="lost"]`)
	s.gave(t, "lost again", 2, 300)
	s.Run("sessionStorage.clear(); ''")
	s.Open("/till") // a crash: the refund was done, and nobody has heard of it
	s.Sees(`#till[data-step="result"]`)
	s.Says("#verdict [data-amount]", "200")
	s.gave(t, "after a crash", 2, 300)
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
}

// gives back so much of the newest payment.
func (s shop) gives(yen string) {
	s.Helper()
	s.Click("#recent [data-does=refund]")
	s.Sees(`#till[data-step="back"]`)
	s.Run(`document.activeElement.blur(); ''`)
	s.Press(yen + "\r")
	s.Click("#refund-yes:enabled")
}

// gave holds what the venue has of refunds against what there should be.
func (s shop) gave(t *testing.T, when string, times int, yen int64) {
	t.Helper()
	if n, got := s.refunded(t); n != times || got != yen {
		t.Errorf("%s: %d refunds of %d yen, want %d of %d", when, n, got, times, yen)
	}
}

// Without a network nothing is given back; a clerk who leaves it and comes back to the payment asks for the same refund.
func TestBrowserTillRefundWithoutANetwork(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = faulty })
	s.sells("900")
	s.Run("down = true; ''")
	s.Click("#recent [data-does=refund]")
	s.Sees(`#till[data-step="lost"]`)
	s.Run("down = false; ''")
	s.Sees(`#till[data-step="back"]`)
	s.Run("down = true; document.activeElement.blur(); ''")
	s.Press("50\r")
	s.Click("#refund-yes:enabled")
	s.Sees(`#till[data-step="lost"]`)
	s.Click("#leave") // the clerk gives up; nothing reached the venue
	s.Run("down = false; ''")
	s.Click("#recent [data-does=refund]") // and comes back: the same refund is asked for, and no other
	s.Sees(`#till[data-step="result"]`)
	s.Says("#verdict [data-amount]", "50")
	s.gave(t, "after leaving it", 1, 50)
	if left := s.balance(t); left != 20000-900+50 {
		t.Errorf("%d yen are left", left)
	}
	s.Sees("#another:enabled")
	s.Run(`localStorage.setItem('kaopass-till-refunds', '{"pay_06f0000000000000000000abcd":{"id":"pay_06f0000000000000000000abcd","key":"k","json":{"amount":{"currency":"JPY","value":1},"reason":""}}}'); sessionStorage.clear(); ''`)
	s.Open("/till") // a tablet that was another till before: nobody here knows of that payment
	s.Says("#find-none", apitest.Words(kaopass.English).T("till.findNone"))
	s.gave(t, "of another till", 1, 50)
	if kept := s.Run(`localStorage.getItem('kaopass-till-refunds')`); kept != "{}" {
		t.Errorf("it is kept for ever: %s", kept)
	}
}

// Somebody else gives back what this screen still offers.
func TestBrowserTillRefundComesTooLate(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = faulty })
	s.sells("700")
	s.Click("#recent [data-does=refund]")
	s.Click("#back-all")
	s.Click("#back-next:enabled")
	s.Run(`(() => { const id = JSON.parse(sessionStorage.x ?? 'null'); const r = new XMLHttpRequest(); r.open('GET', '/v1/till', false); r.send();
		const p = JSON.parse(r.responseText).recent[0].id; const q = new XMLHttpRequest(); q.open('POST', '/v1/payments/' + p + '/refunds', false);
		q.setRequestHeader('Idempotency-Key', 'elsewhere'); q.setRequestHeader('Content-Type', 'application/json');
		q.send('{"amount":{"currency":"JPY","value":600}}'); return String(q.status) + id; })()`)
	s.Click("#refund-yes:enabled")
	s.Says("#back-gone", apitest.Words(kaopass.English).T("till.backGone"))
	s.Says("#back-of", "¥100 left")
	s.Shot("gone")
	if n, yen := s.refunded(t); n != 1 || yen != 600 {
		t.Errorf("%s refunds of %d yen", strconv.Itoa(n), yen)
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
