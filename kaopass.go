// Package kaopass is the venue's language: what a visitor, a ticket, a face, a payment and a device are, and the rules
// that decide who walks in and whose money moves.
//
// Everything here is a value or a pure function of values: no clock, no network, no database, and nothing imported but
// the standard library. The other rooms fetch, compare, store and draw; what they may do is decided here.
//
// # Glossary
//
//   - A visitor signs a consent for each purpose (admission, payment), once, and may take each back at any time.
//   - An enrolment is the act of giving one's face; a template is what is kept of it (ISO/IEC 2382-37): vectors, no photo.
//   - A probe is a face in front of a camera now. A candidate is what a comparison says of it. A gallery is the set of
//     templates that a probe is searched in.
//   - At a gate a probe is compared 1:1 with the holder of the ticket shown; the attempt ends in a verdict.
//   - At a till a probe is searched 1:N in the gallery of those who consented to payment; the payment goes through the
//     states of [PaymentStatus], and money moves by a [Transfer], which is never edited.
//   - Every refusal is a [Reason]. Everything that happens is an [Event], and the sequence of events is the only feed.
package kaopass

import (
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Identifiers are opaque outside; inside they are a prefix that names the kind and 26 characters that sort by time.
type (
	VisitorID     string // vis_…
	EnrolmentID   string // enr_…
	TicketID      string // tkt_…
	AdmissionID   string // adm_…
	PaymentID     string // pay_…
	RefundID      string // ref_…
	MethodID      string // pm_…
	AccountID     string // acc_…
	TransferID    string // trf_…
	DeviceID      string // dev_…
	StaffID       string // stf_…
	EventID       string // evt_…
	ChargeID      string // chg_… (what a card company is asked for)
	CalibrationID string // cal_…
	SettlementID  string // stl_…
	SnapshotID    string // snp_… (a file of the gallery, and its key)
	DisputeID     string // dsp_… (a case of "that wasn't me")
)

// Prefix is the part of an identifier that names its kind.
type Prefix string

// The prefixes; those that the device protocol shows are dev_ adm_ pay_ ref_ tkt_ pm_ evt_.
const (
	PrefixVisitor     Prefix = "vis_"
	PrefixEnrolment   Prefix = "enr_"
	PrefixTicket      Prefix = "tkt_"
	PrefixAdmission   Prefix = "adm_"
	PrefixPayment     Prefix = "pay_"
	PrefixRefund      Prefix = "ref_"
	PrefixMethod      Prefix = "pm_"
	PrefixAccount     Prefix = "acc_"
	PrefixTransfer    Prefix = "trf_"
	PrefixDevice      Prefix = "dev_"
	PrefixStaff       Prefix = "stf_"
	PrefixEvent       Prefix = "evt_"
	PrefixCharge      Prefix = "chg_"
	PrefixSettlement  Prefix = "stl_"
	PrefixSnapshot    Prefix = "snp_"
	PrefixCalibration Prefix = "cal_"
	PrefixDispute     Prefix = "dsp_"
)

// crockford is Crockford's base 32 in lower case: no i, l, o, u, so that an id can be read aloud.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID makes an identifier from a moment and ten random bytes, laid out as a ULID: 48 bits of milliseconds, then 80
// random bits, so that rows made one after another lie beside each other in an index.
func NewID(p Prefix, at time.Time, random [10]byte) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMilli())<<16)
	copy(b[6:], random[:])
	return string(p) + base32.NewEncoding(crockford).WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// Is reports whether id has the form that NewID gives to identifiers of this kind.
func (p Prefix) Is(id string) bool {
	body, ok := strings.CutPrefix(id, string(p))
	return ok && len(body) == 26 && strings.Trim(body, crockford) == ""
}

// Language is one of the languages in which a person in front of a device can be spoken to, as a BCP 47 tag.
type Language string

// The languages. A visitor's pages, and what a gate or a till says, exist in all four; staff's pages in Japanese and English.
const (
	Japanese Language = "ja"
	English  Language = "en"
	Chinese  Language = "zh-Hans"
	Korean   Language = "ko"
)

// Languages lists every Language in the order in which a switch shows them.
func Languages() []Language { return []Language{Japanese, English, Chinese, Korean} }

// venueClock is Japan's: nine hours ahead of UTC, all year.
const venueClock = 9 * time.Hour

// VenueDay is the day of the venue that a moment lies in: limits and totals begin anew at its midnight. Until is
// exclusive; both are UTC.
func VenueDay(at time.Time) (from, until time.Time) {
	from = at.UTC().Add(venueClock).Truncate(24 * time.Hour).Add(-venueClock)
	return from, from.Add(24 * time.Hour)
}

// DayEndsAfter is how long after midnight the venue's day is over: whoever came in before that and was not seen leaving
// is counted out. Nobody has to leave through a gate, and a festival's late night is still the evening before.
const DayEndsAfter = 4 * time.Hour

// DayEnd is the last moment up to at, in UTC, at which a day of the venue was over.
func DayEnd(at time.Time) time.Time {
	from, _ := VenueDay(at.Add(-DayEndsAfter))
	return from.Add(DayEndsAfter)
}

// Key is a client's name for one request that changes something (the Idempotency-Key header): the same key from the
// same owner has one outcome, however often it is sent.
type Key struct {
	Owner string   // who made the key: a DeviceID, a VisitorID or a StaffID; keys of two owners never meet
	Name  string   // 1 to KeyMax printable characters; empty means that the caller asked for no protection
	Body  [32]byte // SHA-256 of what was asked (method, path and body); another body under the same name is a mistake
}

// KeyMax is the longest Idempotency-Key, in bytes.
const KeyMax = 255

// KeyKept is how long the outcome of a key is remembered.
const KeyKept = 24 * time.Hour
