// Package capture draws how a face is given: getting ready, the camera with its oval and its one hint, the end, and a
// way on from everything that can go wrong. It serves a phone and a kiosk alike. Start at [Screen].
//
// What stays true: every sentence that the script (static/js/capture.js) may have to show is in the page already, in the
// page's language; and each trouble has a screen of its own with at least two ways on.
package capture

import (
	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Page is what the capture's screens show: Base is where the capture's routes are mounted.
type Page struct {
	views.Page
	Base    string // e.g. "/capture": offer, still and session are below it
	Next    string // where to go once the face is kept
	Leave   string // where "Later" leads
	Without string // the way without a face; empty: none is shown
	Kiosk   string // where the kiosks are; empty at a kiosk
	Data    string // what is kept, and erasing it
	Now, Of int    // how far one is on the whole way; Of 0: nothing is shown
}

// withAssets is the page with this screen's style and script.
func (m Page) withAssets() views.Page {
	p := m.Page
	p.Styles = append(p.Styles, "css/capture.css")
	p.Scripts = append(p.Scripts, "js/capture.js")
	if p.Title == "" {
		p.Title = p.Words.T("capture.ready.title")
	}
	return p
}

// said are the sentences that the script needs, as attributes: each hint, each reason for which a capture can end, and
// how steps are counted.
func (m Page) said() templ.Attributes {
	said := templ.Attributes{"data-steps": m.Words.With("common.steps", views.Args{"Now": "{now}", "Of": "{of}"})}
	for _, h := range kaopass.Hints() {
		said["data-hint-"+string(h)] = m.Words.Hint(h)
	}
	for _, r := range endings() {
		said["data-reason-"+string(r)] = m.Words.Reason(r)
	}
	return said
}

// endings are the reasons for which a capture can end without a face kept.
func endings() []kaopass.Reason {
	return []kaopass.Reason{kaopass.CaptureExpired, kaopass.FaceChanged, kaopass.ChallengeMissed, kaopass.NotLive,
		kaopass.FaceMismatch, kaopass.ConsentMissing, kaopass.ConsentWithdrawn, kaopass.TooManyTries, kaopass.AgeTooYoung}
}

// trouble is one thing that can go wrong, by the name that the script calls it.
type trouble struct {
	name, icon string
	camera     bool // the browser's camera will not do: the phone's own camera app may
	goOn       bool // what was done so far still counts
}

func troubles() []trouble {
	return []trouble{
		{name: "refused", icon: "camera-off", camera: true},
		{name: "none", icon: "camera-off", camera: true},
		{name: "busy", icon: "camera-off", camera: true},
		{name: "insecure", icon: "lock", camera: true},
		{name: "paused", icon: "eye-off", goOn: true},
		{name: "lost", icon: "wifi-off", goOn: true},
		{name: "full", icon: "users-round"},
		{name: "ended", icon: "rotate-ccw"},
		{name: "fault", icon: "triangle-alert"},
	}
}

// act marks a button for the script.
func act(name string) templ.Attributes { return templ.Attributes{"data-act": name} }
