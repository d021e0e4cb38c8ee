package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// snapshotFile is the gallery's file in the data folder. It may be deleted at any time: a start takes longer then.
const snapshotFile = "gallery.snapshot"

// How a snapshot is kept. An erasure destroys its key at once; the file itself is written anew within spoiledFor and
// the time that writing takes.
const (
	snapshotLook   = 5 * time.Second
	spoiledFor     = 30 * time.Second
	lastSaveWithin = 10 * time.Second
	reachedWithin  = 30 * time.Second
	reachedLook    = 20 * time.Millisecond
)

// snapshots keeps the gallery's file.
type snapshots struct {
	path    string
	every   time.Duration // 0: no file is kept
	spoiled atomic.Bool   // somebody left the gallery since the file was begun

	mu      sync.Mutex // one save at a time
	changes int64      // of the gallery when the file was begun
	tried   time.Time
	savedAt atomic.Pointer[time.Time] // nil: there is no file that could be opened
}

// loadSnapshot fills the gallery from the file and catches up from the feed; or it says why the file is not used.
func (p *program) loadSnapshot(ctx context.Context) (seq int64, no db.SnapshotRefusal, err error) {
	if p.snapshots.every == 0 {
		return 0, db.SnapshotNone, nil
	}
	if p.faces.Former() != "" {
		return 0, db.SnapshotModel, nil // it holds those of the model in force only
	}
	s, no, err := p.store.LoadSnapshot(ctx, p.snapshots.path, p.faces.Model(), p.faces.ReadGallery)
	if no != "" || err != nil {
		return 0, no, err
	}
	p.snapshots.savedAt.Store(&s.At)
	seq, err = p.store.CatchUp(ctx, kaopass.ForPayment, s.Seq, func(change kaopass.TemplateChange) error {
		p.faces.Apply(change)
		return nil
	})
	return seq, "", err
}

// keepSnapshot writes the file while the venue is open, whenever it would say something new.
func (p *program) keepSnapshot(ctx context.Context) {
	if p.snapshots.every > 0 {
		p.background(ctx, snapshotLook, p.saveSnapshotIfDue)
	}
}

func (p *program) saveSnapshotIfDue(ctx context.Context) {
	s := &p.snapshots
	s.mu.Lock()
	since, changed := time.Since(s.tried), p.faces.GalleryChanges() != s.changes
	s.mu.Unlock()
	old := false // its key is not kept for ever
	if at := s.savedAt.Load(); at != nil {
		old = time.Since(*at) > db.SnapshotWithin/2
	}
	if since >= s.every && (changed || old) || since >= spoiledFor && s.spoiled.Load() {
		p.saveSnapshot(ctx)
	}
}

// saveSnapshot writes the file now. What goes wrong is said and tried again: a snapshot is never worth a halt.
func (p *program) saveSnapshot(ctx context.Context) {
	s := &p.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = time.Now()
	s.spoiled.Store(false) // before the file is begun: who leaves now spoils it
	s.changes = p.faces.GalleryChanges()
	source := db.GallerySource{Model: p.faces.Model(), Reached: p.reached, Write: p.faces.WriteGallery}
	made, saved, err := p.store.SaveSnapshot(ctx, s.path, source)
	switch {
	case err != nil && ctx.Err() == nil:
		slog.Error("writing the gallery's snapshot", "err", err)
		s.changes = -1 // so that it is tried again
	case saved:
		s.savedAt.Store(&made.At)
		slog.Info("snapshot of the gallery written", "people", p.faces.GallerySize(kaopass.ForPayment), "took", time.Since(s.tried))
	case err == nil:
		s.spoiled.Store(true) // somebody left while it was written
	}
}

// saveLast writes the file a last time before the program stops, so that the next start is a quick one.
func (p *program) saveLast() {
	if p.faces == nil || !p.faces.GalleryOpen() || p.snapshots.every == 0 {
		return
	}
	p.snapshots.mu.Lock()
	current := p.snapshots.changes == p.faces.GalleryChanges() && !p.snapshots.spoiled.Load()
	p.snapshots.mu.Unlock()
	if current {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastSaveWithin)
	defer cancel()
	p.saveSnapshot(ctx)
}

// reached waits until the gallery has followed the feed up to seq.
func (p *program) reached(ctx context.Context, seq int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, reachedWithin)
	defer cancel()
	for {
		if now := p.faces.GallerySeq(); now >= seq {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("the feed is held up: %w", ctx.Err())
		case <-time.After(reachedLook):
		}
	}
}

// useSnapshots names the file; where none is to be kept, an old one goes.
func (p *program) useSnapshots() error {
	p.snapshots.path, p.snapshots.every = filepath.Join(p.cfg.Data, snapshotFile), p.cfg.SnapshotEvery
	if p.snapshots.every > 0 {
		return nil
	}
	if err := os.Remove(p.snapshots.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// snapshotAge is how old the file is in seconds, 0 where there is none.
func (p *program) snapshotAge() float64 {
	if at := p.snapshots.savedAt.Load(); at != nil && !p.snapshots.spoiled.Load() {
		return time.Since(*at).Seconds()
	}
	return 0
}
