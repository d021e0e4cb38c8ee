package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"
	"github.com/knadh/goyesql/v2"
	goyesqlx "github.com/knadh/goyesql/v2/sqlx"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// queries is every statement of the program, by noun. Each is named in queries/*.sql and prepared at the start.
type queries struct {
	Venue     venueQueries
	Key       keyQueries
	Event     eventQueries
	Board     boardQueries
	Chain     chainQueries
	Visitor   visitorQueries
	SignIn    signInQueries
	Passkey   passkeyQueries
	Consent   consentQueries
	Profile   profileQueries
	Export    exportQueries
	Enrolment enrolmentQueries
	Alike     alikeQueries
	Device    deviceQueries
	Staff     staffQueries
	Ticket    ticketQueries
	Admission admissionQueries
	Presence  presenceQueries
	Snapshot  snapshotQueries
	Fill      fillQueries
	FillPay   fillPayQueries
	Ledger    ledgerQueries
	Wallet    walletQueries
	Payment   paymentQueries
	Card      cardQueries
	Company   companyQueries
	Audit     auditQueries
	Limit     limitQueries
	Guardian  guardianQueries
	Dispute   disputeQueries
	Measured  calibrationQueries

	Settlement settlementQueries
	Reconcile  reconcileQueries
	Receipt    receiptQueries
	Due        dueQueries
	TillDay    tillDayQueries
	Fee        feeQueries
	Return     returnQueries
	Lost       lostQueries
}

// parts lists the nouns, to be filled.
func (q *queries) parts() []any {
	return []any{&q.Venue, &q.Key, &q.Event, &q.Board, &q.Chain, &q.Visitor, &q.SignIn, &q.Passkey, &q.Consent, &q.Profile, &q.Export,
		&q.Enrolment, &q.Alike, &q.Device, &q.Staff, &q.Ticket, &q.Admission, &q.Presence, &q.Snapshot, &q.Fill, &q.FillPay,
		&q.Ledger, &q.Wallet, &q.Payment, &q.Card, &q.Company, &q.Audit, &q.Measured,
		&q.Settlement, &q.Reconcile, &q.Receipt, &q.TillDay, &q.Limit, &q.Guardian, &q.Dispute, &q.Due, &q.Fee, &q.Return, &q.Lost}
}

// venueQueries is what concerns the venue as a whole.
type venueQueries struct {
	Server   string     `query:"venue-server"` // its text: asked before anything is prepared
	Ready    *sqlx.Stmt `query:"venue-ready"`
	Check    *sqlx.Stmt `query:"venue-check"`
	SetCheck *sqlx.Stmt `query:"venue-set-check"`
	Ahead    *sqlx.Stmt `query:"venue-numbers-ahead"`
	Mend     string     `query:"venue-mend-numbers"` // its text: Migrate prepares nothing
	RoleIs   string     `query:"role-is"`            // and neither does Separate
	Grant    string     `query:"role-grant"`
}

// prepare reads queries/*.sql and prepares every statement: one that PostgreSQL does not understand stops the start.
func prepare(ctx context.Context, pool *sqlx.DB) (*queries, error) {
	named, err := readQueries()
	if err != nil {
		return nil, err
	}
	q := new(queries)
	for _, part := range q.parts() {
		if err := goyesqlx.ScanWithContext(ctx, part, named, pool); err != nil {
			return nil, fmt.Errorf("db: %w", fault(ctx, err))
		}
	}
	return q, nil
}

// readQueries collects the named statements of every file. A name stands once.
func readQueries() (goyesql.Queries, error) {
	files, err := fs.Glob(queryFiles, "queries/*.sql")
	if err != nil {
		return nil, err
	}
	all := goyesql.Queries{}
	for _, file := range files {
		text, err := queryFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		named, err := goyesql.ParseBytes(text)
		if err != nil {
			return nil, fmt.Errorf("db: %s: %w", file, err)
		}
		for name, query := range named {
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("db: %s: the statement %q stands twice", file, name)
			}
			all[name] = query
		}
	}
	return all, nil
}
