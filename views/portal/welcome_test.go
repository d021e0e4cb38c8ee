package portal_test

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/portal"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestWelcome(t *testing.T) {
	viewtest.Pages(t, "welcome", func(w views.Words) templ.Component {
		p := views.Page{Words: w, Path: "/", Audience: views.ForVisitor, Styles: []string{"css/portal.css"}}
		return portal.Welcome(portal.WelcomePage{Page: p, Start: "/sign-in", Without: "/without", Data: "/data"})
	})
}
