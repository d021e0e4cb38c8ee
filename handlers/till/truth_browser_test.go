package till_test

import (
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// crashes is a browser that comes back: with what a reload keeps, or with nothing at all.
func (s shop) crashes(forgets bool) {
	s.Helper()
	if forgets {
		s.Run("sessionStorage.clear(); localStorage.clear(); ''")
	}
	s.Open("/till")
}

// Whatever a payment waits for, a screen that crashed asks the venue and goes on there, with or without its memory.
func TestBrowserTillFindsTheTruth(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Before = `const send = fetch;
			globalThis.fetch = async (url, how) => {
				const path = String(url);
				if (path.endsWith('/face') && sessionStorage.blind) return new Promise(() => {}); // the answer never comes
				const answer = await send(url, how);
				if (path.endsWith('/confirm') && sessionStorage.lose) return new Promise(() => {});
				return answer;
			}`
	})
	ko := apitest.Words(kaopass.Korean)
	for _, forgets := range []bool{false, true} {
		s.Run("sessionStorage.blind = 1; ''")
		s.types("1", "2", "0", "00") // so much that the code is asked
		s.Sees(`#till[data-step="wait"]`)
		s.Run("delete sessionStorage.blind; ''")
		s.crashes(forgets) // looking: the photos went nowhere, so it looks again
		s.Sees(`#till[data-step="code"]`)
		s.crashes(forgets)
		s.enters(s.person.Code[:2])
		s.crashes(forgets) // in the middle of the code: it begins anew
		s.enters(s.person.Code)
		s.Sees(`#till[data-step="confirm"]`)
		s.crashes(forgets)
		s.Says("#payer", "T. Y.")
		s.Click("#cancel")
		s.Says("#word", ko.T("till.say.stopped"))
		s.crashes(forgets) // ended, and nobody has seen it
		s.Sees(`#till[data-step="result"]`)
		s.Says("#word", ko.T("till.say.stopped"))
		s.next()
	}
	s.loses()
	s.expires()
	if left := s.balance(t); left != 20000-2*300 {
		t.Errorf("%d yen are left", left)
	}
}

// next turns to the next customer.
func (s shop) next() {
	s.Helper()
	s.ends()
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
}

// ends waits until a result was to be seen for long enough that it can be closed.
func (s shop) ends() {
	s.Helper()
	s.Sees(`#till[data-step="result"]`) // before it the button is there, too: enabled, and not to be seen
	s.Sees("#another:enabled")
}

// loses the answer to a payment that went through, and then the browser.
func (s shop) loses() {
	s.Helper()
	for _, forgets := range []bool{false, true} {
		s.types("3", "00")
		s.confirms()
		s.Run("sessionStorage.lose = 1; ''")
		s.Click("#pay")
		s.Sees(`#till[data-step="wait"]`)
		s.paidAtTheVenue()
		s.Run("delete sessionStorage.lose; ''")
		s.crashes(forgets)
		s.Sees("#verdict.go")
		s.Says("#verdict [data-amount]", "300")
		s.next()
	}
}

// paidAtTheVenue waits until the newest payment is captured there, whatever the screen knows.
func (s shop) paidAtTheVenue() {
	s.Helper()
	for range 200 {
		if s.Run(`(() => { const r = new XMLHttpRequest(); r.open('GET', '/v1/till', false); r.send(); return JSON.parse(r.responseText).recent[0].status; })()`) == "captured" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Fatal("it is never paid")
}

// expires leaves a payment until its time is over: a screen that comes back says so, and so does one that was open all the time.
func (s shop) expires() {
	s.Helper()
	for _, crashes := range []bool{true, false} {
		s.types("4", "00")
		s.confirms()
		s.Later(kaopass.PaymentWithin + time.Second)
		if _, err := s.DB.Expire(s.Context(), nil); err != nil {
			s.Fatal(err)
		}
		if crashes {
			s.crashes(false)
		}
		s.isOver()
	}
}

// isOver waits until the screen says that the time is over.
func (s shop) isOver() {
	s.Helper()
	s.Sees(`#till[data-step="result"]`)
	s.Says("#word", apitest.Words(kaopass.Korean).T("till.customer.over"))
	s.next()
}
