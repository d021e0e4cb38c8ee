package main

import (
	"errors"
	"os"
)

// benchCommands measure this machine; each answers one question about speed.
type benchCommands struct {
	Face   benchFace   `cmd:"" help:"What reading a face costs, and how much of it the models alone cost. Example: kaopass bench face --json"`
	Admit  benchAdmit  `cmd:"" help:"How many people a gate admits, over HTTP, beside what the models alone allow. Example: kaopass bench admit --json"`
	Pay    benchPay    `cmd:"" help:"How many payments a second the ledger takes, beside TPC-B of the same server. Example: kaopass bench pay --json"`
	Start  benchStart  `cmd:"" help:"How soon a venue of many people is ready, from its snapshot and from its database. Example: kaopass bench start --n 1200000 --json"`
	Search benchSearch `cmd:"" help:"How fast and how exactly somebody is found among many, beside a float32 search of everyone. Example: kaopass bench search --n 1200000 --json"`
	Attack benchAttack `cmd:"" help:"What simulated replays and prints come to, by kind. Example: kaopass bench attack --images faces --json"`
}

// elsewhere is the configuration of a venue that lives in a temporary folder, on a database and a port of its own: what a
// benchmark measures is never the operator's. gone takes the folder away.
func (c Config) elsewhere() (_ Config, gone func() error, err error) {
	dir, err := os.MkdirTemp("", "kaopass-bench-")
	if err != nil {
		return c, nil, err
	}
	gone = func() error { return os.RemoveAll(dir) }
	c.Data, c.Database, c.Owner, c.Addr, c.Seed, c.LAN = dir, "", "", "127.0.0.1:0", false, false
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the database's own user has to reach its files in it
		return c, nil, errors.Join(err, gone())
	}
	return c, gone, nil
}
