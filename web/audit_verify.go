package main

import (
	"context"
	"errors"
	"fmt"
)

type auditVerify struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass audit verify --help`.
func (auditVerify) Help() string {
	return "Walks the chain that seals the log of events, from its beginning, in one snapshot, while the venue is open. An " +
		"event that was changed, added or removed after it was sealed is a breach, and ends it with status 1.\n\n" +
		"Write the head down elsewhere now and then: it proves later that nothing was cut off the end.\n\n" +
		"Example: kaopass audit verify --json"
}

// Run verifies, and prints what it found.
func (c *auditVerify) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	found, err := s.VerifyEvents(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = out.json(found)
	} else {
		err = out.table([][2]string{{"links", fmt.Sprint(found.Links)}, {"events sealed", fmt.Sprint(found.Events)},
			{"not sealed yet", fmt.Sprint(found.Unsealed)}, {"head", found.Head}, {"breaches", fmt.Sprint(len(found.Breaches))}})
		for _, breach := range found.Breaches {
			out.say("%s", breach)
		}
	}
	if err == nil && !found.OK {
		return errSaid
	}
	return err
}
