package main

import (
	"context"
	"errors"
	"fmt"
)

type auditCommands struct {
	Ledger auditLedger `cmd:"" help:"Check the money: every account, transfer, payment and key. Example: kaopass audit ledger --json"`
	Verify auditVerify `cmd:"" help:"Check the log of events against its chain of seals. Example: kaopass audit verify --json"`
}

type auditLedger struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass audit ledger --help`.
func (auditLedger) Help() string {
	return "Checks the invariants of the money in one snapshot, while the venue is open: both legs of every transfer, the sum " +
		"of all accounts, every wallet, every payment's state, every request key, every card charge.\n\n" +
		"Names each breach down to its rows, and ends with status 1 where there is one.\n\nExample: kaopass audit ledger --json"
}

// Run checks, and prints what it found.
func (c *auditLedger) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	found, err := s.AuditLedger(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = out.json(found)
	} else {
		err = out.table([][2]string{{"accounts", fmt.Sprint(found.Accounts)}, {"transfers", fmt.Sprint(found.Transfers)},
			{"payments", fmt.Sprint(found.Payments)}, {"keys", fmt.Sprint(found.Keys)}, {"breaches", fmt.Sprint(len(found.Breaches))}})
		for _, breach := range found.Breaches {
			out.say("%s", breach)
		}
	}
	if err == nil && !found.OK {
		return errSaid
	}
	return err
}
