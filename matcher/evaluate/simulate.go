package evaluate

import (
	"context"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Simulation is a venue of many people, most of them made up, and what each step of the till's rule gives there.
type Simulation struct {
	Population int    `json:"population"`
	OnSite     int    `json:"on_site"`
	Method     string `json:"method"` // in words

	Real      int       `json:"real"` // people of the population who are real
	Generator Generator `json:"generator"`
	Steps     []Step    `json:"steps"`

	Extrapolated []Extrapolated `json:"extrapolated"`
}

// Generator says how strangers were made up, and how far they are to be trusted.
type Generator struct {
	FittedTo int     `json:"fitted_to"` // people
	Checks   []Check `json:"checks"`    // on people it was not fitted to
}

// Check compares, at one share of real strangers, real ones with made-up ones.
type Check struct {
	FMR   float64 `json:"fmr"`
	Real  float64 `json:"real"`  // cosine that so many real strangers reach
	Made  float64 `json:"made"`  // cosine that so many made-up ones reach
	Ratio float64 `json:"ratio"` // made-up ones that reach Real, over real ones
}

// Step is what a rule gives: shares of searches by the enrolled, and by strangers.
type Step struct {
	Name     string `json:"name"`
	Searched int    `json:"searched"` // people
	Probes   int    `json:"probes"`   // searches by the enrolled
	Strange  int    `json:"strangers"`

	FaceOnly float64 `json:"face_only"` // the enrolled who pay by the face alone
	AskCode  float64 `json:"ask_code"`  // who are on the short list and asked for the code
	NotFound float64 `json:"not_found"` // who are not on the short list
	Wrong    float64 `json:"wrong"`     // who are taken for somebody else by the face alone
	FPIR     float64 `json:"fpir"`      // strangers who are taken for somebody by the face alone
	FPIRCode float64 `json:"fpir_code"` // strangers who are, or who guess a code of somebody on the short list
}

// Extrapolated is an operating point that only the tail model knows.
type Extrapolated struct {
	ProbeFrames    int           `json:"probe_frames"`
	TemplateFrames int           `json:"template_frames"`
	FPIR           float64       `json:"fpir"`
	Threshold      float64       `json:"threshold"`
	ThresholdCI95  stat.Interval `json:"threshold_ci95"`
	FNIR           float64       `json:"fnir"`
	FNIRCI95       stat.Interval `json:"fnir_ci95"`
}

func (r *running) simulate(context.Context) (*Simulation, error) { return nil, nil }

func (s *Simulation) table() [][2]string { return nil }
