package kaopass

import (
	"slices"
	"strings"
	"time"
)

// DisputeState is where a case stands. It leaves open once, and never comes back.
type DisputeState string

// The states of a case.
const (
	DisputeIsOpen  DisputeState = "open"
	DisputePaid    DisputeState = "refunded"  // the money went back
	DisputeTold    DisputeState = "rejected"  // staff answered in words, and nothing was given back
	DisputeRecall  DisputeState = "withdrawn" // it was them after all
	DisputeForgets DisputeState = "erased"    // they deleted their account; the case is bare
)

// Limits of cases.
const (
	DisputesOpenMax  = 10                   // open cases of one visitor
	DisputeWithin    = 120 * 24 * time.Hour // how long after it happened somebody may say that it was not them
	DisputeAnswerIn  = 5 * 24 * time.Hour   // until then staff answer
	DisputeAnswerMax = 500                  // bytes of an answer in words
)

// Dispute is one "that wasn't me": what it is about, who looks after it, and how it ended. It holds nothing of a face,
// and no words of the visitor's.
type Dispute struct {
	ID       DisputeID
	Visitor  VisitorID
	State    DisputeState
	Event    EventID   // what they pointed at
	Kind     EventKind // of that event
	Payment  PaymentID // empty where it was no payment
	Amount   Money     // of the payment, or zero
	Place    string    // where it happened, as it was called then
	Store    Zone      // the till's store; only on the visitor's own list
	At       time.Time // when it happened
	Opened   time.Time
	Due      time.Time // when staff have to have answered
	Assigned StaffID   // empty: nobody yet
	Decided  time.Time
	By       StaffID  // who decided
	Answer   string   // their sentence to the visitor
	Refund   RefundID // where money went back
	Provider string   // the card company's own case of that charge, where there is one
}

// Overdue reports whether staff have let the visitor wait too long.
func (d Dispute) Overdue(now time.Time) bool { return d.State == DisputeIsOpen && now.After(d.Due) }

// Contestable reports whether somebody else may have done it in the visitor's name, so that it can become a case.
func (e Event) Contestable() bool {
	return slices.Contains([]EventKind{AdmissionDecided, PaymentCaptured, PaymentAuthorised, PaymentFaced, PaymentMissed,
		PaymentCoded, PaymentEnded, WalletToppedUp, CodeIssued, MethodAdded, TicketBound, RecoverySent, RecoveryDone}, e.Kind)
}

// DisputeRefusal says why no case can be opened for what happened then, of somebody with that many open ones: empty when
// it can. Payments stop either way.
func DisputeRefusal(happened, now time.Time, open int) Reason {
	switch {
	case now.Sub(happened) > DisputeWithin:
		return DisputeLate
	case open >= DisputesOpenMax:
		return TooManyTries
	}
	return ""
}

// DisputeAnswer tidies a sentence of staff to a visitor; ok is false where nothing, or too much, is said.
func DisputeAnswer(typed string) (answer string, ok bool) {
	answer = strings.TrimSpace(typed)
	return answer, answer != "" && len(answer) <= DisputeAnswerMax
}

// FrozenBy is who stopped somebody's payments, which says who may allow them again.
type FrozenBy string

// Who stops payments.
const (
	FrozenBySelf    FrozenBy = "visitor" // with the switch: they or staff allow them again
	FrozenByStaff   FrozenBy = "staff"   // staff allow them again
	FrozenByDispute FrozenBy = "dispute" // "that wasn't me": they alone, and with a code that was drawn since
)

// ThawRefusal says why payments that were stopped at a moment stay so: empty when they may go on. code is when the
// visitor's payment code was drawn, zero where they have none; own is whether it is they who ask.
func (by FrozenBy) ThawRefusal(own bool, frozen, code time.Time) Reason {
	switch {
	case by == FrozenByStaff && own:
		return ThawByStaff
	case by == FrozenByDispute && !own:
		return ThawBySelf
	case by == FrozenByDispute && !code.After(frozen):
		return CodeNeeded
	}
	return ""
}
