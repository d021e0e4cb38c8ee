package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kaopass/kaopass"
)

// policyCalibrate measures the gallery now, as the server does each night.
type policyCalibrate struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass policy calibrate --help`.
func (policyCalibrate) Help() string {
	return "Measures what strangers reach in the venue's own gallery, as the server does each night: an enrolled picture of " +
		"each of up to 100,000 people is searched among everyone else. The result comes into force, unless it would lower a " +
		"threshold by more than a step: then an administrator decides on the console's page of the policy.\n\n" +
		"It loads the whole gallery first and finds everybody's nearest neighbours; for a million people that takes an hour of " +
		"one core.\n\nExample: kaopass policy calibrate --json"
}

// calibrated is what the command prints.
type calibrated struct {
	ID        kaopass.CalibrationID    `json:"id"`
	State     kaopass.CalibrationState `json:"state"` // empty: too few people
	People    int                      `json:"people"`
	Needed    int                      `json:"people_needed"`
	Strangers int                      `json:"strangers"`
	Twice     int                      `json:"left_out"`
	Loosens   float64                  `json:"loosens"`
	Step      float64                  `json:"step"`
}

// Run measures, and prints what became of it.
func (c *policyCalibrate) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	faces, err := c.openFaces(c.Workers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	over, mine, err := s.CalibrationTurn(ctx, time.Now().Add(time.Minute))
	if err != nil {
		return err
	}
	if !mine {
		return errors.New("the gallery is being measured already")
	}
	defer func() { err = errors.Join(err, over()) }()
	_, err = s.Templates(ctx, kaopass.ForPayment, func(change kaopass.TemplateChange) error {
		faces.Apply(change)
		return nil
	})
	if err != nil {
		return err
	}
	faces.KnowNeighbours(ctx)
	kept, err := measureGallery(ctx, s, faces, byVenue)
	if err != nil {
		return err
	}
	return c.print(out, kept)
}

func (c *policyCalibrate) print(out output, k kaopass.Calibration) error {
	if c.JSON {
		return out.json(calibrated{k.ID, k.State, k.People, kaopass.CalibrationPeople, k.Strangers, k.Twice, k.Loosens, kaopass.CalibrationStep})
	}
	said := map[kaopass.CalibrationState]string{
		kaopass.CalibrationStands: "in force now",
		kaopass.CalibrationWaits: fmt.Sprintf("waits for an administrator: it would lower a threshold by %.3f, more than the step of %.3f",
			k.Loosens, kaopass.CalibrationStep),
		"": fmt.Sprintf("nothing changed: a gallery needs %d people to calibrate itself", kaopass.CalibrationPeople),
	}[k.State]
	return out.table([][2]string{{"people", grouped(k.People)}, {"strangers searched", grouped(k.Strangers)},
		{"left out as one person's", grouped(k.Twice)}, {"result", said}})
}
