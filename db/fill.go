package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// fillQueries puts made-up people into a database of a benchmark's own.
type fillQueries struct {
	Anybody *sqlx.Stmt `query:"fill-anybody"`
	Quietly string     `query:"fill-quietly"` // its text: only a superuser may, and only a benchmark does
	Count   *sqlx.Stmt `query:"fill-count"`
	Analyse string     `query:"fill-analyse"`
}

// fillBatch is how many people are sealed at once and copied together.
const fillBatch = 4096

// filled is one made-up person's rows.
type filled struct {
	visitor, enrolment, model string
	frames                    int
	wrapped, sealed           []byte
}

// Fill puts n made-up people with a template for payment each into an empty database, past every verb and its events, so
// that a start can be measured. It refuses a database that has anybody in it. template is called from several goroutines.
func (d *DB) Fill(ctx context.Context, n int, template func(i int) kaopass.Template) error {
	return d.tx(ctx, func(t *tx) error {
		if err := t.mustBeEmpty(); err != nil {
			return err
		}
		if _, err := t.sql.ExecContext(ctx, t.q.Fill.Quietly); err != nil {
			return err
		}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		for from := 0; from < n; from += fillBatch {
			if err := t.fill(from, min(from+fillBatch, n), template); err != nil {
				return err
			}
		}
		if _, err := t.do(t.q.Fill.Count); err != nil {
			return err
		}
		_, err := t.sql.ExecContext(ctx, t.q.Fill.Analyse)
		return err
	})
}

// fill copies the people numbered from one to another.
func (t *tx) fill(from, to int, template func(i int) kaopass.Template) error {
	rows := make([]filled, to-from)
	var all sync.WaitGroup
	failed := make([]error, runtime.NumCPU())
	for worker := range failed {
		all.Go(func() {
			for i := worker; i < len(rows) && failed[worker] == nil; i += len(failed) {
				rows[i], failed[worker] = t.fillOne(template(from + i))
			}
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for _, table := range []struct {
		name    string
		columns []string
		values  func(filled) []any
	}{
		{"visitor", []string{"id", "language", "created"}, func(r filled) []any {
			return []any{r.visitor, string(kaopass.Japanese), t.now}
		}},
		{"person_key", []string{"visitor", "wrapped"}, func(r filled) []any { return []any{r.visitor, r.wrapped} }},
		{"enrolment", []string{"id", "visitor", "model", "frames", "created", "made_by"}, func(r filled) []any {
			return []any{r.enrolment, r.visitor, r.model, r.frames, t.now, importedBy + "fill"}
		}},
		{"template", []string{"enrolment", "purpose", "sealed", "model"}, func(r filled) []any {
			return []any{r.enrolment, string(kaopass.ForPayment), r.sealed, r.model}
		}},
	} {
		if err := t.copyRows(table.name, table.columns, rows, table.values); err != nil {
			return fmt.Errorf("db: filling %s: %w", table.name, err)
		}
	}
	return nil
}

func (t *tx) fillOne(template kaopass.Template) (r filled, err error) {
	r = filled{visitor: t.newID(kaopass.PrefixVisitor), enrolment: t.newID(kaopass.PrefixEnrolment), model: template.Model, frames: len(template.Frames)}
	var person *seal.Person
	if person, r.wrapped, err = t.keys.NewPerson(kaopass.VisitorID(r.visitor)); err != nil {
		return r, err
	}
	r.sealed, err = t.sealTemplate(person, template, kaopass.ForPayment)
	return r, err
}

// copyRows is PostgreSQL's COPY.
func (t *tx) copyRows(table string, columns []string, rows []filled, values func(filled) []any) (err error) {
	//lint:ignore SA1019 what should replace it is SQL text in a Go file
	in, err := t.sql.PrepareContext(t.ctx, pq.CopyIn(table, columns...))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	for _, r := range rows {
		if _, err := in.ExecContext(t.ctx, values(r)...); err != nil {
			return err
		}
	}
	_, err = in.ExecContext(t.ctx)
	return err
}

// mustBeEmpty refuses a database that has anybody in it.
func (t *tx) mustBeEmpty() error {
	var anybody bool
	if err := t.get(&anybody, t.q.Fill.Anybody); err != nil {
		return err
	}
	if anybody {
		return errors.New("db: only an empty database is filled")
	}
	return nil
}
