package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/kaopass/kaopass/matcher"
)

// openFaces opens the matcher, and takes in beside the model in force the one that most other templates were made with:
// those people are recognised as before, and get a template of the model in force at their next visit.
func (p *program) openFaces(ctx context.Context, named *matcher.Calibration) error {
	cfg, err := p.cfg.faces(p.cfg.Workers)
	if err != nil {
		return err
	}
	cfg.QueueMax, cfg.Wait, cfg.Calibration = p.cfg.QueueMax, p.cfg.Wait, named
	if p.faces, err = matcher.Open(cfg); err != nil {
		return err
	}
	made, err := p.store.Models(ctx)
	if err != nil {
		return err
	}
	delete(made, p.faces.Model())
	others := slices.SortedFunc(maps.Keys(made), func(a, b string) int { return made[b] - made[a] })
	for i, model := range others {
		why := "only one former model is compared at a time"
		if i == 0 {
			err := p.faces.Beside(model)
			if err == nil {
				slog.Info("two face models side by side", "former", model, "its_templates", made[model], "in_force", p.faces.Model())
				continue
			}
			why = err.Error()
		}
		slog.Warn("templates that nothing can be compared with: these people have to enrol again", "model", model, "templates", made[model], "why", why)
	}
	return nil
}
