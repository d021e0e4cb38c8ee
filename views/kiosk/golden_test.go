package kiosk_test

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/kiosk"
	"github.com/kaopass/kaopass/views/viewtest"
)

func page(w views.Words) views.Page {
	return views.Page{Words: w, Title: "Kiosk", Path: "/kiosk", Audience: views.ForDevice, Styles: []string{"css/kiosk.css"}}
}

func TestSignIn(t *testing.T) {
	for name, reason := range map[string]kaopass.Reason{"signin": "", "signin-wrong": kaopass.SignInCodeWrong, "signin-slow": kaopass.TooManyTries} {
		viewtest.Pages(t, name, func(w views.Words) templ.Component {
			return kiosk.SignIn(kiosk.Model{Page: page(w), Device: "help-desk", Login: "mori", Reason: reason})
		})
	}
}

func TestWaiting(t *testing.T) {
	for name, wrong := range map[string]bool{"waiting": false, "waiting-wrong": true} {
		viewtest.Pages(t, name, func(w views.Words) templ.Component {
			return kiosk.Waiting(kiosk.Model{Page: page(w), Device: "help-desk", Helper: "Mori", Contact: `"><script>`, Wrong: wrong})
		})
	}
}
