package kaopass

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Money is an amount in the minor unit of a currency. The yen has none, so 1200 is ¥1,200.
type Money struct {
	Currency string `json:"currency"` // ISO 4217
	Value    int64  `json:"value"`
}

// JPY is the venue's currency.
const JPY = "JPY"

// Yen makes an amount of yen.
func Yen(n int64) Money { return Money{JPY, n} }

// String writes the amount for a log or a command, e.g. "JPY 1200"; pages write it by locale.
func (m Money) String() string { return m.Currency + " " + strconv.FormatInt(m.Value, 10) }

// AccountKind is what an account is for.
type AccountKind string

// The kinds of account. Only a wallet may never go below zero; the others' signs say who owes whom.
const (
	WalletAccount AccountKind = "wallet" // what the venue owes a visitor
	StoreAccount  AccountKind = "store"  // what the venue owes a store
	TopUpAccount  AccountKind = "topup"  // where top-ups come from: the provider owes the venue
	CardAccount   AccountKind = "card"   // where card payments come from: the provider owes the venue
)

// TransferState is where a two-phase transfer stands. Pending moves to one of the others by a second transfer or by a
// stamp of its own row; a posted transfer is never edited.
type TransferState string

// The states of a transfer.
const (
	Pending  TransferState = "pending"
	Posted   TransferState = "posted"
	VoidedT  TransferState = "voided"
	ExpiredT TransferState = "expired"
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
	PaymentMax    = 50_000             // yen a payment
	PaymentDayMax = 200_000            // yen a visitor and day
	WalletMax     = 300_000            // yen in a wallet
	TopUpMax      = 50_000             // yen a top-up
	CodeAbove     = 10_000             // yen from which the code is always asked
	CodeTries     = 3                  // wrong codes a payment
	FaceTries     = 5                  // refused faces a payment
	PaymentWithin = 3 * time.Minute    // from creation to confirmation
	CaptureWithin = 7 * 24 * time.Hour // from authorisation to capture
	CodeDigits    = 4
)

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
	PayerName  string // initials
	Method     MethodID
	MethodKind MethodKind
	Methods    []MethodOffer // while awaiting confirmation
	Retry      bool          // another photo may help
	Created    time.Time
	Expires    time.Time
	Decided    time.Time // when it was captured, refused or ended
}

// May reports whether the verb makes sense for the payment as it stands.
func (p Payment) May(v PaymentVerb) bool {
	return p.Status.May(v) || v == ShowFace && p.Status == Refused && p.Retry
}

// MethodOffer is a method as a till may show it.
type MethodOffer struct {
	Method
	Covers bool // the balance, or the card as far as we know, is enough
}

// FaceVerdict is the rule of the till after a face: the status to go to, and why where it is refused.
// Consent and frozen are those of the first of the short list.
func FaceVerdict(id Identification, amount Money, consent Consent, frozen bool) (PaymentStatus, Reason) {
	switch {
	case id.Identity == Nobody || len(id.ShortList) == 0:
		return Refused, cmp.Or(id.Reason, FaceUnknown)
	case id.Identity == AskCode || amount.Value >= CodeAbove:
		return AwaitingCode, ""
	}
	if r := ConsentRefusal(consent); r != "" {
		return Refused, r
	}
	if frozen {
		return Refused, PayerFrozen
	}
	return AwaitingConfirmation, ""
}
