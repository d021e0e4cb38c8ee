package evaluate

import "context"

// Simulation is a venue of many people, most of them made up.
type Simulation struct{}

func (r *running) simulate(context.Context) (*Simulation, error) { return nil, nil }

func (s *Simulation) table() [][2]string { return nil }
