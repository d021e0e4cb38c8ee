package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// SignInCode is a fresh one-time code for its owner's eyes: handed to the messenger, never logged, stored as a keyed hash.
type SignInCode struct {
	Contact    string
	Code       string         // six digits; empty where Reason is set
	Reason     kaopass.Reason // TooManyTries
	RetryAfter time.Duration
}

// Limits of signing in.
const (
	SignInWithin   = 10 * time.Minute // a code's life
	SignInTries    = 5                // wrong tries a code
	SignInPerHour  = 6                // codes an hour and contact
	SessionWithin  = 30 * 24 * time.Hour
	SessionIdle    = 7 * 24 * time.Hour
	CeremonyWithin = 5 * time.Minute // a passkey ceremony
)

// RequestSignIn makes a code for a contact ([kaopass.Contact] already applied).
func (d *DB) RequestSignIn(ctx context.Context, contact string) (SignInCode, error) {
	return SignInCode{}, errUnwritten
}

// SignedIn is a fresh session; Token goes into the cookie and is stored as a hash.
type SignedIn struct {
	Visitor kaopass.Visitor
	Token   string
	New     bool           // the account was made just now
	Reason  kaopass.Reason // SignInCodeWrong, SignInCodeExpired, TooManyTries
}

// SignIn spends a code and opens a session, making the account at the first time.
func (d *DB) SignIn(ctx context.Context, contact, code string, language kaopass.Language) (SignedIn, error) {
	return SignedIn{}, errUnwritten
}

// SignInByPasskey opens a session for the owner of a passkey whose assertion was verified, storing its new counter.
func (d *DB) SignInByPasskey(ctx context.Context, p Passkey) (SignedIn, error) {
	return SignedIn{}, errUnwritten
}

// Assist opens a session for a person at a kiosk: a visitor with this contact (made if unknown), or a fresh account
// without one where contact is empty. The session lasts as long as the kiosk's helper stays with it.
func (d *DB) Assist(ctx context.Context, staff kaopass.Staff, contact string, language kaopass.Language) (SignedIn, error) {
	return SignedIn{}, errUnwritten
}

// Session finds whose token this is: ErrNotFound where it is nobody's or has ended.
func (d *DB) Session(ctx context.Context, token string) (kaopass.Visitor, error) {
	return kaopass.Visitor{}, errUnwritten
}

// SignOut ends a session.
func (d *DB) SignOut(ctx context.Context, token string) error { return errUnwritten }

// SetProfile changes the name and the language.
func (d *DB) SetProfile(ctx context.Context, id kaopass.VisitorID, name string, language kaopass.Language) error {
	return errUnwritten
}

// Freeze stops or allows payments of a visitor; actor is who asked.
func (d *DB) Freeze(ctx context.Context, id kaopass.VisitorID, frozen bool, actor string) error {
	return errUnwritten
}

// Passkey is a WebAuthn credential of a visitor; Data is the credential record of the ceremony's library, as JSON.
type Passkey struct {
	ID      []byte // credential id
	Visitor kaopass.VisitorID
	Name    string
	Data    []byte
	Created time.Time
}

// AddPasskey stores a registered passkey.
func (d *DB) AddPasskey(ctx context.Context, p Passkey) error { return errUnwritten }

// Passkeys lists a visitor's passkeys.
func (d *DB) Passkeys(ctx context.Context, id kaopass.VisitorID) ([]Passkey, error) {
	return nil, errUnwritten
}

// PasskeyByID finds a passkey and its owner.
func (d *DB) PasskeyByID(ctx context.Context, credential []byte) (Passkey, kaopass.Visitor, error) {
	return Passkey{}, kaopass.Visitor{}, errUnwritten
}

// RemovePasskey takes a passkey away.
func (d *DB) RemovePasskey(ctx context.Context, id kaopass.VisitorID, credential []byte) error {
	return errUnwritten
}

// SaveCeremony keeps a WebAuthn ceremony's state for CeremonyWithin and names it.
func (d *DB) SaveCeremony(ctx context.Context, data []byte) (name string, err error) {
	return "", errUnwritten
}

// TakeCeremony gives a ceremony's state back, once.
func (d *DB) TakeCeremony(ctx context.Context, name string) ([]byte, error) { return nil, errUnwritten }

// Profile is everything that the visitor's own pages show, read in one snapshot.
type Profile struct {
	Visitor    kaopass.Visitor
	Consents   map[kaopass.Purpose]kaopass.Consent // the newest for each purpose; Mark left out
	Enrolment  *kaopass.Enrolment                  // nil: no face is kept
	Usable     map[kaopass.Purpose]bool            // a template stands for the purpose
	Tickets    []HeldTicket
	Wallet     *Wallet // nil: not opened
	CodeIssued time.Time
	Passkeys   int
	Recent     []kaopass.Event // the last uses of the face, newest first, at most 5
}

// HeldTicket is a ticket with the text of its QR code.
type HeldTicket struct {
	kaopass.Ticket
	QR string
}

// Profile reads a visitor's own profile.
func (d *DB) Profile(ctx context.Context, id kaopass.VisitorID) (Profile, error) {
	return Profile{}, errUnwritten
}

// Timeline lists what happened to a visitor's face and money: admissions, payments, consents, enrolments, look-ups.
func (d *DB) Timeline(ctx context.Context, id kaopass.VisitorID, page Page) ([]kaopass.Event, string, error) {
	return nil, "", errUnwritten
}

// GiveConsents signs one or two consents; for payment it also opens the wallet. Where a face is kept already, it
// becomes usable for the new purpose in the same transaction.
func (d *DB) GiveConsents(ctx context.Context, id kaopass.VisitorID, consents []kaopass.Consent) error {
	return errUnwritten
}

// Removal is what a withdrawal or an erasure did: the confirmation that stays.
type Removal struct {
	At       time.Time
	Receipt  kaopass.EventID   // the event that proves it
	Purposes []kaopass.Purpose // for which no template stands any more
	KeyGone  bool              // the person's data key was destroyed
}

// Withdraw takes a consent back: the template for that purpose is destroyed; with the last purpose, the person's key.
func (d *DB) Withdraw(ctx context.Context, id kaopass.VisitorID, purpose kaopass.Purpose) (Removal, error) {
	return Removal{}, errUnwritten
}

// EraseFace destroys the person's key and every template, and withdraws both consents; the account stays.
func (d *DB) EraseFace(ctx context.Context, id kaopass.VisitorID) (Removal, error) {
	return Removal{}, errUnwritten
}

// EraseVisitor does what EraseFace does and removes name, contact, passkeys and sessions too; the ledger keeps its
// entries under the bare id, as the law on bookkeeping asks. A wallet with money in it is refused as a StateError.
func (d *DB) EraseVisitor(ctx context.Context, id kaopass.VisitorID) (Removal, error) {
	return Removal{}, errUnwritten
}

// FindVisitors looks visitors up by ticket number, contact or id for a member of staff; the look-up itself is an event
// that the visitor can see.
func (d *DB) FindVisitors(ctx context.Context, staff kaopass.Staff, query string) ([]Profile, error) {
	return nil, errUnwritten
}
