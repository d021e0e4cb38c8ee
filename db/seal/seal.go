// Package seal holds the venue's keys: what it seals can be read by this venue only, and what is sealed for one person
// and purpose can be read for no other.
//
// A venue has one file of keys ([Open]): an AEAD key that wraps, a PRF key that hashes what has to be found again but
// not read, and the Ed25519 key that signs tickets. Each person has a data key of their own, kept wrapped beside the
// data ([Venue.NewPerson]): destroying that one row turns everything sealed with it into noise, in backups too when
// keys are backed up apart.
package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/kaopass/kaopass"
)

// ErrSealed is the answer to bytes that were not sealed by these keys, for this owner and use.
var ErrSealed = errors.New("seal: not sealed with this key for this use")

// Venue is the venue's keys, ready for use. It is safe for concurrent use and prints nothing of itself.
type Venue struct {
	master tink.AEAD
	hashes *prf.Set
	ticket ed25519.PrivateKey
}

// String hides the keys from every print.
func (v *Venue) String() string { return "seal.Venue(hidden)" }

// GoString hides the keys from %#v.
func (v *Venue) GoString() string { return v.String() }

// Use says what something is sealed or hashed for; it is bound to the bytes, so that nothing can be passed off as
// something else.
type Use string

// bind joins use and owner so that no two pairs give the same bytes.
func (u Use) bind(owner string) []byte { return []byte(string(u) + "\x00" + owner) }

// Seal seals bytes with the venue's key for one use and owner.
func (v *Venue) Seal(use Use, owner string, plain []byte) ([]byte, error) {
	sealed, err := v.master.Encrypt(plain, use.bind(owner))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open reads what Seal wrote for the same use and owner: ErrSealed for anything else.
func (v *Venue) Open(use Use, owner string, sealed []byte) ([]byte, error) {
	plain, err := v.master.Decrypt(sealed, use.bind(owner))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// HashSize is the length of a keyed hash, in bytes.
const HashSize = 32

// Hash is a keyed hash: the same value and use give the same bytes, and without the key neither can be guessed, not even
// where there are only 10,000 values.
func (v *Venue) Hash(use Use, value string) ([]byte, error) {
	sum, err := v.hashes.ComputePrimaryPRF(use.bind(value), HashSize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sum, nil
}

// SignTicket makes the text of a ticket's QR code.
func (v *Venue) SignTicket(id kaopass.TicketID) string { return kaopass.SignTicket(id, v.ticket) }

// ReadTicket answers whose QR code this is, or TicketUnreadable or TicketForged.
func (v *Venue) ReadTicket(text string) (kaopass.TicketID, kaopass.Reason) {
	return kaopass.ReadTicket(text, v.ticket.Public().(ed25519.PublicKey))
}

// Person is one person's data key, ready for use.
type Person struct {
	owner string
	key   *subtle.AESGCM
}

const (
	personKeySize     = 32 // AES-256
	personKey     Use = "person key"
)

// NewPerson makes a data key for a person, and its wrapped form, to be stored.
func (v *Venue) NewPerson(id kaopass.VisitorID) (p *Person, wrapped []byte, err error) {
	raw := make([]byte, personKeySize)
	rand.Read(raw) // never fails (crypto/rand, since Go 1.24)
	if wrapped, err = v.Seal(personKey, string(id), raw); err != nil {
		return nil, nil, err
	}
	p, err = newPerson(id, raw)
	return p, wrapped, err
}

// Person unwraps a person's data key: ErrSealed where it is not this person's.
func (v *Venue) Person(id kaopass.VisitorID, wrapped []byte) (*Person, error) {
	raw, err := v.Open(personKey, string(id), wrapped)
	if err != nil {
		return nil, err
	}
	return newPerson(id, raw)
}

// newPerson uses tink's cipher without a keyset around it: a keyset costs ten times what the decryption does, for each of
// a million people at every start, and the rotation it allows is never wanted of a key that lives and dies with its data.
func newPerson(id kaopass.VisitorID, raw []byte) (*Person, error) {
	key, err := subtle.NewAESGCM(raw)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Person{owner: string(id), key: key}, nil
}

// Seal seals bytes with the person's key, for one use.
func (p *Person) Seal(use Use, plain []byte) ([]byte, error) {
	sealed, err := p.key.Encrypt(plain, use.bind(p.owner))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open reads what Seal wrote for the same person and use: ErrSealed for anything else.
func (p *Person) Open(use Use, sealed []byte) ([]byte, error) {
	plain, err := p.key.Decrypt(sealed, use.bind(p.owner))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
