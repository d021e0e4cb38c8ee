package gate_test

import (
	"strconv"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// approachMax is how long somebody waits from the ticket until the photos are on their way, in ms, on a machine that is
// busy with other tests; alone it is under one second.
const approachMax = 2_500

// stopwatch notes when the lane begins to look, and when which photos leave.
const stopwatch = `const send = fetch;
	globalThis.fetch = (url, how) => {
		if (String(url).endsWith('/v1/admissions')) {
			globalThis.took = Math.round(performance.now() - globalThis.turned);
			globalThis.photos = how.body.getAll('image').length;
		}
		return send(url, how);
	};
	addEventListener('DOMContentLoaded', () => {
		const lane = document.querySelector('#lane');
		new MutationObserver(() => { if (lane.dataset.state === 'looking') globalThis.turned ??= performance.now(); })
			.observe(lane, { attributes: true, attributeFilter: ['data-state'] });
	});`

// The lane sends the best moments of an approach, and takes no longer for it than for any three.
func TestBrowserLaneTakesPhotosAtOnce(t *testing.T) {
	v, person := screens(t)
	screen := tablet(t, apitest.FranckClip, "", 0, 3, 5)
	screen.Before = stopwatch
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", screen)
	tab.Sees(`#lane[data-state="ready"]`)
	tab.Press(person.Ticket.QR + "\r")
	tab.Sees("#verdict.go")
	took, err := strconv.Atoi(tab.Run("String(took)"))
	if photos := tab.Run("String(photos)"); err != nil || took > approachMax || photos != "3" {
		t.Errorf("%d ms, %s photos, %v", took, photos, err)
	}
	t.Logf("%d ms from the ticket to the photos' leaving", took)
}
