package console

import (
	"cmp"
	"strconv"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// DisputesModel is the worklist of cases.
type DisputesModel struct {
	Page     views.Page
	Now      time.Time
	Ended    bool // those that ended, instead of the open ones
	Disputes []kaopass.Dispute
	Older    string
	Staff    map[kaopass.StaffID]string
}

// DisputeModel is one case and what can be known about it: times, places, tills, codes; nothing of a face.
type DisputeModel struct {
	Page     views.Page
	Now      time.Time
	Key      string // names the refund, so that two taps are one
	Answer   string // typed
	Wrong    string // what stands beside it: why it cannot be so
	Dispute  kaopass.Dispute
	Visitor  kaopass.Visitor
	Payment  *kaopass.Payment
	Coded    bool
	Tries    int
	Misses   int
	Device   kaopass.Device
	Steps    []kaopass.Event
	Around   []kaopass.Event
	Alike    bool
	Provider string
	Staff    map[kaopass.StaffID]string
	Me       kaopass.StaffID
}

func (m DisputeModel) open() bool { return m.Dispute.State == kaopass.DisputeIsOpen }

// back is what a refund would give back: nothing where nothing was taken or held.
func (m DisputeModel) back() kaopass.Money {
	if m.Dispute.Kind == kaopass.WalletToppedUp {
		return m.Dispute.Amount // or as much of it as the wallet has
	}
	if m.Payment == nil {
		return kaopass.Money{}
	}
	switch did, _ := m.Payment.CancelOf(); did {
	case kaopass.DidRefund:
		return kaopass.Money{Currency: m.Payment.Amount.Currency, Value: m.Payment.Captured.Value - m.Payment.Refunded.Value}
	case kaopass.DidRelease:
		return m.Payment.Authorised
	}
	return kaopass.Money{}
}

// refundKey is what the button says: of money that was put in, only what is there can go back.
func (m DisputeModel) refundKey() string {
	if m.Dispute.Kind == kaopass.WalletToppedUp {
		return "console.disputes.refundTopUp"
	}
	return "console.disputes.refund"
}

// disputeKind is what a case is about, in a word: only what can be contested has one ([kaopass.Event.Contestable]).
func disputeKind(w views.Words, kind kaopass.EventKind) string {
	key := map[kaopass.EventKind]string{kaopass.AdmissionDecided: "entry", kaopass.PaymentAuthorised: "held", kaopass.PaymentMissed: "code",
		kaopass.WalletToppedUp: "topUp", kaopass.CodeIssued: "newCode", kaopass.MethodAdded: "card", kaopass.TicketBound: "ticket",
		kaopass.RecoverySent: "account", kaopass.RecoveryDone: "account"}[kind]
	return w.T("console.disputes.kind." + cmp.Or(key, "payment"))
}

// disputeState is a case's state in a word.
func disputeState(w views.Words, d kaopass.Dispute, now time.Time) views.Tag {
	switch {
	case d.Overdue(now):
		return views.Tag{Kind: views.Stop, Text: w.T("console.disputes.overdue")}
	case d.State == kaopass.DisputeIsOpen && d.Assigned == "":
		return views.Tag{Kind: views.Help, Text: w.T("console.disputes.free")}
	case d.State == kaopass.DisputeIsOpen:
		return views.Tag{Kind: views.Again, Text: w.T("console.disputes.taken")}
	}
	return views.Tag{Kind: views.Info, Text: w.T("console.disputes.state." + string(d.State))}
}

func staffName(names map[kaopass.StaffID]string, id kaopass.StaffID) string {
	if id == "" {
		return "–"
	}
	return orDash(names[id])
}

// LockModel is whether a till is locked, what was tried at it, and how it was unlocked before.
type LockModel struct {
	Locks   []TillLock
	Tries   []TriesLine
	Cleared []Clearing
}

// TriesLine is how often something was tried at a till of late: at Most nothing is taken any more.
type TriesLine struct {
	Reason  kaopass.Reason // CodeWrong or NotLive
	N, Most int
	Within  time.Duration
}

func (l TriesLine) name(w views.Words) string {
	if l.Reason == kaopass.NotLive {
		return w.T("console.lock.liveless")
	}
	return w.T("console.lock.codes")
}

func (l TriesLine) text(w views.Words) string {
	key := "console.lock.left"
	if l.N >= l.Most {
		key = "console.lock.leftNone"
	}
	return w.With(key, views.Args{"N": itoa(l.N), "Most": itoa(l.Most), "Left": itoa(max(l.Most-l.N, 0)), "Window": itoa(int(l.Within.Minutes()))})
}

// Clearing is how a till was unlocked.
type Clearing struct {
	At     time.Time
	By     string
	Reason kaopass.Reason
	Tries  int
	Why    string
}

// TillLock is a till that takes no payment for a while.
type TillLock struct {
	Device       kaopass.DeviceID
	Name         string
	Zone         kaopass.Zone
	Reason       kaopass.Reason
	Tries        int
	Since, Until time.Time
}

// LimitsModel is the limits in force, and the tills that are locked.
type LimitsModel struct {
	Page      views.Page
	Limits    kaopass.Limits
	Since     time.Time // zero: the standard ones
	Wrong     string    // the field that cannot be so
	Locks     []TillLock
	MayChange bool
	MayClear  bool
}

// LimitLine is one limit: what a form calls it, what it is, and the most that it may be.
type LimitLine struct {
	Name  string
	Value int64
	Most  int64
	Yen   bool
}

func (l LimitLine) value(w views.Words) string {
	if l.Yen {
		return w.Yen(kaopass.Yen(l.Value))
	}
	return w.Number(l.Value)
}

func (l LimitLine) digits() string { return strconv.FormatInt(l.Value, 10) }

func (m LimitsModel) lines() []LimitLine {
	l := m.Limits
	return []LimitLine{
		{"payment", l.Payment, kaopass.PaymentMax, true},
		{"code_from", l.CodeFrom, kaopass.CodeAbove, true},
		{"hour_count", int64(l.HourCount), kaopass.PaceMax, false},
		{"hour_sum", l.HourSum, kaopass.PaymentDayMax, true},
		{"day_count", int64(l.DayCount), kaopass.PaceMax, false},
		{"day_sum", l.DaySum, kaopass.PaymentDayMax, true},
		{"till_minute", int64(l.TillMinute), kaopass.PaceMax, false},
		{"till_hour", int64(l.TillHour), kaopass.PaceMax, false},
	}
}

func (m LimitsModel) wrong(w views.Words, l LimitLine) string {
	if m.Wrong != l.Name {
		return ""
	}
	return w.With("console.limits.wrong", views.Args{"Most": w.Number(l.Most)})
}
