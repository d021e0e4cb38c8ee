package db

import (
	"errors"
	"runtime"
	"sync"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// unsealBatch is how many templates a worker unseals at once: enough that handing them over costs nothing.
const unsealBatch = 128

// eachTemplate reads the templates that a statement chooses and calls each for them, one at a time and in no order. One
// core reads while the others unseal: with a million people that is most of a start.
func (t *tx) eachTemplate(each func(kaopass.TemplateChange) error, stmt *sqlx.Stmt, args ...any) (err error) {
	rows, err := t.sql.StmtxContext(t.ctx, stmt).QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	u := unsealers{db: t.DB, each: each, work: make(chan []templateRow, runtime.NumCPU())}
	for range runtime.NumCPU() {
		u.all.Go(u.run)
	}
	batch := make([]templateRow, 0, unsealBatch)
	for rows.Next() && !u.failed() {
		var r templateRow
		if err = rows.Scan((*string)(&r.Enrolment), (*string)(&r.Visitor), (*string)(&r.Purpose), &r.Sealed, &r.Wrapped); err != nil {
			break
		}
		if batch = append(batch, r); len(batch) == unsealBatch {
			u.work <- batch
			batch = make([]templateRow, 0, unsealBatch)
		}
	}
	u.work <- batch
	close(u.work)
	u.all.Wait()
	return errors.Join(err, rows.Err(), u.err)
}

// unsealers share the work of opening templates. What goes wrong first stops them all.
type unsealers struct {
	db   *DB
	each func(kaopass.TemplateChange) error
	work chan []templateRow
	all  sync.WaitGroup

	mu  sync.Mutex // held while each is called
	err error
}

func (u *unsealers) failed() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}

// run unseals batch after batch. After a failure it only empties the queue.
func (u *unsealers) run() {
	for batch := range u.work {
		if u.failed() {
			continue
		}
		changes, err := u.db.changes(batch)
		u.mu.Lock()
		for _, change := range changes {
			if err != nil || u.err != nil {
				break
			}
			err = u.each(change)
		}
		u.err = errors.Join(u.err, err)
		u.mu.Unlock()
	}
}

// changes unseals templates; one that is not there any more was removed.
func (d *DB) changes(rows []templateRow) ([]kaopass.TemplateChange, error) {
	out := make([]kaopass.TemplateChange, len(rows))
	for i, row := range rows {
		out[i] = kaopass.TemplateChange{Enrolment: row.Enrolment, Purpose: row.Purpose}
		if out[i].Removed = row.Sealed == nil || row.Wrapped == nil; out[i].Removed {
			continue
		}
		var err error
		if out[i].Template, err = d.open(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
