package main

import "context"

type migrateCommand struct{ Config }

// Help is shown by `kaopass migrate --help`.
func (migrateCommand) Help() string {
	return "Forward only, under a lock: two nodes may start at once. `serve` does it too.\n\nExample: DATABASE_URL=postgres://… kaopass migrate"
}

// Run opens the store, which migrates, and closes it.
func (c *migrateCommand) Run(ctx context.Context, out output) error {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	out.say("The schema is up to date.")
	return s.Close()
}
