package device

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestClaim(t *testing.T) {
	cases := map[string]Claim{
		"claim":       {Path: "/gate", Role: kaopass.Gate},
		"claim-wrong": {Path: "/till", Role: kaopass.Till, Trial: ClaimWrong},
		"claim-slow":  {Path: "/kiosk", Role: kaopass.Kiosk, Trial: ClaimSlow},
		"claim-other": {Path: "/gate", Role: kaopass.Gate, Other: kaopass.Device{ID: "dev_1", Role: kaopass.Till, Name: `<b>shop</b>`}},
	}
	for name, m := range cases {
		viewtest.Pages(t, name, func(w views.Words) templ.Component {
			m.Words = w
			return m.Page()
		})
	}
}
