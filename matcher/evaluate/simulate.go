package evaluate

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/kaopass/kaopass/matcher"
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

	Threshold float64 `json:"threshold"` // cosine from which the face alone is enough; the floor, where c is asked too
	C         float64 `json:"c"`         // the statistic c; under -1 where it is not asked

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

// Of the simulation.
const (
	simulatedMost    = 600  // searches by the enrolled, and by strangers, with each number of frames
	simulatedSample  = 1000 // made-up strangers by whom a venue of such people would set its thresholds
	simulatedFPIR    = 0.01 // share of strangers that thresholds are to let through
	simulatedFewest  = 40   // people that either half must have
	populationMax    = 20_000_000
	codes            = 10_000
	simulationMethod = "%s made-up people, near %s real ones and as far from each other as real ones are; similarities stretched by %d further " +
		"people until their shares of strangers agree. Searches are by %s people whom the generator never saw, with several photos each: once " +
		"as enrolled, once as strangers. Thresholds let 1 %% of strangers through: by the tail model, or as the venue itself would measure them, by " +
		"the 99th of 100 made-up strangers. Whoever is under the threshold and on the short list is asked for the code; a stranger guesses it."
)

// simulate makes up a venue for each number of template frames, and searches it by real people.
func (r *running) simulate(ctx context.Context) (*Simulation, error) {
	if r.options.Population > populationMax || r.options.OnSite > r.options.Population {
		return nil, fmt.Errorf("a population of %d, %d on the site: at most %d, and no more on the site than there are",
			r.options.Population, r.options.OnSite, populationMax)
	}
	fit, judges := r.halves()
	if len(fit) < simulatedFewest || len(judges) < simulatedFewest {
		r.say("too few people to make up others: no simulation")
		return nil, nil
	}
	out := &Simulation{Population: r.options.Population, OnSite: r.options.OnSite, Real: len(judges), Generator: Generator{FittedTo: len(fit)}}
	out.Method = fmt.Sprintf(simulationMethod, thousands(out.Population), thousands(len(fit)), len(judges)/2, thousands(len(judges)))
	made := map[int]*madeUp{}
	for i, c := range r.out.Cells {
		f := Frames{c.ProbeFrames, c.TemplateFrames}
		if made[f.Template] == nil {
			clear(made) // one venue in memory at a time
			m, err := r.makeUp(ctx, fit, f.Template)
			if err != nil {
				return nil, err
			}
			made[f.Template] = m
		}
		steps, err := r.search(ctx, made[f.Template], f, judges, &r.out.Cells[i], out)
		if err != nil {
			return nil, err
		}
		out.Steps = append(out.Steps, steps...)
	}
	for _, c := range r.out.Cells {
		if e, ok := r.extrapolate(c); ok {
			out.Extrapolated = append(out.Extrapolated, e)
		}
	}
	return out, nil
}

// halves parts the people: those whom the generator is fitted to, and those who judge it.
func (r *running) halves() (fit, judges []int) {
	for who := range r.album.people {
		switch {
		case len(r.album.templatesOf(who)) == 0:
		case who%2 == 0:
			fit = append(fit, who)
		default:
			judges = append(judges, who)
		}
	}
	return fit, judges
}

// madeUp is a venue, who made it, and the people it was fitted to.
type madeUp struct {
	venue *venue
	maker *generator
	fit   []int
}

func (r *running) makeUp(ctx context.Context, fit []int, frames int) (*madeUp, error) {
	out := &madeUp{fit: fit, maker: fitGenerator(r.photosOf(fit), frames)}
	var err error
	out.venue, err = openVenue(ctx, out.maker, r.options.Population, r.options.OnSite, r.options.Seed, r.workers, r.say)
	return out, err
}

func (r *running) photosOf(people []int) [][][]float32 {
	out := make([][][]float32, len(people))
	for i, who := range people {
		for _, at := range r.album.templatesOf(who) {
			out[i] = append(out[i], r.album.photos[at].frame)
		}
	}
	return out
}

// pairing is a probe and a template of one real person.
type pairing struct{ probe, template []float32 }

// pairings are at most so many of the judges' probes and templates, people taking turns.
func (r *running) pairings(f Frames, judges []int) []pairing {
	t := r.album.deal(f, r.options.Seed)
	judging := map[int32]bool{}
	for _, who := range judges {
		judging[int32(who)] = true
	}
	at := map[[2]int32]int{}
	for j := range t.templates.len() {
		at[[2]int32{t.templates.owner[j], t.templates.draw[j]}] = j
	}
	var out []pairing
	for draw := range int32(drawsMax) {
		for i := range t.probes.len() {
			j, mated := at[[2]int32{t.probes.owner[i], t.probes.draw[i]}]
			if mated && t.probes.draw[i] == draw && judging[t.probes.owner[i]] && len(out) < simulatedMost {
				out = append(out, pairing{t.probes.at(i), t.templates.at(j)})
			}
		}
	}
	return out
}

// search lets the judges search, and reads every step off what they meet.
func (r *running) search(ctx context.Context, m *madeUp, f Frames, judges []int, c *Cell, out *Simulation) ([]Step, error) {
	real, made, err := r.stretches(ctx, m, f, judges, &out.Generator)
	if err != nil {
		return nil, err
	}
	pairs := r.pairings(f, judges)
	probes, templates := make([][]float32, len(pairs)), make([][]float32, len(pairs))
	for i, p := range pairs {
		probes[i], templates[i] = p.probe, p.template
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	found, err := m.venue.search(ctx, probes, r.workers, r.say)
	if err != nil {
		return nil, err
	}
	strangers := m.strangers(f, r.options.Seed)
	sample, err := m.venue.search(ctx, strangers, r.workers, r.say)
	if err != nil {
		return nil, err
	}
	s := simulated{frames: f, options: r.options, listMin: matcher.DefaultPolicy().ListMin}
	for i, own := range m.venue.means(templates, 0) {
		s.judges = append(s.judges, encounterOf(found[i], real, made))
		s.own = append(s.own, mate{float64(dot(probes[i], templates[i])), real.of(own)})
	}
	for _, x := range sample {
		s.sample = append(s.sample, encounterOf(x, made, made))
	}
	return s.steps(c), nil
}

// strangers are made-up people who are not enrolled, with so many frames before the camera.
func (m *madeUp) strangers(f Frames, seed uint64) [][]float32 {
	random := rand.New(rand.NewPCG(seed, 999_999))
	out := make([][]float32, simulatedSample)
	for i := range out {
		out[i] = m.maker.draw(random)
	}
	return out
}

// extrapolate carries a cell to the population by its tail model alone: FPIR is taken for N times FMR.
func (r *running) extrapolate(c Cell) (Extrapolated, bool) {
	if c.Raw.Tail == nil {
		return Extrapolated{}, false
	}
	p := c.Raw.set.Points([]float64{simulatedFPIR / float64(r.options.Population)}, c.Raw.Tail, r.options.bootstrap())[0]
	return Extrapolated{ProbeFrames: c.ProbeFrames, TemplateFrames: c.TemplateFrames, FPIR: simulatedFPIR,
		Threshold: p.Threshold, ThresholdCI95: p.ThresholdCI95, FNIR: p.FNMR, FNIRCI95: p.FNMRCI95}, true
}

func (s *Simulation) table() [][2]string {
	if s == nil {
		return nil
	}
	rows := [][2]string{{"", ""}, {"a venue of " + thousands(s.Population), thousands(s.OnSite) + " on the site; " + s.Method}}
	for _, x := range s.Steps {
		rows = append(rows, [2]string{"  " + x.Name, fmt.Sprintf("face alone %s, code %s, not found %s, somebody else %s; strangers %s, with a guessed code %s",
			Percent(x.FaceOnly), Percent(x.AskCode), Percent(x.NotFound), Percent(x.Wrong), Percent(x.FPIR), Percent(x.FPIRCode))})
	}
	for _, c := range s.Generator.Checks {
		rows = append(rows, [2]string{"  made up over real", fmt.Sprintf("%.2f at FMR %s", c.Ratio, share(c.FMR))})
	}
	for _, e := range s.Extrapolated {
		rows = append(rows, [2]string{fmt.Sprintf("  %d against %d by the tail", e.ProbeFrames, e.TemplateFrames), fmt.Sprintf("FPIR %s from %.3f (%.3f to %.3f): refused %s (%s)",
			Percent(e.FPIR), e.Threshold, e.ThresholdCI95[0], e.ThresholdCI95[1], Percent(e.FNIR), between(e.FNIRCI95))})
	}
	return rows
}

// thousands is a whole number with its thousands apart.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
