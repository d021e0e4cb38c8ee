package views

import (
	"cmp"
	"net/url"

	"github.com/a-h/templ"
)

// TroubleKind is why there is no page.
type TroubleKind string

// The kinds of trouble, with the HTTP status that each goes with.
const (
	NoPage   TroubleKind = "noPage"   // 404
	NotYours TroubleKind = "notYours" // 403
	SignIn   TroubleKind = "signIn"   // 401
	Changed  TroubleKind = "changed"  // 409
	Ours     TroubleKind = "ours"     // 500
	Busy     TroubleKind = "busy"     // 503 and 429; the page asks again by itself
	Offline  TroubleKind = "offline"  // what the service worker shows
)

// TroubleOf is the kind that goes with an HTTP status.
func TroubleOf(status int) TroubleKind {
	switch status {
	case 401:
		return SignIn
	case 403:
		return NotYours
	case 409:
		return Changed
	case 429, 503:
		return Busy
	}
	if status >= 500 {
		return Ours
	}
	return NoPage
}

func (t TroubleKind) icon() string {
	switch t {
	case NotYours, SignIn:
		return "lock"
	case Changed:
		return "refresh-cw"
	case Busy:
		return "clock"
	case Offline:
		return "wifi-off"
	case Ours:
		return "concierge-bell"
	}
	return "map-pin"
}

// passes reports whether the same page may be there in a moment.
func (t TroubleKind) passes() bool { return t == Ours || t == Busy || t == Offline }

func (p Page) troubled(t TroubleKind) Page {
	p.Title = p.Words.T("error." + string(t) + ".title")
	p.Scripts, p.Flash = nil, Notice{}
	if t == Busy || t == Offline {
		p.Scripts = []string{"js/again.js"}
	}
	return p
}

// again is where the same page, or the one before it, is asked for once more.
func (p Page) again() string { return cmp.Or(p.Again, p.Path) }

// afterForm marks where a page that answers a form leads: it must not ask for itself again.
func (p Page) afterForm() templ.Attributes {
	if p.Again == "" {
		return nil
	}
	return templ.Attributes{"data-again": true}
}

// signIn is where somebody signs in and comes back from.
func (p Page) signIn() string {
	if p.Audience == ForConsole {
		return p.home()
	}
	return "/signin?next=" + url.QueryEscape(p.again())
}

func (p Page) home() string {
	if p.Audience == ForConsole {
		return "/console"
	}
	return "/"
}
