package db

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kaopass/kaopass/db/seal"
)

// A snapshot file is: the magic line, the length of the head (4 bytes, big endian), the head (JSON), and the body as
// [seal.File] seals it, bound to all that stands before it.
const (
	snapshotMagic   = "kaopass gallery\n"
	snapshotVersion = 1
	snapshotHeadMax = 4096
)

// draftOf is where a snapshot is written before it takes its place. There is one writer, so there is one draft; what a
// crash leaves of it is overwritten by the next.
func draftOf(path string) string { return path + ".draft" }

func removeDraft(path string) error {
	if err := os.Remove(draftOf(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeSnapshot writes a whole file, readable by its owner only, and waits until it is on the disk.
func writeSnapshot(path string, s Snapshot, key *seal.File, write func(io.Writer) error) (err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32([]byte(snapshotMagic), uint32(len(text)))
	head = append(head, text...)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(head); err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	body, err := key.Seal(file, head)
	if err != nil {
		return err
	}
	if err := errors.Join(write(body), body.Close()); err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	return file.Sync()
}

// placeDraft renames the draft over the file and waits until the folder knows.
func placeDraft(path string) error {
	if err := os.Rename(draftOf(path), path); err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// openSnapshot opens a file and reads its head; where it answers neither a refusal nor an error, the file is to be
// closed.
func openSnapshot(path string) (file *os.File, s Snapshot, head []byte, no SnapshotRefusal, err error) {
	file, err = os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s, nil, SnapshotNone, nil
	}
	if err != nil {
		return nil, s, nil, "", fmt.Errorf("db: snapshot: %w", err)
	}
	s, head, err = parseHead(file)
	switch {
	case err != nil:
		no = SnapshotDamaged
	case s.Version != snapshotVersion:
		no = SnapshotVersion
	default:
		return file, s, head, "", nil
	}
	return nil, s, nil, no, file.Close()
}

var errHead = errors.New("db: not the head of a snapshot")

// readHead reads the head of the file at path, in clear.
func readHead(path string) (s Snapshot, head []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return s, nil, err
	}
	s, head, err = parseHead(file)
	return s, head, errors.Join(err, file.Close())
}

// parseHead reads what stands before the body, and answers it as it stands there, too.
func parseHead(r io.Reader) (s Snapshot, head []byte, err error) {
	start := make([]byte, len(snapshotMagic)+4)
	if _, err := io.ReadFull(r, start); err != nil || !bytes.HasPrefix(start, []byte(snapshotMagic)) {
		return s, nil, errHead
	}
	size := binary.BigEndian.Uint32(start[len(snapshotMagic):])
	if size > snapshotHeadMax {
		return s, nil, errHead
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return s, nil, errHead
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, nil, errHead
	}
	return s, append(start, text...), nil
}

// readBody unseals the rest of a file and makes sure that it was read to its end: only there is it known to be whole.
func readBody(file io.Reader, key *seal.File, head []byte, read func(io.Reader) error) error {
	body, err := key.Open(file, head)
	if err != nil {
		return err
	}
	if err := read(body); err != nil {
		return err
	}
	switch n, err := io.Copy(io.Discard, body); {
	case err != nil:
		return err
	case n > 0:
		return fmt.Errorf("db: a snapshot with %d bytes left over", n)
	}
	return nil
}
