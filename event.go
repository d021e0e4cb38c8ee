package kaopass

import (
	"slices"
	"time"
)

// EventKind names what happened: a noun, a dot, a past participle.
type EventKind string

// Every kind of event. What is not in this list does not happen.
const (
	VisitorCreated     EventKind = "visitor.created"
	VisitorErased      EventKind = "visitor.erased"
	VisitorFrozen      EventKind = "visitor.frozen"
	VisitorUnfrozen    EventKind = "visitor.unfrozen"
	ConsentGiven       EventKind = "consent.given"
	ConsentTaken       EventKind = "consent.withdrawn"
	EnrolmentCreated   EventKind = "enrolment.created"
	EnrolmentRefused   EventKind = "enrolment.refused"
	EnrolmentErased    EventKind = "enrolment.erased"
	TemplateAdded      EventKind = "template.added"   // may be found for Purpose
	TemplateRemoved    EventKind = "template.removed" // may no longer
	TemplateGrown      EventKind = "template.grown"   // learned a frame, for Purpose
	TemplateRenewed    EventKind = "template.renewed" // made anew by the model in force, for Purpose
	AlikeMarked        EventKind = "alike.marked"     // somebody who pays resembles them: the code is always asked
	AlikeFreed         EventKind = "alike.freed"      // nobody does any more
	TwiceFound         EventKind = "twice.found"      // the face seems to be registered already
	TwiceDenied        EventKind = "twice.denied"     // they said that it was not them
	RecoveryAsked      EventKind = "recovery.asked"   // they asked for a letter to their first account's address
	RecoverySent       EventKind = "recovery.sent"    // such a letter was written to this account's address
	RecoveryDone       EventKind = "recovery.done"    // they came back to this account, their first
	TicketIssued       EventKind = "ticket.issued"
	TicketBound        EventKind = "ticket.bound"
	TicketBindRefused  EventKind = "ticket.bind_refused"
	TicketRevokedE     EventKind = "ticket.revoked"
	AdmissionDecided   EventKind = "admission.decided"
	AdmissionPassed    EventKind = "admission.passed"
	AdmissionUndone    EventKind = "admission.undone"
	AdmissionPractised EventKind = "admission.practised" // on the own phone
	DayEnded           EventKind = "day.ended"           // whoever is still inside from before is counted out
	WalletToppedUp     EventKind = "wallet.topped_up"
	TopUpRefused       EventKind = "wallet.top_up_refused"
	TopUpReturned      EventKind = "wallet.top_up_returned" // money that was put in went back where it came from
	MethodAdded        EventKind = "method.added"
	MethodRemoved      EventKind = "method.removed"
	MethodChosen       EventKind = "method.chosen"       // a till offers it first
	CardOwnerAsked     EventKind = "card.owner_asked"    // a bank wants to hear from the card's owner (Subject: the method)
	CardOwnerAnswered  EventKind = "card.owner_answered" // they answered: the card pays again
	CardDisputed       EventKind = "card.disputed"       // the payer complained to the bank
	CardDisputeEnded   EventKind = "card.dispute_ended"  // the bank decided
	CardRefundFailed   EventKind = "card.refund_failed"  // it was answered as done, and did not arrive
	CodeIssued         EventKind = "code.issued"
	CodeCalledIn       EventKind = "code.called_in" // a face near theirs has the same: they need another
	PaymentCreated     EventKind = "payment.created"
	PaymentFaced       EventKind = "payment.faced"
	PaymentCoded       EventKind = "payment.coded"
	PaymentMissed      EventKind = "payment.code_missed" // a wrong code after the visitor's face was named
	PaymentAuthorised  EventKind = "payment.authorised"
	PaymentCaptured    EventKind = "payment.captured"
	PaymentEnded       EventKind = "payment.ended" // refused, declined, cancelled, expired or voided: Status says which
	PaymentRefunded    EventKind = "payment.refunded"
	RefundOwed         EventKind = "refund.owed"         // it could not go back the way its payment came
	RefundPaidOut      EventKind = "refund.paid_out"     // at the desk
	PaymentUncollected EventKind = "payment.uncollected" // a card's money did not come: Subject is the payment, or a top-up's charge
	PaymentMadeGood    EventKind = "payment.made_good"   // staff settled that by hand
	SettlementClosed   EventKind = "settlement.closed"   // a store's day, by the venue or by a member of staff
	FeeSet             EventKind = "fee.set"             // of a store, from a day on (Subject)
	SettlementExported EventKind = "settlement.exported" // a member of staff took its lines away
	DayReconciled      EventKind = "day.reconciled"      // somebody held the books of a day (Subject) against each other
	TotalsReported     EventKind = "till.totals_reported"
	ReceiptPrinted     EventKind = "receipt.printed"
	DisputeOpened      EventKind = "dispute.opened"    // "that wasn't me"
	DisputeAssigned    EventKind = "dispute.assigned"  // a member of staff looks after it
	DisputeRefunded    EventKind = "dispute.refunded"  // the money went back
	DisputeRejected    EventKind = "dispute.rejected"  // staff answered in words
	DisputeWithdrawn   EventKind = "dispute.withdrawn" // it was them after all
	LimitsSet          EventKind = "limits.set"        // of the venue
	OwnLimitSet        EventKind = "limits.own_set"    // a visitor's own
	GuardianSigned     EventKind = "guardian.signed"
	AllowanceSet       EventKind = "guardian.allowance_set"
	GuardianEnded      EventKind = "guardian.ended" // grown up
	TillCleared        EventKind = "till.cleared"   // staff let a locked till go on
	DeviceAdded        EventKind = "device.added"
	DeviceClaimed      EventKind = "device.claimed"
	DeviceRolled       EventKind = "device.rolled"
	DeviceRevoked      EventKind = "device.revoked"
	StaffAdded         EventKind = "staff.added"
	StaffSignedIn      EventKind = "staff.signed_in"
	StaffRefused       EventKind = "staff.sign_in_refused"
	StaffLooked        EventKind = "staff.looked_up"     // a member of staff opened a visitor's page
	CalibrationMade    EventKind = "calibration.waiting" // it waits for an administrator
	CalibrationForced  EventKind = "calibration.in_force"
	CalibrationLeft    EventKind = "calibration.dropped"
)

// EntryKinds are what a line of a wallet's history can be: money that moved, and what came to nothing.
func EntryKinds() []EventKind {
	return []EventKind{WalletToppedUp, PaymentCaptured, PaymentAuthorised, PaymentRefunded, PaymentEnded, TopUpRefused,
		CardDisputed, CardDisputeEnded, PaymentUncollected, PaymentMadeGood, RefundOwed, RefundPaidOut, TopUpReturned}
}

// Moves reports whether an entry of that kind is a transfer, which moves money or sets it aside.
func (k EventKind) Moves() bool {
	return slices.Contains([]EventKind{WalletToppedUp, PaymentCaptured, PaymentAuthorised, PaymentRefunded, RefundOwed,
		RefundPaidOut, TopUpReturned}, k)
}

// Event is one entry of the audit log and one line of the live board: the same row. It never holds a face, a template,
// a similarity, a code, a token or a full name.
type Event struct {
	Seq       int64
	ID        EventID
	At        time.Time
	Kind      EventKind
	Actor     string    // the id of who did it: vis_… stf_… dev_… or "venue" for the operator's commands
	Visitor   VisitorID // whom it is about, where it is about a person
	Device    DeviceID  // where it happened, with its name and zone as they were then
	Place     string    // the device's name
	Zone      Zone
	Subject   string // the id of what it is about: adm_… pay_… tkt_… enr_…
	Purpose   Purpose
	Decision  Decision
	Status    PaymentStatus
	Reason    Reason
	Direction Direction // of an admission
	Amount    Money
	Took      time.Duration // the server's time for a decision; 0 where nobody waited
}
