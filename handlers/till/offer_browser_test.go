package till_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// chip is a way to pay as the stage below answers it.
type chip struct {
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	Label   string         `json:"label"`
	Default bool           `json:"default"`
	Covers  bool           `json:"covers"`
	Reason  kaopass.Reason `json:"reason,omitempty"`
}

var (
	purse      = chip{ID: "pm_1", Kind: "emoney", Label: "MYAKU wallet", Default: true, Covers: true}
	shortPurse = chip{ID: "pm_1", Kind: "emoney", Label: "MYAKU wallet", Reason: kaopass.FundsShort}
	jcb        = chip{ID: "pm_3", Kind: "card", Label: "JCB ••0505", Covers: true}
	asked      = chip{ID: "pm_4", Kind: "card", Label: "Visa ••3184", Reason: kaopass.CardNeedsOwner}
	answered   = chip{ID: "pm_4", Kind: "card", Label: "Visa ••3184", Default: true, Covers: true}
)

// offers has the venue answer the screen with these ways to pay from now on.
func (s shop) offers(t *testing.T, all ...chip) {
	t.Helper()
	p := staged{Status: kaopass.AwaitingConfirmation, Named: true, Offers: all}
	s.Run(`sessionStorage.setItem('kaopass-till', '{"payment":"pay_staged"}'); sessionStorage.setItem('stage', ` + quoted(t, p.json(t, kaopass.English)) + `); ''`)
}

// can waits until a method can be chosen, or cannot.
func (s shop) can(id string, be bool) {
	s.Helper()
	s.Sees(`#methods input[value="` + id + `"]:` + map[bool]string{true: "enabled", false: "disabled"}[be])
}

// chosen is what is chosen: an id, or nothing.
func (s shop) chosen() string {
	s.Helper()
	return s.Run(`document.querySelector('#methods input:checked')?.value ?? ''`)
}

// where is where the large button and the chips are on the screen.
func (s shop) where() string {
	s.Helper()
	return s.Run(`['#pay', '#not-me', '.chip:nth-child(1)', '.chip:nth-child(2)'].map((of) => JSON.stringify(document.querySelector(of).getBoundingClientRect())).join()`)
}

// The owner answers their bank while the wallet covers: the open screen finds out by itself. What they chose and where the
// keyboard is stay as they were, and nothing moves.
func TestBrowserTillNoticesTheOwnersAnswer(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = stage, true })
	w := apitest.Words(kaopass.English)
	for _, size := range [][2]int64{{390, 844}, {1280, 800}, {800, 1280}} {
		s.Resize(size[0], size[1])
		s.offers(t, purse, jcb, asked)
		s.Open("/till")
		s.can("pm_4", false)
		s.Says("#methods", w.T("till.customer.asksOwner"))
		s.Click(`#methods input[value="pm_3"]`)
		before := s.where()
		s.offers(t, answered, purse, jcb) // its bank is content, and it is the payer's first again
		s.can("pm_4", true)
		s.Says("#confirm-reason", "Visa ••3184: "+w.T("till.customer.free"))
		s.Says("#say", "Visa ••3184: "+w.T("till.customer.free"))
		if got := s.chosen(); got != "pm_3" {
			t.Errorf("the payer chose JCB, and %q is chosen", got)
		}
		if held := s.Run(`document.activeElement.value`); held != "pm_3" {
			t.Errorf("the keyboard went to %q", held)
		}
		if after := s.where(); after != before {
			t.Errorf("%v: the screen moved\n%s\n%s", size, before, after)
		}
		s.Shot("answered " + strconv.FormatInt(size[0], 10))
		s.Accessible("answered")
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// A finger that is on the screen when the answer comes is let go first.
func TestBrowserTillChangesNothingUnderAFinger(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = counted, true })
	s.offers(t, purse, asked)
	s.Open("/till")
	s.can("pm_4", false)
	s.Run(`document.querySelector('#pay').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true })); ''`)
	s.offers(t, purse, answered)
	s.looksTwice()
	s.can("pm_4", false)
	s.Run(`document.querySelector('#pay').dispatchEvent(new PointerEvent('pointerup', { bubbles: true })); ''`)
	s.can("pm_4", true)
	before := s.Run("String(asks)")
	time.Sleep(5 * time.Second)
	if after := s.Run("String(asks)"); after != before {
		t.Errorf("all can be chosen, and the screen asks: %s, then %s", before, after)
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// Nothing can be chosen: nothing is drawn as chosen, each says why, and the button offers to look again. When something can be,
// it is chosen, and a touch that was meant for the other button pays nothing.
func TestBrowserTillHasNothingToChoose(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = counted, true })
	w := apitest.Words(kaopass.English)
	s.offers(t, shortPurse, asked)
	s.Open("/till")
	s.Says("#pay", w.T("till.customer.check"))
	if got := s.chosen(); got != "" {
		t.Errorf("%q is chosen, and cannot be", got)
	}
	if said := s.Run(`[...document.querySelectorAll('#methods label')].map((l) => l.innerText.replace(/\s+/g, ' ').trim() + (l.control.disabled ? ' off' : ' on')).join('; ')`); said !=
		"MYAKU wallet "+w.T("till.customer.short")+" off; Visa ••3184 "+w.T("till.customer.asksOwner")+" off" {
		t.Errorf("the chips say %q", said)
	}
	before := s.where()
	s.Accessible("nothing to choose")
	s.offers(t, shortPurse, answered)
	s.Run(`(() => { const look = () => { if (document.querySelector('#methods input:checked')) document.querySelector('#pay').click(); else setTimeout(look, 5); }; look(); return ''; })()`)
	s.Says("#pay", w.T("till.customer.pay"))
	if step, got := s.Run(`document.querySelector('#till').dataset.step + ' ' + confirms`), s.chosen(); step != "confirm 0" || got != "pm_4" {
		t.Errorf("%q, chosen is %q", step, got)
	}
	if after := s.where(); after != before {
		t.Errorf("the screen moved\n%s\n%s", before, after)
	}
	s.offers(t, shortPurse) // the card was taken out on the phone
	s.Open("/till")
	s.can("pm_1", false)
	s.offers(t, purse, jcb) // and money put in
	s.can("pm_3", true)
	if got := s.chosen(); got != "pm_1" {
		t.Errorf("chosen is %q", got)
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// What was chosen can be no more: nothing takes its place, and the payer is asked to choose.
func TestBrowserTillChosenIsGone(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = counted, true })
	w := apitest.Words(kaopass.English)
	s.offers(t, purse, jcb, asked)
	s.Open("/till")
	s.Click(`#methods input[value="pm_3"]`)
	s.offers(t, purse, asked)
	s.can("pm_3", false)
	s.Says("#methods", w.T("till.customer.gone"))
	s.Says("#confirm-reason", w.T("till.say.awaiting_confirmation"))
	if got, held := s.chosen(), s.Run(`document.activeElement.value`); got != "" || held != "pm_1" {
		t.Errorf("chosen is %q, the keyboard is on %q", got, held)
	}
	s.Click("#pay")
	if n := s.Run("String(confirms)"); n != "0" {
		t.Errorf("%s payments without a choice", n)
	}
	s.Run(`sessionStorage.setItem('stage', sessionStorage.getItem('stage').replace('"awaiting_confirmation"', '"expired"')); ''`)
	s.Says("#word", w.T("till.customer.over")) // its time was over meanwhile
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// counted is the stage, which also counts what is asked.
var counted = stage + `
	const staged = fetch; globalThis.asks = 0; globalThis.confirms = 0;
	globalThis.fetch = (url, how) => {
		if (String(url).endsWith('pay_staged')) asks++;
		if (String(url).endsWith('/confirm')) confirms++;
		return staged(url, how);
	};`

// looksTwice waits until the screen has asked twice more.
func (s shop) looksTwice() {
	s.Helper()
	from, _ := strconv.Atoi(s.Run("String(asks)"))
	for range 200 {
		if now, _ := strconv.Atoi(s.Run("String(asks)")); now > from+1 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Fatal("the screen does not ask")
}
