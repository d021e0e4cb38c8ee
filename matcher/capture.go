package matcher

import (
	"context"
	"image"

	"github.com/kaopass/kaopass"
)

// Capture is one person's guided enrolment.
type Capture struct{}

// NewCapture starts a guided capture; it lasts at most kaopass.CaptureMax.
func (m *Matcher) NewCapture() *Capture { return &Capture{} }

// Add looks at one frame and answers the one hint to show next. ErrBusy means that the frame was not looked at: show
// kaopass.HintWait and go on.
func (c *Capture) Add(ctx context.Context, img image.Image) (kaopass.Progress, error) {
	return kaopass.Progress{Hint: kaopass.HintWait}, ErrBusy
}

// Template answers the template once Progress.Done was said.
func (c *Capture) Template() (kaopass.Template, bool) { return kaopass.Template{}, false }
