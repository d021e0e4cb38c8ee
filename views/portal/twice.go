package portal

import (
	"time"

	"github.com/kaopass/kaopass/views"
)

// TwiceModel is the question whether a visitor had enrolled before. It holds nothing of the other account: the page is the
// same whatever that one is.
type TwiceModel struct {
	Sent  bool          // digits were asked for: to be typed now
	Wrong bool          // the digits that were typed do not fit
	Wait  time.Duration // above zero: asked too often
	Kiosk bool          // staff stands beside the visitor
	Desk  string        // how to reach the help desk
	Demo  bool          // digits go to the demo inbox
}

func (m TwiceModel) wrong(w views.Words) string {
	if m.Wrong {
		return w.T("alike.twice.wrong")
	}
	return ""
}

// AlikeModel is what a visitor is told about look-alikes.
type AlikeModel struct {
	Marked   bool // somebody resembles them
	CodeGone bool // their code was called in, and they have no other yet
}
