package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// NewPayment is what a till opens.
type NewPayment struct {
	Key      kaopass.Key
	Till     kaopass.DeviceID
	Amount   kaopass.Money
	OrderRef string // at most 64 bytes
	Manual   bool   // capture is a step of its own
}

// Outcome is a payment after a verb.
type Outcome struct {
	kaopass.Payment
	Refund   kaopass.RefundID // set by Refund, and by Cancel where it refunded
	Did      string           // set by Cancel: "nothing", "released", "refunded"
	Replayed bool
}

// CreatePayment opens a payment: awaiting_face.
func (d *DB) CreatePayment(ctx context.Context, in NewPayment) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// PaymentFace is a face shown for a payment, already searched.
type PaymentFace struct {
	Key            kaopass.Key
	Till           kaopass.DeviceID
	Payment        kaopass.PaymentID
	Identification kaopass.Identification
	Started        time.Time
}

// PaymentFace applies [kaopass.FaceVerdict] with consent, freeze and limits re-read.
func (d *DB) PaymentFace(ctx context.Context, in PaymentFace) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// PaymentCode compares a four-digit code within the payment's short list: exactly one match, or CodeWrong.
func (d *DB) PaymentCode(ctx context.Context, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, code string) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// ConfirmPayment pays with one of the offered methods: captured, authorised, or declined.
func (d *DB) ConfirmPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, method kaopass.MethodID) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// CapturePayment takes all or a part of what was authorised; the rest is released. Zero: all.
func (d *DB) CapturePayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// VoidPayment releases what was authorised.
func (d *DB) VoidPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// CancelPayment ends a payment from any state and is never refused: what was authorised is released, what was captured
// is refunded; Outcome.Did says which.
func (d *DB) CancelPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// RefundPayment gives back a part or all of what was captured: ErrAmount above what is left. Zero: all that is left.
func (d *DB) RefundPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money, why string) (Outcome, error) {
	return Outcome{}, errUnwritten
}

// Payment reads one payment of a till.
func (d *DB) Payment(ctx context.Context, till kaopass.DeviceID, id kaopass.PaymentID) (kaopass.Payment, error) {
	return kaopass.Payment{}, errUnwritten
}

// Payments lists a till's payments since a moment.
func (d *DB) Payments(ctx context.Context, till kaopass.DeviceID, since time.Time, page Page) ([]kaopass.Payment, string, error) {
	return nil, "", errUnwritten
}

// TillStatus is what a till's staff strip shows.
type TillStatus struct {
	Count    int           // captured today
	Captured kaopass.Money // today
	Refunded kaopass.Money // today
	Recent   []kaopass.Payment
}

// TillStatus reads a till's own figures of the venue's day.
func (d *DB) TillStatus(ctx context.Context, till kaopass.DeviceID) (TillStatus, error) {
	return TillStatus{}, errUnwritten
}

// Expire ends open payments whose time is over and releases authorisations that were never captured; web calls it on a
// timer. It also asks the card company about charges whose outcome is unknown.
func (d *DB) Expire(ctx context.Context, desk CardDesk) (ended int, err error) {
	return 0, errUnwritten
}

// Audit is what `kaopass audit ledger` prints.
type Audit struct {
	OK        bool     `json:"ok"`
	Breaches  []string `json:"breaches"`
	Accounts  int64    `json:"accounts"`
	Transfers int64    `json:"transfers"`
	Payments  int64    `json:"payments"`
	Keys      int64    `json:"keys"`
}

// AuditLedger checks the invariants of the money (db/DESIGN.md lists them), online, in one snapshot.
func (d *DB) AuditLedger(ctx context.Context) (Audit, error) { return Audit{}, errUnwritten }
