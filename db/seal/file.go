package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// FileName is the venue's one file of keys, in the folder that Load and Make are given. Back it up apart from the
// database: without it what is sealed there is lost, and with both in one place erasure reaches no backup.
const FileName = "venue-keys.json"

// What Load answers where there is nothing to load.
var (
	ErrNoKeys = errors.New("seal: there are no keys in this folder")
	ErrModes  = errors.New("seal: the keys can be read by others than their owner")
)

// file is the form on disk. The keysets are tink's, in clear: the file's mode is what guards them.
type file struct {
	Version int             `json:"version"`
	Master  json.RawMessage `json:"master"` // AES-256-GCM
	Hashes  json.RawMessage `json:"hashes"` // HMAC-SHA256 as a PRF
	Ticket  []byte          `json:"ticket"` // Ed25519 seed (RFC 8032)
}

// Load reads the keys in a folder: ErrNoKeys where there are none, ErrModes where others could read them.
func Load(folder string) (*Venue, error) {
	path := filepath.Join(folder, FileName)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoKeys
	}
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: chmod 600 %s", ErrModes, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return read(text)
}

// Make makes keys in a folder that has none, and reads them. Of several at once one wins, and all read the winner's.
func Make(folder string) (*Venue, error) {
	text, err := generate()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := writeOnce(filepath.Join(folder, FileName), text); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return Load(folder)
}

func generate() ([]byte, error) {
	master, err := newKeyset(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	hashes, err := newKeyset(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	_, ticket, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return json.MarshalIndent(file{Version: 1, Master: master, Hashes: hashes, Ticket: ticket.Seed()}, "", "  ")
}

func newKeyset(of *tinkpb.KeyTemplate) ([]byte, error) {
	handle, err := keyset.NewHandle(of)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return text.Bytes(), nil
}

// writeOnce writes a file whole or not at all, readable by its owner only, and leaves one that is already there.
func writeOnce(path string, text []byte) (err error) {
	draft, err := os.CreateTemp(filepath.Dir(path), ".venue-keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(draft.Name())) }()
	_, err = draft.Write(text)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func read(text []byte) (*Venue, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil || f.Version != 1 || len(f.Ticket) != ed25519.SeedSize {
		return nil, errors.New("seal: the file of keys is damaged, or of a newer kaopass")
	}
	master, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Master)))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	hashes, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Hashes)))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	v := &Venue{ticket: ed25519.NewKeyFromSeed(f.Ticket)}
	if v.master, err = aead.New(master); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if v.hashes, err = prf.NewPRFSet(hashes); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return v, nil
}

const keyCheck Use = "key check"

// Check is what the database keeps to recognise these keys by: sealed by one, hashed by the second, and naming the
// third.
func (v *Venue) Check() ([]byte, error) {
	sum, err := v.Hash(keyCheck, string(v.ticket.Public().(ed25519.PublicKey)))
	if err != nil {
		return nil, err
	}
	return v.Seal(keyCheck, "", sum)
}

// Made reports whether these keys made the check.
func (v *Venue) Made(check []byte) bool {
	sum, err := v.Hash(keyCheck, string(v.ticket.Public().(ed25519.PublicKey)))
	if err != nil {
		return false
	}
	kept, err := v.Open(keyCheck, "", check)
	return err == nil && bytes.Equal(kept, sum)
}
