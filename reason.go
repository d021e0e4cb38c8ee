package kaopass

import "slices"

// Reason is why an attempt ended as it did. Each is stored with the attempt, counted on the board, and has a sentence
// in every [Language]; the strings are the device protocol's and never change.
type Reason string

// What a gate can say (PROTOCOL, "Gate").
const (
	Admitted         Reason = "admitted"
	TicketUnreadable Reason = "ticket_unreadable"   // not one of our QR codes
	TicketForged     Reason = "ticket_forged"       // one of ours by its form, but not signed by this venue
	TicketUnknown    Reason = "ticket_unknown"      // signed, but not in the book
	TicketRevoked    Reason = "ticket_revoked"      //
	TicketEarly      Reason = "ticket_early"        // not valid yet
	TicketExpired    Reason = "ticket_expired"      //
	TicketUsed       Reason = "ticket_used"         // all its entries are used
	TicketNotForFace Reason = "ticket_not_for_face" // its kind does not go with the face lanes
	ZoneWrong        Reason = "zone_wrong"          // not valid for this gate's zone
	AlreadyInside    Reason = "already_inside"      //
	NotInside        Reason = "not_inside"          //
	NotEnrolled      Reason = "not_enrolled"        // the ticket has no holder, or the holder gave no face
	ConsentMissing   Reason = "consent_missing"     // never given for this purpose
	ConsentWithdrawn Reason = "consent_withdrawn"   //
	FaceNone         Reason = "face_none"           //
	FaceMany         Reason = "face_many"           //
	FaceUnclear      Reason = "face_unclear"        // too small, too dark, blurred
	FaceTurned       Reason = "face_turned"         //
	FaceCovered      Reason = "face_covered"        // mask, hand, sunglasses
	NotLive          Reason = "not_live"            // presentation attack suspected (ISO/IEC 30107)
	FaceMismatch     Reason = "face_mismatch"       // not the ticket's holder
	StaffOverride    Reason = "staff_override"      //
)

// What a till can say beyond the faces above (PROTOCOL, "Till").
const (
	FaceUnknown      Reason = "face_unknown"     // nobody who pays with the face
	PayerFrozen      Reason = "payer_frozen"     // stopped by the visitor or by staff
	LimitExceeded    Reason = "limit_exceeded"   // more than the limits in force allow
	CodeWrong        Reason = "code_wrong"       // no one, or more than one, of the short list has this code
	FundsShort       Reason = "funds_short"      //
	TopUpGone        Reason = "top_up_gone"      // so much of a top-up is not left to be given back
	CardDeclined     Reason = "card_declined"    //
	CardNeedsOwner   Reason = "card_needs_owner" // the bank wants to hear from the card's owner first
	CardUnreachable  Reason = "card_unreachable" // the card company did not answer; nothing was taken
	MethodGone       Reason = "method_gone"      // removed, or never this payer's
	PaymentExpired   Reason = "payment_expired"  //
	PaymentCancelled Reason = "payment_cancelled"
	MethodNotAllowed Reason = "method_not_allowed" // a card, and the guardian has not allowed it
	CodeNeeded       Reason = "code_needed"        // not without the four-digit code: begin again, or draw a new one
	CardUncollected  Reason = "card_uncollected"   // sold, and the card company did not pay: the hold was over, or less than was taken
)

// What "that wasn't me" can say.
const (
	DisputeLate Reason = "dispute_late"  // it is too long ago
	ThawByStaff Reason = "thaw_by_staff" // staff stopped the payments, and staff allow them again
	ThawBySelf  Reason = "thaw_by_self"  // the visitor said that it was not them, and they alone allow payments again
)

// What signing up, enrolling and linking can say.
const (
	SignInCodeWrong   Reason = "sign_in_code_wrong"   //
	SignInCodeExpired Reason = "sign_in_code_expired" //
	TooManyTries      Reason = "too_many_tries"       // come back later; the answer says when
	TicketTaken       Reason = "ticket_taken"         // bound to somebody else
	CaptureExpired    Reason = "capture_expired"      // took longer than a capture may
	FaceChanged       Reason = "face_changed"         // not the same person throughout the capture
	ChallengeMissed   Reason = "challenge_missed"     // the head was not turned as asked
	AgeTooYoung       Reason = "age_too_young"        // a guardian has to agree
)

// Reasons lists every Reason. Words refuses to load where a language has no sentence for one of them.
func Reasons() []Reason {
	return []Reason{Admitted, TicketUnreadable, TicketForged, TicketUnknown, TicketRevoked, TicketEarly, TicketExpired,
		TicketUsed, TicketNotForFace, ZoneWrong, AlreadyInside, NotInside, NotEnrolled, ConsentMissing,
		ConsentWithdrawn, FaceNone, FaceMany, FaceUnclear, FaceTurned, FaceCovered, NotLive, FaceMismatch,
		StaffOverride, FaceUnknown, PayerFrozen, LimitExceeded, CodeWrong, FundsShort, CardDeclined, CardNeedsOwner, CardUnreachable,
		MethodGone, PaymentExpired, PaymentCancelled, SignInCodeWrong, SignInCodeExpired, TooManyTries, TicketTaken,
		CaptureExpired, FaceChanged, ChallengeMissed, AgeTooYoung, MethodNotAllowed, CodeNeeded, DisputeLate,
		ThawByStaff, ThawBySelf, TopUpGone, CardUncollected}
}

// Retry reports whether another photo of the same person, a moment later, may mend it.
func (r Reason) Retry() bool {
	return slices.Contains([]Reason{FaceNone, FaceMany, FaceUnclear, FaceTurned, FaceCovered, NotLive, FaceMismatch,
		FaceUnknown, TicketUnreadable}, r)
}

// OfFace reports whether the face, not the ticket or the money, is what was refused.
func (r Reason) OfFace() bool {
	return slices.Contains([]Reason{FaceNone, FaceMany, FaceUnclear, FaceTurned, FaceCovered, NotLive, FaceMismatch,
		FaceUnknown}, r)
}
