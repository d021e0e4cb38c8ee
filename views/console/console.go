// Package console draws the control room: a board that says at a glance where help is needed, and the pages behind it.
//
// Each page is a component of the file named after it, drawn from a model in models.go. What stays true: state is a word
// and an icon before it is a colour, everything is reachable by keyboard, and nothing here names a person but the pages
// on which staff looked that person up.
package console

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Number is one figure of the strip at the top of the board.
type Number struct {
	Label, Value, Icon string
	Note               string           // what makes the figure understood
	Kind               views.NoticeKind // Stop or Again where somebody has to look
}

// Work is something that waits for staff; Href is empty for those who may not.
type Work struct {
	Text, Note, Href, Icon string
	Kind                   views.NoticeKind
}

// Place is a gate or a till on the board: its box is larger the more goes through it.
type Place struct {
	Name, Zone, Href string
	Count            string // in the last minute
	Hour             string // in the last hour
	State            views.Tag
	Size             int // 1 to 4
}

// Count is one bar of a list: refusals by reason.
type Count struct {
	Text, Href string
	N, Of      int
}

// Line is one decision, as it scrolls by.
type Line struct {
	At, Place, Text string
	Kind            views.NoticeKind
	Href            string
}

// Series is a chart's data: one point a minute.
type Series struct {
	At []int64 // Unix seconds
	N  []int
}

// JSON is the form that the chart's script reads from a data attribute.
func (s Series) JSON() string {
	b, err := json.Marshal([]any{s.At, s.N})
	if err != nil {
		return "[[],[]]"
	}
	return string(b)
}

// Total is the sum of the points.
func (s Series) Total() int {
	total := 0
	for _, n := range s.N {
		total += n
	}
	return total
}

// BoardModel is the whole board.
type BoardModel struct {
	At       time.Time
	Numbers  []Number
	Gates    []Place
	Tills    []Place
	Refusals []Count
	Latest   []Line
	Entries  Series
	Payments Series
	Work     []Work
}

// SignInModel is the staff's way in.
type SignInModel struct {
	Page        views.Page
	Action      string
	Login, Next string
	Reason      kaopass.Reason
}

// DeviceForm is what was typed to add a device.
type DeviceForm struct {
	Role  kaopass.Role
	Name  string
	Zone  kaopass.Zone
	Wrong bool
}

// DevicesModel is the list of devices.
type DevicesModel struct {
	Page      views.Page
	Devices   []kaopass.Device
	Form      DeviceForm
	MayChange bool
}

// DeviceModel is one device; ClaimCode is there in the one answer that shows it.
type DeviceModel struct {
	Page      views.Page
	Device    kaopass.Device
	ClaimCode string
	ScreenURL string
	MayChange bool
	MayClear  bool
	Lock      *LockModel // of a till
	Why       string     // typed
}

// deviceState is a device's state in a word.
func deviceState(w views.Words, d kaopass.Device) views.Tag {
	switch {
	case !d.RevokedAt.IsZero():
		return views.Tag{Kind: views.Stop, Text: w.T("console.device.revoked")}
	case d.ClaimedAt.IsZero():
		return views.Tag{Kind: views.Again, Text: w.T("console.device.waiting")}
	}
	return views.Tag{Kind: views.Good, Text: w.T("console.device.live")}
}

// moment writes a time, or a dash where there is none.
func moment(w views.Words, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.DateTime(t)
}

// VisitorCard is what staff see of a visitor.
type VisitorCard struct {
	Visitor  kaopass.Visitor
	Enrolled bool
	Alike    bool // somebody resembles them: tills always ask for the code
	Twice    bool // they seem to have been registered before
	Consents map[kaopass.Purpose]kaopass.Consent
	Tickets  []kaopass.Ticket
	Recent   []kaopass.Event
	Guardian *kaopass.Guardian // nil: they sign for themselves
}

// VisitorsModel is the search and what it found.
type VisitorsModel struct {
	Page     views.Page
	Query    string
	Searched bool
	Found    []VisitorCard
}

// PrintedTicket is a ticket with the text of its QR code.
type PrintedTicket struct {
	kaopass.Ticket
	QR string
}

// TicketsModel is the form that issues tickets, and what it issued.
type TicketsModel struct {
	Page   views.Page
	Most   int
	Wrong  bool
	Issued []PrintedTicket
}

// EventsModel is the audit log.
type EventsModel struct {
	Page    views.Page
	Events  []kaopass.Event
	Kind    string
	Reason  kaopass.Reason
	Subject string
	Since   string
	Older   string // empty: no more
	CSV     string
}

// outcome is an event's result in a word, with the colour that goes with it.
func outcome(w views.Words, e kaopass.Event) views.Tag {
	switch {
	case e.Decision == kaopass.Admit:
		return views.Tag{Kind: views.Good, Text: w.Short(kaopass.Admitted)}
	case e.Status == kaopass.Captured, e.Status == kaopass.Authorised:
		return views.Tag{Kind: views.Good, Text: w.T("console.status." + string(e.Status))}
	case e.Decision == kaopass.AskStaff:
		return views.Tag{Kind: views.Help, Text: w.Short(e.Reason)}
	case e.Reason != "":
		return views.Tag{Kind: views.Again, Text: w.Short(e.Reason)}
	case e.Status != "":
		return views.Tag{Kind: views.Info, Text: w.T("console.status." + string(e.Status))}
	}
	return views.Tag{}
}

// StaffModel is the staff list; Password is there in the one answer that shows it.
type StaffModel struct {
	Page            views.Page
	Staff           []kaopass.Staff
	Form            kaopass.Staff
	Wrong           bool
	Added, Password string
}

func itoa(n int) string { return strconv.Itoa(n) }

func yenDigits(n int64) string { return strconv.FormatInt(n, 10) }
