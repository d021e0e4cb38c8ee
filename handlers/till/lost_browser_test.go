package till_test

import (
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// cut lets the test cut the network, or have whatever answers a path be lost on its way.
const cut = `const send = fetch; globalThis.down = sessionStorage.down === '1'; globalThis.lost = '';
	globalThis.fetch = async (url, how) => {
		if (down) throw new TypeError('down');
		const answer = await send(url, how);
		if (lost && String(url).endsWith(lost)) throw new TypeError('lost');
		return answer;
	};`

// Nobody answers: the screen says so and what it knows of the money, and when somebody does it asks by itself what became of
// the same request.
func TestBrowserTillAsksAgainByItself(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = cut })
	en, ko := apitest.Words(kaopass.English), apitest.Words(kaopass.Korean)
	s.Run("down = true; ''")
	s.types("4", "00")
	s.Sees("#till[data-step=lost]")
	s.Says("#lost-known", en.T("till.customer.knownNothing"))
	s.Says("#link", en.T("till.linkOff"))
	s.Shot("opening")
	s.Accessible("opening")
	s.Run("down = false; ''")
	s.confirms()
	s.Says("#link", en.T("till.linkOn"))

	s.Run("lost = '/confirm'; ''") // it goes through, and the answer does not come
	s.Click("#pay")
	s.Sees("#till[data-step=lost]")
	s.Says("#lost-known", ko.T("till.customer.knownNot"))
	s.Shot("paying")
	s.Accessible("paying")
	if left := s.balance(t); left != 19600 {
		t.Errorf("%d yen are left", left)
	}
	s.Run("lost = ''; ''")
	s.Sees("#verdict.go")
	s.next()
	if left := s.balance(t); left != 19600 {
		t.Errorf("paid once, and %d yen are left", left)
	}
}

// A reload without a network, in each state: the screen asks how the payment stands, and shows it when somebody answers.
func TestBrowserTillReloadsWithoutANetwork(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = cut })
	s.types("1", "2", "0", "00")
	for _, step := range []string{"code", "confirm"} {
		s.Sees(`#till[data-step="` + step + `"]`)
		s.Run("sessionStorage.down = '1'; ''")
		s.Open("/till")
		s.Sees("#till[data-step=lost]")
		s.Says("#lost-known", apitest.Words(kaopass.English).T("till.customer.knownNot"))
		s.Run("delete sessionStorage.down; down = false; ''")
		s.Sees(`#till[data-step="` + step + `"]`)
		if step == "code" {
			s.enters(s.person.Code)
		}
	}
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Run("sessionStorage.down = '1'; ''")
	s.Open("/till")
	s.Sees("#till[data-step=lost]")
	s.Click("#ask-again") // touched while there is nobody
	s.Sees("#till[data-step=lost]")
	s.Run("delete sessionStorage.down; down = false; ''")
	s.Sees("#verdict.go")
	s.next()
}
