package kaopass

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// PaymentStatus is a state of the till's machine (PROTOCOL, "Till").
type PaymentStatus string

// The states of a payment.
const (
	AwaitingFace         PaymentStatus = "awaiting_face"
	AwaitingCode         PaymentStatus = "awaiting_code"
	AwaitingConfirmation PaymentStatus = "awaiting_confirmation"
	Authorised           PaymentStatus = "authorised"
	Captured             PaymentStatus = "captured"
	PartiallyRefunded    PaymentStatus = "partially_refunded"
	Refunded             PaymentStatus = "refunded"
	Refused              PaymentStatus = "refused"
	Declined             PaymentStatus = "declined"
	Cancelled            PaymentStatus = "cancelled"
	Expired              PaymentStatus = "expired"
	Voided               PaymentStatus = "voided"
)

// PaymentVerb is what a till may ask of a payment.
type PaymentVerb string

// The verbs.
const (
	ShowFace  PaymentVerb = "face"
	EnterCode PaymentVerb = "code"
	Confirm   PaymentVerb = "confirm"
	Capture   PaymentVerb = "capture"
	Void      PaymentVerb = "void"
	Cancel    PaymentVerb = "cancel"
	Refund    PaymentVerb = "refund"
)

// May reports whether the verb makes sense in the status; cancel always does (reversal advice is never refused). A
// payment refused for its face takes another face while it has tries left: see [Payment.May].
func (s PaymentStatus) May(v PaymentVerb) bool {
	allowed := map[PaymentVerb][]PaymentStatus{
		ShowFace:  {AwaitingFace},
		EnterCode: {AwaitingCode},
		Confirm:   {AwaitingConfirmation},
		Capture:   {Authorised},
		Void:      {Authorised},
		Refund:    {Captured, PartiallyRefunded},
	}
	return v == Cancel || slices.Contains(allowed[v], s)
}

// Open reports whether the payment still waits for somebody.
func (s PaymentStatus) Open() bool {
	return slices.Contains([]PaymentStatus{AwaitingFace, AwaitingCode, AwaitingConfirmation}, s)
}

// Limits of payments, in force unless the venue configures others.
const (
	PaymentMax     = 50_000             // yen a payment
	PaymentDayMax  = 200_000            // yen a visitor and day
	WalletMax      = 300_000            // yen in a wallet
	TopUpMax       = 50_000             // yen a top-up
	CodeAbove      = 10_000             // yen from which the code is always asked
	CodeTries      = 3                  // wrong codes a payment
	CodeTillTries  = 30                 // wrong codes a till in CodeTillWithin, then TooManyTries
	CodeTillWithin = 10 * time.Minute   //
	FaceTries      = 5                  // refused faces a payment
	PaymentWithin  = 3 * time.Minute    // from creation to confirmation; see PaymentUntil
	CaptureWithin  = 7 * 24 * time.Hour // from authorisation to capture
	CodeDigits     = 4
	CodeHolders    = 300 // people with the same code, at most (DESIGN, section 7)
	OrderRefMax    = 64  // bytes
	RefundWhyMax   = 200 // bytes
)

// PaymentUntil is when a payment that is opened at a moment has to be confirmed: within PaymentWithin, and on the same day of
// the venue. What somebody may spend on a day or in a week is counted by when payments were opened; one that was opened
// before midnight and confirmed after it would be held against the day that begins, and be counted on the day that is over.
func PaymentUntil(opened time.Time) time.Time {
	_, midnight := VenueDay(opened)
	if until := opened.Add(PaymentWithin); until.Before(midnight) {
		return until
	}
	return midnight
}

// MethodKind is how a visitor pays.
type MethodKind string

// The kinds of method.
const (
	EMoney MethodKind = "emoney"
	Card   MethodKind = "card"
)

// Method is one way to pay of one visitor. A card's number never reaches us: Token is the provider's.
type Method struct {
	ID      MethodID
	Kind    MethodKind
	Label   string // "MYAKU wallet", "Visa ••4242"
	Default bool
	Token   string // the provider's name for the card; never shown
	Asked   bool   // the card's bank wants to hear from its owner before it pays again
}

// Payment is a payment as its till sees it.
type Payment struct {
	ID         PaymentID
	Till       DeviceID
	Store      Zone
	Status     PaymentStatus
	Reason     Reason
	Amount     Money
	Authorised Money
	Captured   Money
	Refunded   Money
	OrderRef   string
	Manual     bool // capture is a step of its own
	Payer      VisitorID
	PayerName  string   `json:"-"` // initials; kept for no key, as whoever is erased has none any more
	PayerSays  Language // the language that the payer reads; empty: not known here
	Method     MethodID
	MethodKind MethodKind
	Methods    []MethodOffer `json:"-"` // while awaiting confirmation; kept for no key: a card may go meanwhile
	Retry      bool          // another photo may help
	Created    time.Time
	Expires    time.Time
	Decided    time.Time // when it was captured, refused or ended
}

// May reports whether the verb makes sense for the payment as it stands.
func (p Payment) May(v PaymentVerb) bool {
	return p.Status.May(v) || v == ShowFace && p.Status == Refused && p.Retry
}

// Open reports whether the payment still waits for somebody: also where a face was refused and another may be shown.
func (p Payment) Open() bool { return p.Status.Open() || p.Status == Refused && p.Retry }

// Payer is what the till's rules look at in the person who is about to pay, read under the lock.
type Payer struct {
	Consent Consent // the newest for payment
	Frozen  bool
	Alike   bool  // somebody else who pays resembles them: see [Neighbourhood]
	Today   Money // authorised or captured on this day of the venue, less what was refunded
	Spent   Spent // and how fast
	Own     int64 // yen a day that they allow themselves; 0: no limit of their own

	Minor     bool      // somebody signed for them
	Allowance Allowance // of a minor
	Limits    Limits    // in force at the venue
}

// Refusal says why this person may not pay the amount now: empty when they may.
func (p Payer) Refusal(amount Money) Reason {
	if r := ConsentRefusal(p.Consent); r != "" {
		return r
	}
	switch {
	case p.Frozen:
		return PayerFrozen
	case p.overLimit(amount.Value):
		return LimitExceeded
	}
	return ""
}

// ConfirmRefusal says why this person may not pay the amount at the last step: what [Payer.Refusal] says, or that
// somebody who resembles them was found since their face alone named them, so that the code has to be asked after all.
func (p Payer) ConfirmRefusal(amount Money, coded bool) Reason {
	r := p.Refusal(amount)
	if r == "" && p.Alike && !coded {
		return CodeNeeded
	}
	return r
}

// Candidates are those who may pay, should the code agree: the whole short list where the face alone does not say who
// it is, and only the first where it does.
func (id Identification) Candidates() []EnrolmentID {
	switch n := len(id.ShortList); {
	case id.Identity == Nobody || n == 0:
		return nil
	case id.Identity == Enough:
		return id.ShortList[:1]
	default:
		return id.ShortList[:min(n, ShortListMax)]
	}
}

// Doubted is the identification after a look at whom it names: where that person has look-alikes the face alone names
// nobody, and the code chooses from the whole short list, on which the look-alikes are.
func (id Identification) Doubted(first Payer) Identification {
	if id.Identity == Enough && first.Alike {
		id.Identity = AskCode
	}
	return id
}

// FaceVerdict is the rule of the till after a face: the status to go to, and why where it is refused. The payer is the
// first of the short list, or holds the venue's limits only. Where the code is asked nothing is said of anybody yet: it
// may be somebody else's face.
func FaceVerdict(id Identification, amount Money, first Payer) (PaymentStatus, Reason) {
	id = id.Doubted(first)
	switch {
	case len(id.Candidates()) == 0:
		return Refused, cmp.Or(id.Reason, FaceUnknown)
	case amount.Value > first.Limits.InForce().Payment:
		return Refused, LimitExceeded
	case id.Identity == AskCode || amount.Value >= first.Limits.InForce().CodeFrom:
		return AwaitingCode, ""
	}
	if r := first.Refusal(amount); r != "" {
		return Refused, r
	}
	return AwaitingConfirmation, ""
}

// CodeVerdict is the rule of the till after a code: exactly one of the short list has it, or it was wrong. A wrong one
// counts against the payment, of which earlier is the number of wrong codes so far.
func CodeVerdict(matches, earlier int, amount Money, payer Payer) (PaymentStatus, Reason) {
	switch {
	case matches != 1 && earlier+1 >= CodeTries:
		return Refused, CodeWrong
	case matches != 1:
		return AwaitingCode, CodeWrong
	}
	if r := payer.Refusal(amount); r != "" {
		return Refused, r
	}
	return AwaitingConfirmation, ""
}

// TopUpRefusal says why an amount cannot go into a wallet that holds balance already, with what is on its way there.
func TopUpRefusal(balance, amount Money) Reason {
	if amount.Value > TopUpMax || balance.Value > WalletMax-amount.Value {
		return LimitExceeded
	}
	return ""
}

// CaptureOf says what capturing the asked amount takes and what it releases; zero asks for all. ok is false above what
// was authorised.
func (p Payment) CaptureOf(asked Money) (take, release Money, ok bool) {
	value := cmp.Or(asked.Value, p.Authorised.Value)
	if value < 0 || value > p.Authorised.Value || !p.sameCurrency(asked) {
		return Money{}, Money{}, false
	}
	return p.money(value), p.money(p.Authorised.Value - value), true
}

// RefundOf says what refunding the asked amount gives back and the status after it; zero asks for all that is left. ok
// is false above what is left.
func (p Payment) RefundOf(asked Money) (back Money, then PaymentStatus, ok bool) {
	left := p.Captured.Value - p.Refunded.Value
	value := cmp.Or(asked.Value, left)
	switch {
	case value <= 0 || value > left || !p.sameCurrency(asked):
		return Money{}, p.Status, false
	case value == left:
		return p.money(value), Refunded, true
	}
	return p.money(value), PartiallyRefunded, true
}

// What a cancellation did (PROTOCOL: "the answer says which").
const (
	DidNothing = "nothing"
	DidRelease = "released"
	DidRefund  = "refunded"
)

// CancelOf says what cancelling does to the payment as it stands, and the status after it.
func (p Payment) CancelOf() (did string, then PaymentStatus) {
	switch {
	case p.Status == Authorised:
		return DidRelease, Cancelled
	case p.Status.May(Refund):
		return DidRefund, Refunded
	case p.Open():
		return DidNothing, Cancelled
	}
	return DidNothing, p.Status
}

func (p Payment) money(value int64) Money { return Money{p.Amount.Currency, value} }

func (p Payment) sameCurrency(m Money) bool { return m.Value == 0 || m.Currency == p.Amount.Currency }

// Codes is how many codes there are.
const Codes = 10_000

// PaymentCode makes a code of 16 random bits; ok is false for the few that would make some codes likelier than others:
// draw again. A popular code would undo what the short list is for, so nobody chooses one.
func PaymentCode(random uint16) (code string, ok bool) {
	if random >= 1<<16/Codes*Codes {
		return "", false
	}
	n := int(random) % Codes
	return string([]byte{'0' + byte(n/1000), '0' + byte(n/100%10), '0' + byte(n/10%10), '0' + byte(n%10)}), true
}

// IsPaymentCode reports whether the text has the form of a code.
func IsPaymentCode(s string) bool {
	return len(s) == CodeDigits && strings.Trim(s, "0123456789") == ""
}
