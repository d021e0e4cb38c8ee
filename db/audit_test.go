package db

import (
	"strings"
	"testing"
	"time"
)

// forge changes the book past its triggers and constraints, as a broken disk or a database administrator could.
func (r *rig) forge(statements ...string) {
	r.Helper()
	c, err := r.pool.Connx(r.ctx)
	r.ok(err)
	defer func() { r.ok(c.Close()) }()
	for _, s := range append([]string{"SET session_replication_role = replica"}, statements...) {
		if _, err := c.ExecContext(r.ctx, s); err != nil {
			r.Fatal(s, err)
		}
	}
	if _, err := c.ExecContext(r.ctx, "SET session_replication_role = DEFAULT"); err != nil {
		r.Fatal(err)
	}
}

// Every kind of breach is found, and named down to the row.
func TestAuditFindsEveryBreach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		forge []string
		found string
	}{
		"an amount edited":      {[]string{"UPDATE transfer SET amount = amount + 1 WHERE kind = 'payment' AND state = 'posted'"}, "its transfers hold 0, posted 1001"},
		"a wallet edited":       {[]string{"UPDATE account SET balance = balance + 7 WHERE kind = 'wallet'"}, "says balance"},
		"a wallet below zero":   {[]string{"ALTER TABLE account DROP CONSTRAINT an_account_holds", "UPDATE account SET balance = -5 WHERE kind = 'wallet'"}, "below zero"},
		"a leg lost":            {[]string{"DELETE FROM account WHERE kind = 'store'"}, "the credit leg is no account"},
		"the sum":               {[]string{"DELETE FROM account WHERE kind = 'store'"}, "the accounts in JPY add up to"},
		"a leg to itself":       {[]string{"ALTER TABLE transfer DROP CONSTRAINT a_transfer_holds", "UPDATE transfer SET credit = debit WHERE kind = 'topup'"}, "both legs are one account"},
		"nothing moved":         {[]string{"ALTER TABLE transfer DROP CONSTRAINT a_transfer_holds", "UPDATE transfer SET amount = 0 WHERE kind = 'refund'"}, "it moves nothing"},
		"another currency":      {[]string{"UPDATE transfer SET currency = 'USD' WHERE kind = 'topup'"}, "no account of that currency"},
		"a transfer deleted":    {[]string{"DELETE FROM transfer WHERE kind = 'refund'"}, "gave back 0"},
		"resolved by too much":  {[]string{"UPDATE transfer SET amount = 99999 WHERE resolves IS NOT NULL"}, "it moves more than was held"},
		"resolves nothing":      {[]string{"UPDATE transfer SET resolves = 'trf_none' WHERE resolves IS NOT NULL"}, "there is no such transfer"},
		"resolves a posted one": {[]string{"DROP INDEX a_payment_is_captured_once", "UPDATE transfer SET state = 'posted' WHERE state = 'pending' AND id IN (SELECT resolves FROM transfer)"}, "that one is not pending"},
		"resolves another's":    {[]string{"UPDATE transfer SET payment = 'pay_x' WHERE resolves IS NOT NULL"}, "of another payment"},
		"resolved twice": {[]string{"DROP INDEX a_payment_is_captured_once", "ALTER TABLE transfer DROP CONSTRAINT a_pending_transfer_ends_once",
			"INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
				" SELECT 'trf_twin', at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why FROM transfer WHERE resolves IS NOT NULL"},
			"another one has"},
		"a state made up":  {[]string{"UPDATE payment SET status = 'captured', captured = 1, authorised = 1, payer = 'v', method = 'm' WHERE status = 'awaiting_face'"}, "is captured with authorised 1, captured 1"},
		"a hold forgotten": {[]string{"UPDATE payment SET status = 'voided' WHERE status = 'authorised'"}, "is voided with authorised 200"},
		"another payer":    {[]string{"UPDATE payment SET payer = 'vis_other' WHERE status = 'authorised'"}, "but of visitor"},
		"a payment lost":   {[]string{"DELETE FROM payment WHERE status = 'authorised'"}, "which does not exist"},
		"two outcomes of a key": {[]string{"ALTER TABLE request_key DROP CONSTRAINT a_request_key_has_one_outcome",
			"INSERT INTO request_key SELECT * FROM request_key LIMIT 1"}, "has 2 outcomes"},
		"an answer not kept":     {[]string{"UPDATE payment SET status = 'voided', captured = 0, refunded = 0 WHERE captured > 0"}, "was answered with payment"},
		"a charge unanswered":    {[]string{"UPDATE card_charge SET state = 'unknown', settled_at = NULL, asked_at = '2027-05-01'"}, "for an hour without an answer"},
		"a decline booked":       {[]string{"UPDATE card_charge SET state = 'declined'"}, "was booked all the same"},
		"an approval not booked": {[]string{"UPDATE transfer SET charge = 'chg_x' WHERE charge <> ''"}, "neither booked nor given back"},
		"a refund refused":       {[]string{"UPDATE card_task SET state = 'refused' WHERE verb = 'capture'"}, "settle JPY 50 by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			me, enr := r.visitor(1, "Taro", 5000)
			r.open(1, false)
			r.ok2(r.refund(r.pay(1000, false, enr, me).ID, 300))
			r.ok2(r.capture(r.pay(400, true, enr, me).ID, 100))
			r.pay(200, true, enr, me)
			r.payByCard(50, false, enr, r.card(me).ID)
			r.sound()
			r.forge(c.forge...)
			audit, err := r.AuditLedger(r.ctx)
			r.ok(err)
			if found := strings.Join(audit.Breaches, "\n"); audit.OK || !strings.Contains(found, c.found) {
				t.Errorf("%q is not in\n%s", c.found, found)
			}
		})
	}
}

// What the audit looks for cannot be written at all without turning the database's own rules off.
func TestTheDatabaseRefusesToBeForged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	r.ok2(r.refund(r.pay(1000, false, enr, me).ID, 300))
	held := r.pay(200, true, enr, me)
	store, wallet := must1(r, "SELECT id FROM account WHERE kind = 'store'"), must1(r, "SELECT id FROM account WHERE kind = 'wallet'")
	insert := func(state, resolves, debit, credit string, amount int64, kind, payment string) error {
		_, err := r.pool.ExecContext(r.ctx, "INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device,"+
			" payment, refund, charge, why) VALUES ('trf_forged', '2027-06-01', $6, $1, nullif($2, ''), $3, $4, 'JPY', $5, 'v', '', $7, '', '', '')",
			state, resolves, debit, credit, amount, kind, payment)
		return err
	}
	pending := must1(r, "SELECT id FROM transfer WHERE payment = $1", held.ID)
	for constraint, err := range map[string]error{
		"a_wallet_is_never_below_zero":                   insert("posted", "", wallet, store, 9999, "payment", "pay_x"),
		"a_transfer_has_two_sides":                       insert("posted", "", wallet, wallet, 1, "payment", "pay_x"),
		"a_transfer_moves_something":                     insert("posted", "", wallet, store, 0, "payment", "pay_x"),
		"a_resolution_matches_what_was_pending":          insert("posted", pending, wallet, store, 201, "payment", string(held.ID)),
		"only_what_was_pending_is_voided":                insert("voided", "", wallet, store, 1, "payment", "pay_x"),
		"a_pending_transfer_resolves_none":               insert("pending", pending, wallet, store, 1, "payment", "pay_x"),
		"a_payment_transfer_names_its_payment":           insert("posted", "", wallet, store, 1, "payment", ""),
		"a_payment_is_held_once":                         insert("pending", "", wallet, store, 1, "payment", string(held.ID)),
		"the_credit_side_is_an_account_of_that_currency": insert("posted", "", wallet, "acc_none", 1, "payment", "pay_x"),
	} {
		if !breaks(err, constraint) {
			t.Errorf("%s: %v", constraint, err)
		}
	}
	for _, forgery := range []string{
		"UPDATE transfer SET amount = 1", "DELETE FROM transfer", "TRUNCATE transfer CASCADE", "DELETE FROM payment",
		"UPDATE account SET balance = -1 WHERE kind = 'wallet'", "UPDATE account SET balance = 5 WHERE kind = 'store'",
		"UPDATE payment SET status = 'awaiting_face'", "UPDATE payment SET refunded = 5000", "UPDATE payment SET captured = 5000",
		"UPDATE payment SET status = 'captured' WHERE status = 'authorised'",
	} {
		if _, err := r.pool.ExecContext(r.ctx, forgery); err == nil {
			t.Error(forgery)
		}
	}
	r.sound()
}

func TestAuditIsReadInOneSnapshot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for range 20 {
			r.pay(10, false, enr, me)
		}
	}()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		r.sound()
		select {
		case <-stop:
			audit := must(r.AuditLedger(r.ctx))
			if audit.Payments != 20 || audit.Transfers != 21 || audit.Accounts != 3 || audit.Keys == 0 {
				t.Errorf("%+v", audit)
			}
			return
		default:
		}
	}
	t.Error("twenty payments took too long")
}

// An audit of ten thousand payments once read all transfers for each of them: an index that leaves rows out serves only a
// question that leaves them out, too.
func TestTheAuditLooksTransfersUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	named, err := readQueries()
	r.ok(err)
	for name, index := range map[string]string{"audit-payments": "transfer_of_payment", "audit-charges": "transfer_of_charge",
		"audit-wallets": "transfer_of_visitor"} {
		text := strings.NewReplacer("$1", "100", "$2", "now()").Replace(named[name].Query)
		r.ok(r.tx(r.ctx, func(t *tx) error {
			if _, err := t.sql.ExecContext(r.ctx, "SET LOCAL enable_seqscan = off"); err != nil {
				return err
			}
			var plan []string
			if err := t.sql.SelectContext(r.ctx, &plan, "EXPLAIN "+text); err != nil {
				return err
			}
			if all := strings.Join(plan, "\n"); !strings.Contains(all, index) {
				r.Errorf("%s does without %s:\n%s", name, index, all)
			}
			return nil
		}))
	}
}
