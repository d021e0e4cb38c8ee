package views

// TroubleKind is why there is no page.
type TroubleKind string

// The kinds of trouble, with the HTTP status that each goes with.
const (
	NoPage   TroubleKind = "noPage"   // 404
	NotYours TroubleKind = "notYours" // 403
	Ours     TroubleKind = "ours"     // 500
	Busy     TroubleKind = "busy"     // 503 and 429; the page asks again by itself
	Offline  TroubleKind = "offline"  // what the service worker shows
)

// TroubleOf is the kind that goes with an HTTP status.
func TroubleOf(status int) TroubleKind {
	switch status {
	case 401, 403:
		return NotYours
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
	case NotYours:
		return "lock"
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

func (p Page) home() string {
	if p.Audience == ForConsole {
		return "/console"
	}
	return "/"
}
