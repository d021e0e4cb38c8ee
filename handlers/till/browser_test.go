package till_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/device"
	"github.com/kaopass/kaopass/handlers/till"
	"github.com/kaopass/kaopass/static/browsertest"
)

// shop is a till's screen in a browser, and a visitor with 20,000 yen in front of it.
type shop struct {
	counter
	apitest.Tab
}

func openShop(t *testing.T, clip string, change ...func(*apitest.Screen)) shop {
	t.Helper()
	browsertest.Chromium(t)
	v := apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		(&device.Device{DB: v.DB}).Routes(r, v.Access)
		(&till.Till{Faces: v.Faces, DB: v.DB, Issuer: kaopass.Issuer{Name: "Kaopass Diner"}}).Routes(r, v.Access)
	})
	s := shop{counter: counter{Venue: v}}
	s.person = v.Enrol(t, "Taro Yamada", "4821", 20000, apitest.Photo(t, apitest.Franck), apitest.Photo(t, apitest.Franck2),
		apitest.Photo(t, apitest.Franck3), apitest.Photo(t, "franck_02888.jpg"))
	screen := apitest.Screen{Width: 1280, Height: 800, Language: kaopass.English, Movie: apitest.Movie(t, clip, "", 0, 3, 5)}
	for _, f := range change {
		f(&screen)
	}
	screen.Before += stays
	s.Tab, _ = v.Claim(t, kaopass.Till, "ramen-1", "Ramen East", screen)
	s.Sees(`#till[data-step="amount"]`)
	return s
}

// stays keeps a result until somebody closes it, however slow the machine is; see rests.
const stays = `;addEventListener('DOMContentLoaded', () => { const till = document.querySelector('#till'); if (till) till.dataset.rest = '0'; });`

// types touches the amount pad.
func (s shop) types(keys ...string) {
	s.Helper()
	for _, key := range keys {
		s.Click(`#pad button[value="` + key + `"]`)
	}
	s.Click("#next:enabled")
}

// enters touches the code pad, wherever the digits lie.
func (s shop) enters(code string) {
	s.Helper()
	s.Sees(`#till[data-step="code"] #code-pad`)
	for _, digit := range code {
		s.Run(`[...document.querySelectorAll('#code-pad button')].find((b) => b.textContent === '` + string(digit) + `').click(); ''`)
	}
}

// confirms gets from the face to the choice of a method, by the code where it is asked.
func (s shop) confirms() {
	s.Helper()
	s.Sees(`#till[data-step="code"], #till[data-step="confirm"]`)
	if s.Run("document.querySelector('#till').dataset.step") == "code" {
		s.enters(s.person.Code)
	}
	s.Sees(`#till[data-step="confirm"]`)
}

func TestBrowserTillPays(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.Shot("amount")
	s.Accessible("amount")
	s.types("1", "2", "00")
	s.Sees("#till[data-step=face]")
	s.Shot("face")
	if seen := s.Run(`String(document.querySelector('#look').getBoundingClientRect().bottom <= innerHeight)`); seen != "true" {
		t.Error("the button under the picture is below the screen's edge")
	}
	s.confirms()
	if who := s.Text("#payer"); who != "T. Y." {
		t.Errorf("the payer is %q", who)
	}
	s.Shot("confirm")
	s.Accessible("confirm")
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Shot("paid")
	s.Accessible("paid")
	if left := s.balance(t); left != 18800 {
		t.Errorf("%d yen are left", left)
	}
	s.Sees("#another:enabled")
	s.Media("print")
	s.Sees(".receipt")
	if shown := s.Run("[...document.querySelectorAll('#till > *')].filter((e) => e.offsetParent).map((e) => e.className).join()"); shown != "receipt" {
		t.Errorf("printed: %s", shown)
	}
	s.Shot("receipt")
	s.Media("")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Says("#recent", "¥1,200")
	s.Says("#today", "¥1,200")
	s.Shot("next")
	s.Accessible("next")
}

// A large amount asks the code: shuffled, not shown, and asked again when it does not match.
func TestBrowserTillAsksTheCode(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Width, screen.Height, screen.Language = 360, 640, kaopass.Japanese
	})
	s.types("1", "2", "0", "00")
	s.Sees("#till[data-step=code]")
	s.Shot("code")
	s.Accessible("code")
	s.enters("0000")
	s.Says("#code-reason", apitest.Words(kaopass.Japanese).Reason(kaopass.CodeWrong))
	s.enters(s.person.Code[:2])
	s.Shot("again")
	s.Accessible("again")
	if shown := s.Text("#dots"); shown != "" {
		t.Errorf("the code is shown: %q", shown)
	}
	s.enters(s.person.Code[2:])
	s.Sees("#till[data-step=confirm]")
	s.Shot("confirm")
	s.Accessible("confirm")
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Shot("paid")
	s.Accessible("paid")
	if left := s.balance(t); left != 8000 {
		t.Errorf("%d yen are left", left)
	}
}

func TestBrowserTillCancels(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.types("5", "00")
	s.confirms()
	s.Click("#cancel")
	s.Says("#word", apitest.Words(kaopass.Korean).T("till.say.stopped")) // as the payer reads
	s.Shot("stopped")
	s.Accessible("stopped")
	if left := s.balance(t); left != 20000 {
		t.Errorf("%d yen are left", left)
	}
}

// A stranger is asked to try again, and the clerk can end it.
func TestBrowserTillDoesNotKnow(t *testing.T) {
	s := openShop(t, apitest.LaptopClip)
	s.types("5", "00")
	s.Sees("#till[data-step=wait]")
	s.Says("#face-reason", ".")
	s.Shot("again")
	s.Accessible("again")
	s.Click("#cancel")
	s.Sees("#another:enabled")
}

// A page that is reloaded in the middle goes on where it was.
func TestBrowserTillGoesOn(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.types("7", "00")
	s.confirms()
	s.Open("/till")
	s.Sees("#till[data-step=confirm]")
	s.Click("#pay")
	s.Sees("#verdict.go")
	if left := s.balance(t); left != 19300 {
		t.Errorf("%d yen are left", left)
	}
}

// A browser that forgot everything, as after a crash, asks the server what was open, and goes on there.
func TestBrowserTillRemembersNothing(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.types("6", "00")
	s.confirms()
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
	s.Open("/till")
	s.Sees("#till[data-step=confirm]")
	if who := s.Text("#payer"); who != "T. Y." {
		t.Errorf("the payer is %q", who)
	}
	s.Click("#pay")
	s.Sees("#verdict.go")
	if left := s.balance(t); left != 19400 {
		t.Errorf("%d yen are left", left)
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
	s.Open("/till")
	s.Sees("#verdict.go") // nobody turned to the next customer yet
	s.Says("#sentence", apitest.Words(kaopass.Korean).T("till.say.captured"))
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Open("/till")
	s.Sees(`#till[data-step="amount"]`) // it is paid and seen: nothing waits
	s.Says("#recent", "¥600")
}

// A receipt is among those not printed until it is.
func TestBrowserTillPrints(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Width, screen.Height, screen.Language = 390, 844, kaopass.Japanese
		screen.Before = `globalThis.prints = 0; globalThis.print = () => { prints++; };`
	})
	s.types("5", "00")
	s.confirms()
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Says("#unprinted-count", "1")
	s.Says("#sum-captured", "500円")
	s.Shot("unprinted")
	s.Accessible("unprinted")
	s.Click("#unprinted button")
	s.Sees("#till:has(#unprinted[hidden])")
	if prints := s.Run("String(prints)"); prints != "1" {
		t.Errorf("printed %s times", prints)
	}
	s.Says("#paper", "Kaopass Diner")
}

// The answer to the payment is lost on its way, twice: it is asked for under the same key, and paid once.
func TestBrowserTillLosesTheAnswer(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Before = `const send = fetch; let lost = 0;
			globalThis.fetch = async (url, how) => {
				const answer = await send(url, how);
				if (String(url).endsWith('/confirm') && lost++ < 2) throw new TypeError('lost');
				return answer;
			}`
	})
	s.types("9", "00")
	s.confirms()
	s.Click("#pay")
	s.Sees("#verdict.go")
	if left := s.balance(t); left != 19100 {
		t.Errorf("%d yen are left", left)
	}
}

func TestBrowserTillGivesBack(t *testing.T) {
	s := openShop(t, apitest.FranckClip)
	s.types("8", "00")
	s.confirms()
	s.Click("#pay")
	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Sees("#recent [data-does=refund]")
	s.Click("#recent [data-does=refund]")
	s.Click("#back-all")
	s.Click("#back-next:enabled")
	s.Sees("#refund-yes")
	s.Shot("asked")
	s.Accessible("asked")
	s.Click("#refund-yes:enabled")
	s.Says("#word", apitest.Words(kaopass.Korean).T("till.say.given_back"))
	s.Sees("#print:enabled")
	s.Shot("given back")
	s.Accessible("given back")
	s.Media("print")
	s.Says("#paper", apitest.Words(kaopass.Korean).T("receipt.refund"))
	s.Media("")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Says("#recent", apitest.Words(kaopass.English).T("till.say.given_back"))
	s.Says("#sum-net", "¥0")
	if left := s.balance(t); left != 20000 {
		t.Errorf("%d yen are left", left)
	}
}
