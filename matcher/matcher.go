// Package matcher turns a photo into a face, and a face into a candidate: is it this person, who of those enrolled could
// it be, and is it a living person at all.
//
// Start at [Open]. A gate calls [Matcher.Read] and compares the [Probe] with one template; a till calls
// [Matcher.Identify], which searches the gallery and lets the [Policy] decide; a phone feeds frames to a [Capture].
//
// What stays true: a face that is refused is a value, a [kaopass.Reason] that can be shown and stored, and never an
// error; no image outlives the call that brought it; no similarity, threshold or vector can be printed, logged or
// marshalled; never more inferences run at once than there are workers, and a caller who would wait too long is told
// [ErrBusy] instead.
package matcher

import (
	"context"
	"errors"
	"image"
	"time"

	"github.com/kaopass/kaopass"
)

// FramesMax is how many images of one approach are looked at (PROTOCOL, "Rules for every call").
const FramesMax = 5

// Config is what Open needs. The zero value of each number means its default.
type Config struct {
	Library  string        // path of libonnxruntime; see [LibraryPath]
	Models   string        // folder of the prepared models
	Workers  int           // concurrent inferences; default: the cores
	QueueMax int           // images waiting for a worker; one more is ErrBusy; default 64
	Wait     time.Duration // longest wait for a worker, then ErrBusy; default 2 s
	Policy   Policy        // thresholds in force; the zero value means [DefaultPolicy]
}

// Matcher reads faces and holds the payment gallery. It is safe for concurrent use.
type Matcher struct{}

// ErrBusy says that the queue is full or that the wait for a worker was too long: one moment, then try again.
var ErrBusy = errors.New("matcher: busy")

// Use is what a face is read for; a till at a wall and an enrolment ask for different quality.
type Use string

// The uses.
const (
	UseEnrol Use = "enrol"
	UseGate  Use = "gate"
	UseTill  Use = "till"
)

// Policy holds the thresholds in force.
type Policy struct{}

// Open checks the models against the manifest, loads each and runs it once. It refuses to start with a file whose
// SHA-256 is not the manifest's.
func Open(cfg Config) (*Matcher, error) { return nil, errors.New("matcher: not built yet") }

// Close waits for running inferences and frees the models.
func (m *Matcher) Close() error { return nil }

// QueueStats is the state of the queue for the board.
type QueueStats struct {
	Waiting int   // images waiting for a worker now
	Running int   // images being worked on now
	Refused int64 // ErrBusy answered since the start
}

// Queue answers the state of the queue.
func (m *Matcher) Queue() QueueStats { return QueueStats{} }

// Probe is a face in front of a camera now. It cannot be printed, logged or marshalled.
type Probe struct {
	Reason kaopass.Reason // why the face cannot be used; empty where it can
}

// Read finds the one face in each of 1 to FramesMax images of one approach, checks its quality and whether it lives, and
// fuses those that are good. A refused face is in Probe.Reason; errors are ErrBusy, *ImageError and the context's.
func (m *Matcher) Read(ctx context.Context, use Use, images [][]byte) (Probe, error) {
	return Probe{}, ErrBusy
}

// Against compares 1:1 and answers why not: "" for the same person, kaopass.FaceMismatch, or the probe's own reason.
func (p Probe) Against(t kaopass.Template) kaopass.Reason { return p.Reason }

// Identify reads a face and searches it in the gallery of a purpose.
func (m *Matcher) Identify(ctx context.Context, p kaopass.Purpose, images [][]byte) (kaopass.Identification, error) {
	return kaopass.Identification{}, ErrBusy
}

// Template makes a template of 1 to FramesMax photos of one person, all of enrolment grade.
func (m *Matcher) Template(ctx context.Context, images [][]byte) (kaopass.Template, kaopass.Reason, error) {
	return kaopass.Template{}, "", ErrBusy
}

// Apply follows the feed: an enrolment may now be found for a purpose, or no longer.
func (m *Matcher) Apply(change kaopass.TemplateChange) {}

// GallerySize is how many people can be found for a purpose.
func (m *Matcher) GallerySize(p kaopass.Purpose) int { return 0 }

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
