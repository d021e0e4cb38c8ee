package views

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
)

// ButtonKind is how much a button asks to be touched.
type ButtonKind string

// The kinds; a screen has at most one Primary.
const (
	Plain   ButtonKind = ""
	Primary ButtonKind = "primary"
	Quiet   ButtonKind = "quiet"
	Danger  ButtonKind = "danger"
)

// Button is a button, or a link that looks like one where Href is set.
type Button struct {
	Text     string
	Icon     string // before the text
	Kind     ButtonKind
	Href     string
	Type     string // "submit" unless set; "button" where a script acts
	Name     string
	Value    string
	Wide     bool // the one thing to do on a phone's screen
	Disabled bool
	Attrs    templ.Attributes // data-*, aria-*, id
}

// Render draws the button.
func (b Button) Render(ctx context.Context, w io.Writer) error { return b.draw().Render(ctx, w) }

func (b Button) class() string {
	c := "button"
	if b.Kind != Plain {
		c += " " + string(b.Kind)
	}
	if b.Wide {
		c += " wide"
	}
	return c
}

// NoticeKind is what a notice is about; each has its icon and colour.
type NoticeKind string

// The kinds of notice.
const (
	Info  NoticeKind = "info"
	Good  NoticeKind = "good"
	Again NoticeKind = "again" // one thing to change, then once more
	Help  NoticeKind = "staff" // staff will help
	Stop  NoticeKind = "stop"  // this does not go on
)

// Icon is the name of the kind's icon.
func (k NoticeKind) Icon() string {
	switch k {
	case Good:
		return "circle-check"
	case Again:
		return "rotate-ccw"
	case Help:
		return "concierge-bell"
	case Stop:
		return "octagon-x"
	}
	return "info"
}

// Notice says one thing beside the page's own story. It is announced to a screen reader where Live is set.
type Notice struct {
	Kind  NoticeKind
	Title string
	Text  string
	Link  Link
	Live  bool
}

// Render draws the notice.
func (n Notice) Render(ctx context.Context, w io.Writer) error { return n.draw().Render(ctx, w) }

// ReasonNotice is the notice for a refusal, in words that the person can act on.
func ReasonNotice(w Words, r kaopass.Reason) Notice {
	return Notice{Kind: ReasonKind(r), Text: w.Reason(r), Live: true}
}

// ReasonKind says what a refusal asks for: one more try, staff, or only to know.
func ReasonKind(r kaopass.Reason) NoticeKind {
	switch r {
	case kaopass.Admitted, kaopass.StaffOverride:
		return Good
	case kaopass.CodeWrong, kaopass.SignInCodeWrong, kaopass.SignInCodeExpired, kaopass.TooManyTries, kaopass.CaptureExpired,
		kaopass.FaceChanged, kaopass.ChallengeMissed, kaopass.CardUnreachable, kaopass.PaymentExpired:
		return Again
	case kaopass.TicketForged, kaopass.TicketUnknown, kaopass.TicketRevoked, kaopass.TicketExpired, kaopass.TicketUsed,
		kaopass.ZoneWrong, kaopass.AlreadyInside, kaopass.NotInside, kaopass.TicketTaken:
		return Help
	}
	if r.Retry() {
		return Again
	}
	return Info
}

// Field is one thing to type, with its label above and what went wrong below.
type Field struct {
	Label, Name, Value string
	Hint               string // what is expected, before it is typed
	Wrong              string // what to change; empty: nothing
	Type               string // "text" unless set
	Mode               string // inputmode: numeric, email, tel …
	Auto               string // autocomplete token (HTML, 4.10.18.7)
	Max                int    // maxlength; 0: none
	Required, Code     bool   // Code: large figures, spaced
	Attrs              templ.Attributes
}

// Render draws the field.
func (f Field) Render(ctx context.Context, w io.Writer) error { return f.draw().Render(ctx, w) }

func (f Field) id() string { return "field-" + f.Name }

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy lists the ids of the hint and of what is wrong, as far as there are any.
func (f Field) describedBy() string {
	switch {
	case f.Hint != "" && f.Wrong != "":
		return f.id() + "-wrong " + f.id() + "-hint"
	case f.Wrong != "":
		return f.id() + "-wrong"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// Switch is a yes or no that is sent with its form as Name=on.
type Switch struct {
	Label, Hint, Name string
	On, Disabled      bool
	Attrs             templ.Attributes
}

// Render draws the switch.
func (s Switch) Render(ctx context.Context, w io.Writer) error { return s.draw().Render(ctx, w) }

// Steps says how far one is: dots and "2 of 4".
type Steps struct {
	Words   Words
	Now, Of int // from 1
}

// Render draws the steps.
func (s Steps) Render(ctx context.Context, w io.Writer) error { return s.draw().Render(ctx, w) }

// Trust is the line that each step carries: what is kept, how long, how to take it back, and where.
type Trust struct {
	Text string
	Link Link
}

// Render draws the line.
func (t Trust) Render(ctx context.Context, w io.Writer) error { return t.draw().Render(ctx, w) }

// Empty stands where there is nothing yet: what will appear here and how to make it happen.
type Empty struct {
	Icon, Title, Text string
	Action            Button // nothing where its Text is empty
}

// Render draws the empty state.
func (e Empty) Render(ctx context.Context, w io.Writer) error { return e.draw().Render(ctx, w) }

// Column is a column's head. A sortable table's rows give data-sort on cells whose text does not sort by itself.
type Column struct {
	Text   string
	Sorts  bool
	Number bool // aligned at the end
}

// Tag is a short word for a state; Kind gives its colour, the word says it too.
type Tag struct {
	Kind NoticeKind
	Text string
}

// Render draws the tag.
func (t Tag) Render(ctx context.Context, w io.Writer) error { return t.draw().Render(ctx, w) }

func (b Button) kind() string {
	if b.Type == "" {
		return "submit"
	}
	return b.Type
}

// turns reports whether an icon points along the line of reading, and so turns round where that does.
func turns(icon string) bool {
	switch icon {
	case "arrow-left", "arrow-right", "chevron-right", "log-in", "log-out", "undo-2", "list":
		return true
	}
	return false
}
