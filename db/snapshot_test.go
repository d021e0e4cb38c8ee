package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// shelf is a gallery of a test's own: who is in it, by name.
type shelf map[kaopass.EnrolmentID]bool

func (s shelf) each(change kaopass.TemplateChange) error {
	if delete(s, change.Enrolment); !change.Removed {
		s[change.Enrolment] = true
	}
	return nil
}

func (s shelf) read(r io.Reader) error {
	clear(s)
	return json.NewDecoder(r).Decode(&s)
}

// source is a gallery that has followed the feed to its end.
func (r *rig) source(people shelf) GallerySource {
	return GallerySource{Model: "test",
		Reached: func(ctx context.Context, seq int64) (int64, error) {
			now, err := r.CatchUp(ctx, kaopass.ForPayment, 0, people.each)
			return max(now, seq), err
		},
		Write: func(w io.Writer) error { return json.NewEncoder(w).Encode(people) }}
}

func (r *rig) save(path string) Snapshot {
	r.Helper()
	s, saved, err := r.SaveSnapshot(r.ctx, path, r.source(shelf{}))
	if r.ok(err); !saved {
		r.Fatal("not saved")
	}
	return s
}

// load answers who is in the file, or why it is not used.
func (r *rig) load(path string) (Snapshot, shelf, SnapshotRefusal) {
	r.Helper()
	people := shelf{}
	s, no, err := r.LoadSnapshot(r.ctx, path, "test", people.read)
	r.ok(err)
	return s, people, no
}

func (r *rig) keysKept() int { r.Helper(); return r.count("SELECT count(*) FROM snapshot_key") }

func TestASnapshotIsReadAndCaughtUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	if _, _, no := r.load(path); no != SnapshotNone {
		t.Error(no)
	}
	me, first := r.visitor(1, "Taro", 0)
	_, stays := r.visitor(2, "Hanako", 0)
	saved := r.save(path)
	_, late := r.visitor(3, "Jiro", 0)
	_, err := r.Enrol(r.ctx, Enrol{Visitor: me, Template: faceOf(9), By: "self"}) // replaces the first
	r.ok(err)
	s, people, no := r.load(path)
	if no != "" || s != saved || !people[first] || !people[stays] || people[late] || s.Seq == 0 || s.Anchor == "" {
		t.Errorf("%+v, %v, %q; saved %+v", s, people, no, saved)
	}
	_, err = r.CatchUp(r.ctx, kaopass.ForPayment, s.Seq, people.each)
	r.ok(err)
	if people[first] || !people[late] || len(people) != 3 {
		t.Error(people)
	}
	fresh := shelf{}
	_, err = r.Templates(r.ctx, kaopass.ForPayment, fresh.each)
	if r.ok(err); fmt.Sprint(fresh) != fmt.Sprint(people) {
		t.Errorf("the snapshot gave %v, the database %v", people, fresh)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if r.save(path); r.keysKept() != 1 {
		t.Error(r.keysKept(), "keys, of one file")
	}
}

// Every way in which a person takes the face back destroys the key in the same transaction; what leaves the payment
// gallery alone does not.
func TestAnErasureDestroysTheSnapshotsKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	for n, take := range []func(kaopass.VisitorID) error{
		func(id kaopass.VisitorID) error { return second(r.Withdraw(r.ctx, id, kaopass.ForPayment)) },
		func(id kaopass.VisitorID) error { return second(r.EraseFace(r.ctx, id)) },
		func(id kaopass.VisitorID) error { return second(r.EraseVisitor(r.ctx, id)) },
	} {
		me, _ := r.visitor(n, "Taro", 0)
		r.save(path)
		r.ok(take(me))
		if _, people, no := r.load(path); no != SnapshotNoKey || len(people) > 0 || r.keysKept() != 0 {
			t.Errorf("way %d: %q, %v, %d keys", n, no, people, r.keysKept())
		}
	}
	me, _ := r.visitor(9, "Hanako", 0)
	r.save(path)
	r.ok(second(r.Withdraw(r.ctx, me, kaopass.ForAdmission)))
	if _, _, no := r.load(path); no != "" {
		t.Error("nobody left the payment gallery:", no)
	}
}

// An erasure that comes while the body is written leaves no file that could be opened.
func TestAnErasureWhileASnapshotIsWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	me, _ := r.visitor(1, "Taro", 0)
	source := r.source(shelf{})
	write := source.Write
	source.Write = func(w io.Writer) error {
		return errors.Join(write(w), second(r.EraseFace(r.ctx, me)))
	}
	if _, saved, err := r.SaveSnapshot(r.ctx, path, source); saved || err != nil {
		t.Error(saved, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) > 0 || err != nil || r.keysKept() != 0 {
		t.Error(left, err, r.keysKept())
	}
}

// A withdrawal that is under way is waited for before the key is made, so the body is written after it was followed.
func TestASnapshotWaitsForAWithdrawalUnderWay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	me, enr := r.visitor(1, "Taro", 0)
	taken, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- r.tx(r.ctx, func(t *tx) error {
			if _, err := t.lockVisitor(me); err != nil {
				return err
			}
			_, err := t.eraseFace(me)
			close(taken)
			<-goOn
			return err
		})
	}()
	<-taken
	saved := make(chan Snapshot, 1)
	go func() { saved <- r.save(path) }()
	for r.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'") == 0 {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	r.ok(<-done)
	<-saved
	if _, people, no := r.load(path); no != "" || people[enr] {
		t.Error(no, people)
	}
}

func TestWhatASnapshotIsNotUsedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "gallery.snapshot")
	r.visitor(1, "Taro", 0)
	r.save(path)
	whole := must(os.ReadFile(path))
	head := func(change func(*Snapshot)) []byte {
		s, old, err := parseHead(bytes.NewReader(whole))
		r.ok(err)
		change(&s)
		text := must(json.Marshal(s))
		out := append([]byte(snapshotMagic), 0, 0, byte(len(text)>>8), byte(len(text)))
		return append(append(out, text...), whole[len(old):]...)
	}
	for what, c := range map[string]struct {
		bytes []byte
		want  SnapshotRefusal
	}{
		"empty":           {nil, SnapshotDamaged},
		"something else":  {[]byte("SQLite format 3"), SnapshotDamaged},
		"a huge head":     {append([]byte(snapshotMagic), 255, 255, 255, 255), SnapshotDamaged},
		"half":            {whole[:len(whole)/2], SnapshotDamaged},
		"without its end": {whole[:len(whole)-1], SnapshotDamaged},
		"and more":        {append(slices.Clone(whole), 0), SnapshotDamaged},
		"a newer version": {head(func(s *Snapshot) { s.Version++ }), SnapshotVersion},
		"another model":   {head(func(s *Snapshot) { s.Model = "other" }), SnapshotModel},
		"another key":     {head(func(s *Snapshot) { s.ID = "snp_other" }), SnapshotNoKey},
		"another log":     {head(func(s *Snapshot) { s.Anchor = "evt_other" }), SnapshotLog},
		"a later number":  {head(func(s *Snapshot) { s.Seq++ }), SnapshotLog},
		"another moment":  {head(func(s *Snapshot) { s.At = s.At.Add(time.Hour) }), SnapshotDamaged}, // bound to the body
	} {
		other := filepath.Join(dir, "other.snapshot")
		r.ok(os.WriteFile(other, c.bytes, 0o600))
		if _, _, no := r.load(other); no != c.want {
			t.Errorf("%s: %q, want %q", what, no, c.want)
		}
	}
	r.clock.turn(SnapshotWithin)
	r.ok(r.Sweep(r.ctx))
	if _, _, no := r.load(path); no != SnapshotNoKey {
		t.Error("too old:", no)
	}
}

// Wherever a byte is changed or the file is cut, it is not used; and nothing of it is.
func TestASnapshotIsWholeOrNotUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	r.visitor(1, "Taro", 0)
	r.save(path)
	whole := must(os.ReadFile(path))
	for i := range whole {
		damaged := slices.Clone(whole)
		damaged[i] ^= 1 << (i % 8)
		for what, text := range map[string][]byte{"changed": damaged, "cut": whole[:i]} {
			r.ok(os.WriteFile(path, text, 0o600))
			if _, _, no := r.load(path); no == "" {
				t.Fatalf("byte %d %s: read", i, what)
			}
		}
	}
	r.ok(os.WriteFile(path, whole, 0o600))
	if _, people, no := r.load(path); no != "" || len(people) != 1 {
		t.Error(people, no)
	}
}

func TestASnapshotOfAnotherVenueIsNotUsed(t *testing.T) {
	t.Parallel()
	r, other := newRig(t), newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	r.visitor(1, "Taro", 0)
	s := r.save(path)
	if _, _, no := other.load(path); no != SnapshotNoKey {
		t.Error(no)
	}
	var wrapped []byte
	r.ok(r.pool.GetContext(r.ctx, &wrapped, "SELECT wrapped FROM snapshot_key"))
	_, err := other.pool.ExecContext(r.ctx, "INSERT INTO snapshot_key VALUES ($1, $2, now())", s.ID, wrapped)
	r.ok(err)
	if _, _, no := other.load(path); no != SnapshotNoKey {
		t.Error("with the row copied over:", no)
	}
}

// A writer that fails leaves the file before as it was, and no key of its own.
func TestASnapshotThatFailsLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	r.visitor(1, "Taro", 0)
	r.save(path)
	full := errors.New("disk full")
	for _, source := range []GallerySource{
		{Model: "test", Reached: r.source(shelf{}).Reached, Write: func(io.Writer) error { return full }},
		{Model: "test", Reached: func(context.Context, int64) (int64, error) { return 0, full }, Write: func(io.Writer) error { return nil }},
	} {
		if _, saved, err := r.SaveSnapshot(r.ctx, path, source); saved || !errors.Is(err, full) {
			t.Error(saved, err)
		}
	}
	if _, people, no := r.load(path); no != "" || len(people) != 1 || r.keysKept() != 1 {
		t.Error(people, no, r.keysKept())
	}
	if left := must(os.ReadDir(filepath.Dir(path))); len(left) != 1 {
		t.Error(left)
	}
}

func TestASnapshotShowsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	me, enr := r.visitor(1, "Taro", 0)
	r.save(path)
	text := string(must(os.ReadFile(path)))
	for _, secret := range []string{string(me), string(enr), "Taro"} {
		if strings.Contains(text, secret) {
			t.Error("in clear:", secret)
		}
	}
}

// A template that does not open stops the load, as ever; so does whoever is told.
func TestALoadStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 300 { // more than one batch
		r.visitor(n, "Taro", 0)
	}
	full := errors.New("full")
	told := 0
	_, err := r.Templates(r.ctx, kaopass.ForPayment, func(kaopass.TemplateChange) error {
		if told++; told == 200 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || told != 200 {
		t.Error(told, err)
	}
	people := shelf{}
	_, err = r.Templates(r.ctx, kaopass.ForPayment, people.each)
	if r.ok(err); len(people) != 300 {
		t.Error(len(people))
	}
	_, err = r.pool.ExecContext(r.ctx, "UPDATE template SET sealed = '\\x00' WHERE enrolment = (SELECT max(enrolment) FROM template)")
	r.ok(err)
	if _, err := r.Templates(r.ctx, kaopass.ForPayment, people.each); err == nil {
		t.Error("a template that nobody sealed was told of")
	}
}

// What a crash leaves, at whatever moment, is the file before with its key, and perhaps a draft that nobody reads.
func TestACrashWhileASnapshotIsWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := filepath.Join(t.TempDir(), "gallery.snapshot")
	_, enr := r.visitor(1, "Taro", 0)
	r.save(path)
	r.visitor(2, "Hanako", 0)
	crashed := Snapshot{Version: snapshotVersion, Model: "test"}
	key, _, err := r.beginSnapshot(r.ctx, &crashed)
	r.ok(err)
	for _, size := range []int{0, 10, 1 << 20} {
		r.ok(writeSnapshot(draftOf(path), crashed, key, func(w io.Writer) error { return second(w.Write(make([]byte, size))) }))
		if _, people, no := r.load(path); no != "" || len(people) != 1 || !people[enr] {
			t.Error(people, no)
		}
	}
	r.ok(placeDraft(path)) // it crashed before the key of the file before was dropped
	if _, _, no := r.load(path); no != SnapshotDamaged || r.keysKept() != 2 {
		t.Error(no, r.keysKept())
	}
	r.save(path)
	if _, people, no := r.load(path); no != "" || len(people) != 2 {
		t.Error(people, no)
	}
}
