package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// calibrationQueries keeps what the gallery's faces say about scores.
type calibrationQueries struct {
	Lock     *sqlx.Stmt `query:"calibration-lock"`
	Standing *sqlx.Stmt `query:"calibration-standing"`
	Read     *sqlx.Stmt `query:"calibration-read"`
	List     *sqlx.Stmt `query:"calibration-list"`
	Add      *sqlx.Stmt `query:"calibration-add"`
	End      *sqlx.Stmt `query:"calibration-end"`
	Stand    *sqlx.Stmt `query:"calibration-stand"`
	Drop     *sqlx.Stmt `query:"calibration-drop"`
	Newest   *sqlx.Stmt `query:"calibration-newest"`
	Twice    *sqlx.Stmt `query:"calibration-twice"`
	Turn     string     `query:"calibration-turn"` // their text: the lock is of a connection of its own
	TurnOver string     `query:"calibration-turn-over"`
}

type calibrationRow struct {
	ID        kaopass.CalibrationID
	MadeAt    time.Time `db:"made_at"`
	MadeBy    string    `db:"made_by"`
	Model     string
	People    int
	Strangers int
	Twice     int
	Loosens   float64
	State     kaopass.CalibrationState
	DecidedAt stamp  `db:"decided_at"`
	DecidedBy string `db:"decided_by"`
	Body      []byte
}

func (r calibrationRow) calibration() kaopass.Calibration {
	return kaopass.Calibration{ID: r.ID, Made: r.MadeAt.UTC(), By: r.MadeBy, Model: r.Model, People: r.People, Strangers: r.Strangers,
		Twice: r.Twice, Loosens: r.Loosens, State: r.State, Decided: r.DecidedAt.Time, DecidedBy: r.DecidedBy, Body: r.Body}
}

// ErrCalibrationBase says that another calibration came into force since the one that was compared with: compare again.
var ErrCalibrationBase = errors.New("db: another calibration is in force by now")

// KeepCalibration stores a measurement and applies [kaopass.CalibrationVerdict]: it comes into force, or waits for an
// administrator. base is the calibration that Loosens was found against, empty for the shipped one. One that waited is
// dropped: it is older.
func (d *DB) KeepCalibration(ctx context.Context, c kaopass.Calibration, base kaopass.CalibrationID) (out kaopass.Calibration, err error) {
	if c.Model == "" || len(c.Body) == 0 {
		return out, fmt.Errorf("db: a calibration of model %q, %d bytes", c.Model, len(c.Body))
	}
	err = d.tx(ctx, func(t *tx) error {
		standing, err := t.calibrationStanding(c.Model)
		if err != nil {
			return err
		}
		if standing.ID != base {
			return ErrCalibrationBase
		}
		out = c
		out.ID, out.Made = kaopass.CalibrationID(t.newID(kaopass.PrefixCalibration)), t.now
		out.State = kaopass.CalibrationVerdict(c.Loosens)
		if _, err := t.do(t.q.Measured.End, c.Model, kaopass.CalibrationWaits, kaopass.CalibrationDropped, t.now, venueActor); err != nil {
			return err
		}
		if out.State == kaopass.CalibrationStands {
			out.Decided, out.DecidedBy = t.now, venueActor
			if err := t.retire(c.Model, venueActor); err != nil {
				return err
			}
		}
		if _, err := t.do(t.q.Measured.Add, out.ID, out.Made, out.By, out.Model, out.People, out.Strangers, out.Twice, out.Loosens,
			out.State, stamp{out.Decided}, out.DecidedBy, out.Body); err != nil {
			return err
		}
		return t.calibrationEvent(out, out.By)
	})
	return out, err
}

// calibrationStanding locks a model's calibrations and reads the one in force; the zero value where none is.
func (t *tx) calibrationStanding(model string) (kaopass.Calibration, error) {
	if _, err := t.do(t.q.Measured.Lock, model); err != nil {
		return kaopass.Calibration{}, err
	}
	var row calibrationRow
	_, err := t.find(&row, t.q.Measured.Standing, model)
	return row.calibration(), err
}

// retire ends the calibration in force.
func (t *tx) retire(model, actor string) error {
	_, err := t.do(t.q.Measured.End, model, kaopass.CalibrationStands, kaopass.CalibrationPast, t.now, actor)
	return err
}

func (t *tx) calibrationEvent(c kaopass.Calibration, actor string) error {
	kind := kaopass.CalibrationMade
	switch c.State {
	case kaopass.CalibrationStands:
		kind = kaopass.CalibrationForced
	case kaopass.CalibrationDropped:
		kind = kaopass.CalibrationLeft
	}
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Subject: string(c.ID)})
	return err
}

// DecideCalibration is an administrator's word on a calibration that waits: it comes into force, or is dropped. A
// *StateError says that it does not wait any more.
func (d *DB) DecideCalibration(ctx context.Context, id kaopass.CalibrationID, approve bool, staff kaopass.StaffID) (out kaopass.Calibration, err error) {
	err = d.tx(ctx, func(t *tx) error {
		var row calibrationRow
		if err := t.get(&row, t.q.Measured.Read, id); err != nil {
			return err
		}
		if _, err := t.calibrationStanding(row.Model); err != nil {
			return err
		}
		if err := t.get(&row, t.q.Measured.Read, id); err != nil { // again, under the lock
			return err
		}
		if row.State != kaopass.CalibrationWaits {
			return &StateError{Status: string(row.State)}
		}
		out = row.calibration()
		out.State, out.Decided, out.DecidedBy = kaopass.CalibrationDropped, t.now, string(staff)
		change := t.q.Measured.Drop
		if approve {
			if err := t.retire(row.Model, string(staff)); err != nil {
				return err
			}
			out.State, change = kaopass.CalibrationStands, t.q.Measured.Stand
		}
		if err := t.must(change, id, t.now, string(staff)); err != nil {
			return err
		}
		return t.calibrationEvent(out, string(staff))
	})
	return out, err
}

// CalibrationInForce reads a model's calibration; the zero value where the venue has none.
func (d *DB) CalibrationInForce(ctx context.Context, model string) (kaopass.Calibration, error) {
	var row calibrationRow
	err := d.get(ctx, &row, d.q.Measured.Standing, model)
	if errors.Is(err, ErrNotFound) {
		return kaopass.Calibration{}, nil
	}
	return row.calibration(), err
}

// Calibrations reads the newest measurements, newest first.
func (d *DB) Calibrations(ctx context.Context, most int) ([]kaopass.Calibration, error) {
	var rows []calibrationRow
	if err := d.list(ctx, &rows, d.q.Measured.List, most); err != nil {
		return nil, err
	}
	out := make([]kaopass.Calibration, len(rows))
	for i, r := range rows {
		out[i] = r.calibration()
	}
	return out, nil
}

// FollowCalibrations calls each with the calibration of a model that is in force, if there is one, and with every one that
// comes into force afterwards, until ctx ends.
func (d *DB) FollowCalibrations(ctx context.Context, model string, each func(kaopass.Calibration) error) error {
	var seq int64
	if err := d.patiently(ctx, func() error { return d.get(ctx, &seq, d.q.Event.Newest) }); err != nil {
		return err
	}
	tell := func() error {
		var c kaopass.Calibration
		err := d.patiently(ctx, func() (err error) {
			c, err = d.CalibrationInForce(ctx, model)
			return err
		})
		if err != nil || c.ID == "" {
			return err
		}
		return each(c)
	}
	if err := tell(); err != nil {
		return err
	}
	return d.Follow(ctx, seq, func(e kaopass.Event) error {
		if e.Kind != kaopass.CalibrationForced {
			return nil
		}
		return tell()
	})
}

// CalibrationTurn asks whether this process is the one to measure now: no other is at it, and nothing was measured since
// the given moment. Who is told yes calls over when done; a process that dies gives the turn back.
func (d *DB) CalibrationTurn(ctx context.Context, since time.Time) (over func() error, mine bool, err error) {
	conn, err := d.pool.Connx(ctx)
	if err != nil {
		return nil, false, fault(ctx, err)
	}
	give := func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), d.q.Measured.TurnOver)
		return fault(ctx, errors.Join(err, conn.Close()))
	}
	if err := conn.GetContext(ctx, &mine, d.q.Measured.Turn); err != nil || !mine {
		return nil, false, fault(ctx, errors.Join(err, conn.Close()))
	}
	var newest time.Time
	if err := d.get(ctx, &newest, d.q.Measured.Newest); err != nil || !newest.Before(since) {
		return nil, false, errors.Join(err, give())
	}
	return give, true, nil
}

// twiceMost bounds the pairs of enrolments of one person that a measurement leaves out; the rest makes it stricter.
const twiceMost = 200_000

// TwiceEnrolled answers, for each enrolment that is most likely of a person who enrolled before, the others of them:
// those whom a measurement of the gallery leaves out. Whoever said that it was not them is a look-alike, and stays in.
func (d *DB) TwiceEnrolled(ctx context.Context) (map[kaopass.EnrolmentID][]kaopass.EnrolmentID, error) {
	var rows []struct{ Older, Newer kaopass.EnrolmentID }
	if err := d.list(ctx, &rows, d.q.Measured.Twice, twiceMost); err != nil {
		return nil, err
	}
	others := make(map[kaopass.EnrolmentID][]kaopass.EnrolmentID, 2*len(rows))
	for _, r := range rows {
		others[r.Older] = append(others[r.Older], r.Newer)
		others[r.Newer] = append(others[r.Newer], r.Older)
	}
	return others, nil
}
