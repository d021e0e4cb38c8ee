package kaopass

import "time"

// CalibrationState is where a calibration of the policy stands.
type CalibrationState string

// The states of a calibration. Of each model at most one is in force, and at most one waits.
const (
	CalibrationWaits   CalibrationState = "waiting"  // it would loosen by more than a step: an administrator decides
	CalibrationStands  CalibrationState = "in_force" //
	CalibrationPast    CalibrationState = "past"     // was in force until the next came
	CalibrationDropped CalibrationState = "dropped"  // never was: declined, or a newer one came before anybody decided
)

// CalibrationStep is how far a calibration may lower a threshold by itself, in the unit of the scores (a cosine). A
// gallery that drifts, or somebody who spoils it, moves the policy by no more than that a night without a person.
const CalibrationStep = 0.02

// CalibrationPeople is how many people a gallery needs to calibrate itself: with fewer the share of strangers that a till
// may take for somebody is less than ten of them, and nothing can be said about it.
const CalibrationPeople = 500

// Calibration is what is kept of one measurement of the gallery. It says nothing about any one person.
type Calibration struct {
	ID        CalibrationID
	Made      time.Time
	By        string // StaffID, or "venue" for the night's own
	Model     string
	People    int     // who could be found while it was measured
	Strangers int     // searches that were made
	Twice     int     // pairs left out as one person enrolled twice
	Loosens   float64 // by how much it lowers a threshold at most; negative where it raises all
	State     CalibrationState
	Decided   time.Time // when it came into force or was dropped
	DecidedBy string    // StaffID, or "venue"
	Body      []byte    // the file, as `kaopass evaluate --calibration` writes it
}

// CalibrationVerdict says whether a new calibration comes into force by itself.
func CalibrationVerdict(loosens float64) CalibrationState {
	if loosens <= CalibrationStep { // what is not a number is not
		return CalibrationStands
	}
	return CalibrationWaits
}
