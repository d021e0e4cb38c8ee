package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// File is the data key of one file that is too large to be sealed in one piece. Like a person's key it is kept wrapped
// and apart from what it seals: destroying that one row turns the file into noise, wherever it was copied to.
type File struct {
	key *subtle.AESGCMHKDF
}

const (
	fileKey        Use = "file key"
	fileKeySize        = 32      // AES-256, derived anew for each file (HKDF-SHA256)
	fileSegment        = 1 << 20 // bytes that are sealed, and checked, at once
	fileDerivation     = "SHA256"
)

// NewFile makes a data key for a file of this name, and its wrapped form, to be stored.
func (v *Venue) NewFile(name string) (f *File, wrapped []byte, err error) {
	raw := make([]byte, fileKeySize)
	rand.Read(raw) // never fails (crypto/rand, since Go 1.24)
	if wrapped, err = v.Seal(fileKey, name, raw); err != nil {
		return nil, nil, err
	}
	f, err = newFile(raw)
	return f, wrapped, err
}

// File unwraps a file's data key: ErrSealed where it is not that of a file of this name.
func (v *Venue) File(name string, wrapped []byte) (*File, error) {
	raw, err := v.Open(fileKey, name, wrapped)
	if err != nil {
		return nil, err
	}
	return newFile(raw)
}

func newFile(raw []byte) (*File, error) {
	key, err := subtle.NewAESGCMHKDF(raw, fileDerivation, fileKeySize, fileSegment, 0)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &File{key: key}, nil
}

// String hides the key from every print.
func (f *File) String() string { return "seal.File(hidden)" }

// GoString hides the key from %#v.
func (f *File) GoString() string { return f.String() }

// Seal answers a writer whose bytes reach w sealed and bound to head, which is not written; Close it to seal the end.
func (f *File) Seal(w io.Writer, head []byte) (io.WriteCloser, error) {
	out, err := f.key.NewEncryptingWriter(w, head)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out, nil
}

// Open answers a reader of what Seal wrote under the same head. Each piece is checked before it is handed out, and the
// end is sealed too: a reader that has come to io.EOF has read all of it. Any other bytes are ErrSealed.
func (f *File) Open(r io.Reader, head []byte) (io.Reader, error) {
	in, err := f.key.NewDecryptingReader(r, head)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrSealed, err) //nolint:errorlint // what tink calls it is for the log alone
	}
	return fileReader{in}, nil
}

type fileReader struct{ io.Reader }

func (r fileReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %v", ErrSealed, err) //nolint:errorlint // see Open
	}
	return n, err
}
