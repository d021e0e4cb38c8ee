package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// The night's measurement.
const (
	calibrateNever = "never"
	turnWithin     = 6 * time.Hour // nobody measures again so soon
	// onSitePart is the part of the people who are taken to be on the site when a calibration is compared with the one
	// before: at night nobody is there.
	onSitePart = 8
)

// calibrations follows the calibration in force, and measures the gallery each night. Where somebody named a file that
// file stays in force, and nothing is measured.
func (p *program) calibrations(ctx context.Context) {
	if p.cfg.Calibration != "" {
		return
	}
	if p.faces.Policy().Foreign {
		slog.Warn("the shipped calibration is of another model: nobody pays by the face alone until this gallery is calibrated",
			"model", p.faces.Model())
	}
	p.work.Go(func() {
		if err := p.store.FollowCalibrations(ctx, p.faces.Model(), p.useCalibration); ctx.Err() == nil {
			p.fail(fmt.Errorf("following the calibration: %w", err))
		}
	})
	if p.cfg.CalibrateAt != calibrateNever {
		p.work.Go(func() { p.everyNight(ctx) })
	}
}

// useCalibration puts a calibration in force in this process. One that cannot be used is said, and the one before stays:
// gates and tills go on.
func (p *program) useCalibration(c kaopass.Calibration) error {
	found, err := matcher.ReadCalibration(bytes.NewReader(c.Body))
	if err == nil {
		err = p.faces.Calibrate(found)
	}
	if err != nil {
		slog.Error("a calibration of the database is not used", "id", c.ID, "err", err)
		return nil
	}
	slog.Info("calibration in force", "id", c.ID, "people", c.People, "by", c.DecidedBy)
	return nil
}

// everyNight measures at the configured time of the venue's clock until ctx ends; of several servers one does.
func (p *program) everyNight(ctx context.Context) {
	for {
		at, err := nextAt(time.Now(), p.cfg.CalibrateAt)
		if err != nil {
			return // AfterApply has checked it
		}
		wait := time.NewTimer(time.Until(at))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		over, mine, err := p.store.CalibrationTurn(ctx, at.Add(-turnWithin))
		if err == nil && mine {
			_, err = measureGallery(ctx, p.store, p.faces, byVenue)
			err = errors.Join(err, over())
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("measuring the gallery", "err", err)
		}
	}
}

// byVenue is who acts where no person does.
const byVenue = "venue"

// nextAt is the next moment after now at which the venue's clock shows hh:mm.
func nextAt(now time.Time, clock string) (time.Time, error) {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time of day like 06:30: %w", clock, err)
	}
	from, until := kaopass.VenueDay(now)
	after := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if at := from.Add(after); at.After(now) {
		return at, nil
	}
	return until.Add(after), nil
}

// measureGallery measures what strangers reach in the gallery, and keeps it: it comes into force, or waits for an
// administrator. A gallery that is too small leaves things as they are; the answer's State is empty then.
func measureGallery(ctx context.Context, s *store, faces *matcher.Matcher, by string) (kept kaopass.Calibration, err error) {
	begun := time.Now()
	twice, err := s.TwiceEnrolled(ctx)
	if err != nil {
		return kept, err
	}
	sample := faces.NewSample(matcher.StrangersMax)
	_, err = s.Templates(ctx, kaopass.ForPayment, func(change kaopass.TemplateChange) error {
		sample.Offer(change.Enrolment, change.Template)
		return nil
	})
	if err != nil {
		return kept, err
	}
	base, policy, err := basePolicy(ctx, s, faces)
	if err != nil {
		return kept, err
	}
	shipped, err := matcher.DefaultCalibration()
	if err != nil {
		return kept, err
	}
	found, err := faces.Measure(ctx, sample, twice, shipped)
	if err != nil {
		return kept, err
	}
	kept = kaopass.Calibration{By: by, Model: faces.Model(), People: found.People, Strangers: found.Strangers, Twice: found.Twice}
	if found.Few {
		slog.Info("the gallery is too small to calibrate", "people", found.People, "needed", kaopass.CalibrationPeople)
		return kept, nil
	}
	kept.Loosens = policy.Loosens(found.Calibration, max(found.People/onSitePart, 1), found.People)
	var body bytes.Buffer
	if err := found.Calibration.Write(&body); err != nil {
		return kept, err
	}
	kept.Body = body.Bytes()
	if kept, err = s.KeepCalibration(ctx, kept, base); err != nil {
		return kept, err
	}
	slog.Info("gallery measured", "id", kept.ID, "state", kept.State, "people", kept.People, "strangers", kept.Strangers,
		"left_out", kept.Twice, "took", time.Since(begun).Round(time.Millisecond))
	return kept, nil
}

// basePolicy is the policy that a new calibration is compared with: the one in force in the database, which this process
// may not have heard of yet.
func basePolicy(ctx context.Context, s *store, faces *matcher.Matcher) (base kaopass.CalibrationID, policy matcher.Policy, err error) {
	policy = faces.Policy()
	standing, err := s.CalibrationInForce(ctx, faces.Model())
	if err != nil || standing.ID == "" {
		return "", policy, err
	}
	found, err := matcher.ReadCalibration(bytes.NewReader(standing.Body))
	if err != nil {
		return "", policy, fmt.Errorf("calibration %s: %w", standing.ID, err)
	}
	policy.Calibration, policy.Foreign = found, !found.For(faces.Model())
	return standing.ID, policy, nil
}
