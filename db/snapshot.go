package db

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// SnapshotWithin is how long a snapshot of the gallery can be opened; then its key is swept away.
const SnapshotWithin = 7 * 24 * time.Hour

// snapshotQueries keeps the keys of snapshot files.
type snapshotQueries struct {
	Begin      *sqlx.Stmt `query:"snapshot-begin"`
	Spoil      *sqlx.Stmt `query:"snapshot-spoil"`
	KeyAdd     *sqlx.Stmt `query:"snapshot-key-add"`
	KeyRead    *sqlx.Stmt `query:"snapshot-key-read"`
	KeyDrop    *sqlx.Stmt `query:"snapshot-key-drop"`
	KeyDropAll *sqlx.Stmt `query:"snapshot-key-drop-all"`
	KeySweep   *sqlx.Stmt `query:"snapshot-key-sweep"`
	Newest     *sqlx.Stmt `query:"snapshot-newest"`
	Anchor     *sqlx.Stmt `query:"snapshot-anchor"`
	Changed    *sqlx.Stmt `query:"snapshot-changed"`
}

// Snapshot is what a snapshot file of the gallery says of itself, in clear: nothing of a person.
type Snapshot struct {
	Version int                `json:"version"`
	ID      kaopass.SnapshotID `json:"id"`     // names its key
	Model   string             `json:"model"`  // that made the vectors
	Seq     int64              `json:"seq"`    // of the event up to which the body is true
	Anchor  kaopass.EventID    `json:"anchor"` // that event's id: the log of another day or venue has another there
	At      time.Time          `json:"at"`
}

// SnapshotRefusal says why a snapshot is not used; the gallery is then read from the database.
type SnapshotRefusal string

// The refusals, in the order in which they are looked for.
const (
	SnapshotNone    SnapshotRefusal = "no snapshot"
	SnapshotDamaged SnapshotRefusal = "damaged"
	SnapshotVersion SnapshotRefusal = "written by another version"
	SnapshotModel   SnapshotRefusal = "made with another model"
	SnapshotNoKey   SnapshotRefusal = "its key was destroyed" // by an erasure, by age, or it was another venue's
	SnapshotLog     SnapshotRefusal = "the log is another one"
)

// GallerySource is a gallery that can be written to a snapshot.
type GallerySource struct {
	Model string

	// Reached waits until the gallery has followed the feed up to seq, and answers how far it has.
	Reached func(ctx context.Context, seq int64) (int64, error)

	// Write writes a body that is true of that number or later; people may come and go meanwhile.
	Write func(io.Writer) error
}

// SaveSnapshot writes the gallery to a file that only this venue can open, and only until somebody in it may have
// withdrawn: whole or not at all, in place of the one before, whose key it destroys. Saved is false where an erasure
// came while it was written: then there is no snapshot until the next.
//
// The key is there before the body is written, and removals before that are waited for. So whoever is in the file
// stood in the gallery after its key was made, and an erasure after that destroys the key in its own transaction.
func (d *DB) SaveSnapshot(ctx context.Context, path string, g GallerySource) (s Snapshot, saved bool, err error) {
	s = Snapshot{Version: snapshotVersion, Model: g.Model}
	key, newest, err := d.beginSnapshot(ctx, &s)
	if err != nil {
		return s, false, err
	}
	if s.Seq, err = g.Reached(ctx, newest); err == nil {
		err = d.get(ctx, &s.Anchor, d.q.Snapshot.Anchor, s.Seq)
	}
	if err == nil {
		err = writeSnapshot(draftOf(path), s, key, g.Write)
	}
	if err == nil {
		saved, err = d.endSnapshot(ctx, path, s)
	}
	if !saved {
		err = errors.Join(err, removeDraft(path), d.dropSnapshotKey(context.WithoutCancel(ctx), s.ID))
	}
	return s, saved, err
}

// beginSnapshot makes the key. It waits for withdrawals that are under way, and those that come later wait for it, so
// that each is either followed before the body is written or finds the key to destroy.
func (d *DB) beginSnapshot(ctx context.Context, s *Snapshot) (key *seal.File, newest int64, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.do(t.q.Snapshot.Begin); err != nil {
			return err
		}
		var wrapped []byte
		s.ID, s.At = kaopass.SnapshotID(t.newID(kaopass.PrefixSnapshot)), t.now
		if key, wrapped, err = t.keys.NewFile(string(s.ID)); err != nil {
			return err
		}
		if _, err := t.do(t.q.Snapshot.KeyAdd, s.ID, wrapped, t.now); err != nil {
			return err
		}
		return t.get(&newest, t.q.Snapshot.Newest)
	})
	return key, newest, err
}

// endSnapshot puts the draft in place of the file before, if its key still stands, and destroys that file's key.
func (d *DB) endSnapshot(ctx context.Context, path string, s Snapshot) (saved bool, err error) {
	before, _, headErr := readHead(path)
	var wrapped []byte
	err = d.get(ctx, &wrapped, d.q.Snapshot.KeyRead, s.ID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := placeDraft(path); err != nil {
		return false, err
	}
	if headErr != nil {
		return true, nil // there was none, or one that nobody can open: its key goes with its age
	}
	return true, d.dropSnapshotKey(ctx, before.ID)
}

func (d *DB) dropSnapshotKey(ctx context.Context, id kaopass.SnapshotID) error {
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Snapshot.KeyDrop, id)
		return err
	})
}

// spoilSnapshots destroys the key of every snapshot file, as part of a withdrawal: nobody can read the numbers there
// once it is done. The next snapshot is without them.
func (t *tx) spoilSnapshots() error {
	if _, err := t.do(t.q.Snapshot.Spoil); err != nil {
		return err
	}
	_, err := t.do(t.q.Snapshot.KeyDropAll)
	return err
}

// LoadSnapshot opens a snapshot and hands its body to read, which reads to the end; or it says why not. What read made
// of a body that turns out damaged is to be thrown away. [DB.CatchUp] goes on from Seq.
func (d *DB) LoadSnapshot(ctx context.Context, path, model string, read func(io.Reader) error) (s Snapshot, no SnapshotRefusal, err error) {
	file, s, head, no, err := openSnapshot(path)
	if no != "" || err != nil {
		return s, no, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if s.Model != model {
		return s, SnapshotModel, nil
	}
	var wrapped []byte
	switch err := d.get(ctx, &wrapped, d.q.Snapshot.KeyRead, s.ID); {
	case errors.Is(err, ErrNotFound):
		return s, SnapshotNoKey, nil
	case err != nil:
		return s, "", err
	}
	key, err := d.keys.File(string(s.ID), wrapped)
	if err != nil {
		return s, SnapshotNoKey, nil //nolint:nilerr // a row that these keys did not make is no key
	}
	var anchor kaopass.EventID
	if err := d.get(ctx, &anchor, d.q.Snapshot.Anchor, s.Seq); err != nil {
		return s, "", err
	}
	if anchor != s.Anchor {
		return s, SnapshotLog, nil
	}
	if err := readBody(file, key, head, read); err != nil {
		return s, SnapshotDamaged, nil //nolint:nilerr // the refusal says it; the gallery is read elsewhere
	}
	return s, "", nil
}

// CatchUp tells every template that was added or removed after seq as it is now, also where the event that says so is
// one that followers may not read yet: whoever has gone by now is gone when it returns. FollowTemplates goes on from
// the number that it answers.
func (d *DB) CatchUp(ctx context.Context, purpose kaopass.Purpose, seq int64, each func(kaopass.TemplateChange) error) (now int64, err error) {
	return now, d.snapshot(ctx, func(t *tx) error {
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		if err := t.get(&now, t.q.Event.Newest); err != nil {
			return err
		}
		return t.eachTemplate(each, t.q.Snapshot.Changed, purpose, seq)
	})
}
