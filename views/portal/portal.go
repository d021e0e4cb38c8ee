// Package portal draws what a visitor sees on a phone, from the first sentence to the page on which everything is taken
// back. Start at [Welcome].
package portal

import "github.com/kaopass/kaopass/views"

// WelcomePage is what the first page shows: where its three links lead.
type WelcomePage struct {
	views.Page
	Start   string
	Without string // the way without a face
	Data    string // what is kept, and erasing it
}
