package till

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestTill(t *testing.T) {
	viewtest.Pages(t, "till", func(w views.Words) templ.Component {
		return Till{Words: w, Path: "/till", Till: kaopass.Device{ID: "dev_1", Role: kaopass.Till, Name: "ramen-1", Zone: "Ramen East"}}.Page()
	})
}

// The amount pad has each digit once, and nothing else that would be taken for a number.
func TestDigits(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range digits() {
		if seen[d] {
			t.Errorf("%s is there twice", d)
		}
		seen[d] = true
	}
	for _, d := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		if !seen[d] {
			t.Errorf("there is no %s", d)
		}
	}
}
