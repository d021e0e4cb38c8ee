package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kaopass/kaopass/db"
)

type auditCommands struct {
	Ledger auditLedger `cmd:"" help:"Check the money: every account, transfer, payment and key. Example: kaopass audit ledger --json"`
	Verify auditVerify `cmd:"" help:"Check that the audit log is as it was written. Example: kaopass audit verify --json"`
}

type auditLedger struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass audit ledger --help`.
func (auditLedger) Help() string {
	return "Checks the invariants of the money in one snapshot, while the venue is open: both legs of every transfer, the sum " +
		"of all accounts, every wallet, every payment's state, every request key, every card charge.\n\n" +
		"Names each breach and lists the rows that say one thing and those that say another: ids, sums and moments, never a name.\n" +
		"Ends with status 1 where there is one, with 0 where there is none. Payments go on meanwhile.\n\nExample: kaopass audit ledger --json"
}

// Run checks, and prints what it found.
func (c *auditLedger) Run(ctx context.Context, out output) error {
	return audited(ctx, &c.Config, out, func(s *store) (bool, error) {
		found, err := s.AuditLedger(ctx)
		if err != nil {
			return false, err
		}
		if c.JSON {
			return found.OK, out.json(found)
		}
		return found.OK, out.findings(withRows(found), [][2]string{{"accounts", fmt.Sprint(found.Accounts)},
			{"transfers", fmt.Sprint(found.Transfers)}, {"payments", fmt.Sprint(found.Payments)}, {"keys", fmt.Sprint(found.Keys)}})
	})
}

// withRows is a paragraph for each breach: its sentence, and under it the rows.
func withRows(found db.Audit) []string {
	out := make([]string, len(found.Explained))
	for i, b := range found.Explained {
		out[i] = strings.Join(append([]string{b.Says}, b.Rows...), "\n    ")
	}
	return out
}

type auditVerify struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass audit verify --help`.
func (auditVerify) Help() string {
	return "Walks the chain of seals over the audit log, from its beginning: a changed, added or removed event breaks it, and " +
		"ends this command with status 1.\n\nKeep the head it prints somewhere else: it proves later that nothing was cut off the " +
		"end.\n\nExample: kaopass audit verify --json"
}

// Run walks the chain, and prints what it found.
func (c *auditVerify) Run(ctx context.Context, out output) error {
	return audited(ctx, &c.Config, out, func(s *store) (bool, error) {
		found, err := s.VerifyEvents(ctx)
		if err != nil {
			return false, err
		}
		if c.JSON {
			return found.OK, out.json(found)
		}
		return found.OK, out.findings(found.Breaches, [][2]string{{"events sealed", fmt.Sprint(found.Events)},
			{"links", fmt.Sprint(found.Links)}, {"not sealed yet", fmt.Sprint(found.Unsealed)}, {"head", found.Head}})
	})
}

// audited runs a check on the venue's memory; one that does not hold has said why, and fails the command.
func audited(ctx context.Context, cfg *Config, out output, check func(*store) (holds bool, err error)) (err error) {
	s, err := openStore(ctx, cfg, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	holds, err := check(s)
	if err == nil && !holds {
		return errSaid
	}
	return err
}

// findings prints counts, and a line for each breach.
func (o output) findings(breaches []string, counts [][2]string) error {
	err := o.table(append(counts, [2]string{"breaches", fmt.Sprint(len(breaches))}))
	for _, breach := range breaches {
		o.say("%s", breach)
	}
	return err
}
