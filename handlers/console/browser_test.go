package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/static/browsertest"
)

// desk opens the console in a browser and signs a manager in, by the keyboard.
func (r room) desk(t *testing.T, role kaopass.StaffRole) apitest.Tab {
	t.Helper()
	person := kaopass.Staff{Login: "desk", Name: "Hana Desk", Role: role, Language: kaopass.English}
	if _, err := r.DB.AddStaff(t.Context(), person, "a long password", "test"); err != nil {
		t.Fatal(err)
	}
	tab := r.Browse(t, "/console", apitest.Screen{Width: 1280, Height: 800, Language: kaopass.English, Strict: true})
	tab.Sees("#field-login")
	tab.Run(`document.querySelector('#field-login').focus(); ''`)
	tab.Press("desk\ta long password\r")
	tab.Sees("#board")
	return tab
}

// walked goes through a page with the tab key alone: everything that can be used is come to, is seen, and shows that it is
// where the keyboard is.
func walked(t *testing.T, tab apitest.Tab, page string) {
	t.Helper()
	tab.Run(`globalThis.stops = []; document.activeElement?.blur(); scrollTo(0, 0);
		addEventListener('focusin', (e) => {
			const box = e.target.getBoundingClientRect(), look = getComputedStyle(e.target), area = getComputedStyle(e.target.closest('label, .chip') ?? e.target);
			const marked = [look, area].some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none');
			stops.push({ name: e.target.outerHTML.slice(0, 80), seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight, marked });
		}); ''`)
	want := tab.Run(`[...document.querySelectorAll('a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary, [tabindex="0"]')]
		.filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !e.closest('details:not([open]) > :not(summary)'))
		.map((e) => e.outerHTML.slice(0, 80)).join('\n')`)
	const partsOfDate = 3 // each is a stop of its own
	tab.Press(strings.Repeat("\t", 1+strings.Count(want, "\n")+strings.Count(want, `type="date"`)*partsOfDate))
	reached := tab.Run(`stops.map((s) => s.name).join('\n')`)
	for name := range strings.SplitSeq(want, "\n") {
		if !strings.Contains(reached, name) {
			t.Errorf("%s: the keyboard does not come to %s", page, name)
		}
	}
	if lost := tab.Run(`stops.filter((s) => !s.seen || !s.marked).map((s) => s.name).join('\n')`); lost != "" {
		t.Errorf("%s: nobody sees where the keyboard is: %s", page, lost)
	}
}

// settling is how long colours and charts take to change.
const settling = 400 * time.Millisecond

// looked walks a page in both sizes, and axe looks at it by day and by night.
func looked(t *testing.T, tab apitest.Tab, path, state string) {
	t.Helper()
	tab.Open(path)
	tab.Sees("h1")
	walked(t, tab, state)
	for _, size := range []struct{ width, height int64 }{{390, 844}, {1280, 800}} {
		tab.Resize(size.width, size.height)
		time.Sleep(settling)
		tab.Level()
		tab.Shot(fmt.Sprintf("%s-%d", state, size.width))
	}
	tab.Accessible(state)
	tab.Scheme("dark")
	time.Sleep(settling)
	tab.Accessible(state + ", dark")
	tab.Shot(state + "-dark")
	tab.Scheme("light")
}

// The pages of cases, limits, settlement, a till and the board: with nothing in them, with one thing, and with many.
func TestBrowserConsoleInEveryState(t *testing.T) {
	browsertest.Chromium(t)
	r := open(t)
	tab := r.desk(t, kaopass.Admin)
	today := string(kaopass.TradeDayOf(time.Now()))
	pages := map[string]string{"board": "/console", "cases": "/console/disputes", "cases ended": "/console/disputes?ended=1",
		"limits": "/console/limits", "settlement": "/console/settlement?day=" + today}
	for name, path := range pages {
		looked(t, tab, path, name+" empty")
	}

	tab.Open("/console")
	const where = `[...document.querySelectorAll('#board a[href="/console/devices"]')]`
	tab.Run(where + `.at(-1).focus(); ''`)
	_, one := r.topUpCase(t)
	tab.Sees(`.worklist a[href="/console/disputes"]`)
	if at := tab.Run(`String(` + where + `.indexOf(document.activeElement))`); at != "1" {
		t.Errorf("the board was drawn anew, and the keyboard came from the second link to devices to number %s", at)
	}
	till := r.lockedTill(t, "ramen-1")
	r.sold(t, "table 4")
	pages["case"], pages["till"] = "/console/disputes/"+string(one), "/console/devices/"+string(till.ID)
	for name, path := range pages {
		looked(t, tab, path, name+" one")
	}
	tab.Open("/console")
	tab.Run(`document.querySelector('.worklist a[href="/console/disputes"]').focus(); ''`)
	tab.Press("\r")
	tab.At("/console/disputes")

	r.manyCases(t, db.PageDefault+3)
	r.lockedTill(t, "ramen-2")
	for range 12 {
		r.sold(t, "table 5")
	}
	for _, name := range []string{"board", "cases", "limits", "settlement"} {
		looked(t, tab, pages[name], name+" many")
	}
	tab.Open("/console/limits")
	tab.Says("main", "ramen-2")
	tab.Open("/console/disputes?ended=1")
	tab.Sees("tbody tr")
	tab.Run(`[...document.querySelectorAll('main a.button')].at(-1).focus(); ''`)
	tab.Press("\r")
	tab.Sees("tbody tr")
	if rows := tab.Run(`String(document.querySelectorAll('tbody tr').length)`); rows != "3" {
		t.Errorf("the second page has %s rows", rows)
	}
}

// manyCases opens so many cases and answers them, and leaves as many open.
func (r room) manyCases(t *testing.T, n int) {
	t.Helper()
	staff, err := r.DB.StaffList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * n {
		me := r.payer(t, fmt.Sprintf("many%d@example.com", i), 100)
		list, _, err := r.DB.History(t.Context(), me, db.Page{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		c, err := r.DB.OpenDispute(t.Context(), me, list[0].Subject)
		if err != nil || c.ID == "" {
			t.Fatal(c, err)
		}
		if i%2 == 0 {
			continue
		}
		if err := r.DB.RejectDispute(t.Context(), kaopass.Key{}, staff[0].ID, c.ID, "It was you."); err != nil {
			t.Fatal(err)
		}
	}
}

// A manager unlocks a till with the keyboard alone.
func TestBrowserConsoleUnlocksATill(t *testing.T) {
	browsertest.Chromium(t)
	r := open(t)
	till := r.lockedTill(t, "ramen-1")
	tab := r.desk(t, kaopass.Manager)
	tab.Open("/console/limits")
	tab.Run(`document.querySelector('a[href$="#lock"]').focus(); ''`)
	tab.Press("\r")
	tab.At("/console/devices/" + string(till.ID))
	tab.Shot("locked")
	tab.Run(`document.querySelector('#field-why').focus(); ''`)
	tab.Press("A guest forgot the code\r")
	tab.Says("main", "The till is unlocked")
	tab.Says("main", "A guest forgot the code")
	tab.Shot("unlocked")
	tab.Accessible("unlocked")
}

// Where not all pages fit, the bar has those of every day and the one that is open, in one row, and a button for all.
func TestBrowserConsoleBar(t *testing.T) {
	browsertest.Chromium(t)
	tab := open(t).desk(t, kaopass.Admin)
	const shown = `[...document.querySelectorAll('.bar :is(.daily, .tabs) a')].filter((e) => e.checkVisibility()).map((e) => e.getAttribute('href')).join(' ')`
	for _, size := range []struct {
		width, height int64
		pages         int
	}{{1250, 800, 7}, {1280, 800, 7}, {1920, 1080, 13}, {1024, 768, 0}} {
		tab.Resize(size.width, size.height)
		tab.Open("/console/due")
		tab.Level()
		pages := strings.Fields(tab.Run(shown))
		if len(pages) != size.pages || size.pages > 0 && !slices.Contains(pages, "/console/due") {
			t.Errorf("%d wide: %s", size.width, pages)
		}
		if rows := tab.Run(`String(document.querySelector('.bar').offsetHeight < 2 * document.querySelector('.bar .mark').offsetHeight)`); rows != "true" {
			t.Errorf("%d wide: the bar has more rows than one", size.width)
		}
		if size.pages < 13 {
			tab.Run(`document.querySelector('.bar > .menu').click(); ''`)
			if pages := strings.Fields(tab.Run(`[...document.querySelectorAll('#menu a')].filter((e) => e.checkVisibility()).map((e) => e.getAttribute('href')).join(' ')`)); len(pages) != 13 {
				t.Errorf("%d wide: the menu has %s", size.width, pages)
			}
			tab.Accessible("bar")
		}
	}
}

// On a phone the pages are behind one button, which the keyboard opens and closes, and the bar is one row.
func TestBrowserConsoleMenuOnAPhone(t *testing.T) {
	browsertest.Chromium(t)
	tab := open(t).desk(t, kaopass.Admin)
	tab.Resize(390, 844)
	tab.Open("/console/limits")
	const (
		open = `String(document.querySelector('#menu').matches(':popover-open'))`
		at   = `document.activeElement.getAttribute('href') ?? document.activeElement.getAttribute('popovertarget') ?? ''`
	)
	if rows := tab.Run(`String(document.querySelector('.bar').offsetHeight < 2 * document.querySelector('.bar .mark').offsetHeight)`); rows != "true" {
		t.Error("the bar has more rows than one")
	}
	tab.Run(`document.querySelector('.bar > .menu').focus(); ''`)
	tab.Press("\r")
	if tab.Run(open) != "true" {
		t.Fatal("the menu does not open")
	}
	tab.Accessible("menu")
	tab.Shot("menu")
	tab.Press("\x1b")
	if tab.Run(open) != "false" || tab.Run(at) != "menu" {
		t.Errorf("after Escape the keyboard is at %q", tab.Run(at))
	}
	tab.Press("\r\t\t")
	if got := tab.Run(at); got != "/console" {
		t.Errorf("the first page of the menu is %q", got)
	}
	tab.Press("\t\r")
	tab.At("/console/devices")
	tab.Sees(".bar > .menu")
}
