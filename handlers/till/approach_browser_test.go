package till_test

import (
	"strconv"
	"testing"

	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// approachMax is how long a customer looks at the camera before the photos are on their way, in ms: the moment that the
// screen gives them to look up, and no noticeable time beyond it.
const approachMax = 3_500

// stopwatch notes when the screen turns to the customer, and when which photos leave.
const stopwatch = `const send = fetch;
	globalThis.fetch = (url, how) => {
		if (String(url).endsWith('/face')) {
			globalThis.took = Math.round(performance.now() - globalThis.turned);
			globalThis.photos = how.body.getAll('image').length;
		}
		return send(url, how);
	};
	addEventListener('DOMContentLoaded', () => {
		const till = document.querySelector('#till');
		new MutationObserver(() => { if (till.dataset.step === 'face') globalThis.turned ??= performance.now(); })
			.observe(till, { attributes: true, attributeFilter: ['data-step'] });
	});`

// The photos are taken while the customer looks up, and not after.
func TestBrowserTillTakesPhotosInTheTimeThatPassesAnyway(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = stopwatch })
	s.types("5", "00")
	s.Sees(`#till[data-step="code"], #till[data-step="confirm"]`)
	took, err := strconv.Atoi(s.Run("String(took)"))
	if photos := s.Run("String(photos)"); err != nil || took > approachMax || photos != "3" {
		t.Errorf("%d ms, %s photos, %v", took, photos, err)
	}
	t.Logf("%d ms from looking up to the photos' leaving", took)
}
