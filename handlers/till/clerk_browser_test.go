package till_test

import (
	"strconv"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// The clerk's own steps, as a terminal of two sizes and as a stand, upright and across, by night: all is large enough for a
// finger, and the button that a step is for is on the screen.
func TestBrowserTillShowsTheClerksSteps(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Language, screen.Strict = kaopass.Japanese, true })
	s.sells("1500")
	s.sells("700")
	s.Scheme("dark")
	for _, size := range [][2]int64{{390, 844}, {1280, 800}, {800, 1280}, {360, 640}} {
		s.Resize(size[0], size[1])
		for _, step := range []struct{ name, opens, button string }{{"amount", "", "#next"}, {"sales", "#give-back", "#find button"},
			{"back", "#sales li button", "#back-next"}, {"day", "#day-report", "#day-print"}} {
			if step.opens != "" {
				s.Click(step.opens)
			}
			s.Sees(`#till[data-step="` + step.name + `"] ` + step.button)
			name := step.name + " " + strconv.FormatInt(size[0], 10)
			s.touchable(name)
			s.onScreen(name, step.button)
			if top := s.Run(`String(document.querySelector('.till-stage').scrollTop)`); top != "0" {
				t.Errorf("%s begins %s px below its top", name, top)
			}
			s.Level()
			s.Shot(name)
			s.Accessible(name)
			if step.name == "back" || step.name == "day" {
				s.Click(`[data-shows="` + step.name + `"] [data-to-till]`)
			}
		}
	}
}

// touchable looks whether all that can be touched is large enough for a finger.
func (s shop) touchable(name string) {
	s.Helper()
	if bad := s.Run(`[...document.querySelectorAll('button, label.chip, input:not([type=radio]), select')].filter((e) => e.checkVisibility()).map((e) => {
		const at = e.getBoundingClientRect();
		return at.width < 44 || at.height < 44 ? (e.id || e.value || e.textContent.trim()) + ' is ' + at.width + ' by ' + at.height : '';
	}).filter(Boolean).join('; ')`); bad != "" {
		s.Errorf("%s: %s", name, bad)
	}
}

// onScreen looks whether nothing of what a selector finds is beyond the screen's edge.
func (s shop) onScreen(name, selector string) {
	s.Helper()
	if bad := s.Run(`[...document.querySelectorAll('` + selector + `')].filter((e) => e.checkVisibility()).map((e) => {
		const at = e.getBoundingClientRect();
		return at.bottom > innerHeight + 1 || at.right > innerWidth + 1 ? (e.id || e.textContent.trim()) + ' is ' + (at.bottom - innerHeight) + ' below the edge' : '';
	}).filter(Boolean).join('; ')`); bad != "" {
		s.Errorf("%s: %s", name, bad)
	}
}
