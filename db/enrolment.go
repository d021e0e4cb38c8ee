package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Enrol is what a capture, a kiosk or an import brings.
type Enrol struct {
	Visitor  kaopass.VisitorID
	Template kaopass.Template
	By       string // "self", "kiosk:<StaffID>" or "import:<reference>"
}

// Enrolled is the outcome: Reason is ConsentMissing or ConsentWithdrawn where no consent stands, else empty.
type Enrolled struct {
	Enrolment kaopass.Enrolment
	Reason    kaopass.Reason
}

// Enrol keeps a face: consent is read under the lock, the template sealed once for each purpose that is consented to,
// and an earlier enrolment of the same visitor replaced.
func (d *DB) Enrol(ctx context.Context, e Enrol) (Enrolled, error) { return Enrolled{}, errUnwritten }

// Import is an assisted enrolment from photos and a signed paper form, as `kaopass enrol` sends it.
type Import struct {
	Name       string
	Contact    string // optional
	Language   kaopass.Language
	Template   kaopass.Template
	Consents   []kaopass.Consent // Method SignedPaper, Mark the form's reference
	TicketQR   string            // optional: QR text or number
	Code       string            // optional: a payment code chosen by the operator; empty: issued at random, not shown
	Wallet     kaopass.Money     // optional first top-up, paid at the desk
	ConsentRef string
}

// Imported is the outcome of an Import. Nothing was changed where Reason is set.
type Imported struct {
	Visitor   kaopass.VisitorID
	Enrolment kaopass.EnrolmentID
	Reason    kaopass.Reason
}

// Import makes a visitor with consents, face, ticket, code and wallet in one transaction, by exactly the portal's rules.
func (d *DB) Import(ctx context.Context, in Import) (Imported, error) {
	return Imported{}, errUnwritten
}

// Templates reads every template that stands for a purpose and answers the event number up to which that is true: the
// first load of the gallery. Follow goes on from there.
func (d *DB) Templates(ctx context.Context, purpose kaopass.Purpose, each func(kaopass.TemplateChange) error) (seq int64, err error) {
	return 0, errUnwritten
}

// FollowTemplates calls each for every template added or removed after seq, in order, until ctx ends. It reconnects by
// itself and never skips (see Follow).
func (d *DB) FollowTemplates(ctx context.Context, seq int64, each func(kaopass.TemplateChange) error) error {
	return errUnwritten
}
