package db

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
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

// forgery is what somebody past all triggers did, the sentence that finds it, and the ids whose rows have to be shown.
type forgery struct {
	forge []string
	found string
	rows  string // a query
}

// forgeries are of every kind of breach.
func forgeries() map[string]forgery {
	const (
		resolution = "SELECT id FROM transfer WHERE resolves IS NOT NULL UNION SELECT resolves FROM transfer WHERE resolves LIKE 'trf_%' AND resolves <> 'trf_none'"
		card       = "SELECT id FROM card_charge"
	)
	return map[string]forgery{
		"an amount edited": {[]string{"UPDATE transfer SET amount = amount + 1 WHERE kind = 'payment' AND state = 'posted'"}, "its transfers hold 0, posted 1001",
			"SELECT id FROM transfer WHERE amount = 1001 UNION SELECT payment FROM transfer WHERE amount = 1001 UNION SELECT e.id FROM event e JOIN transfer t ON t.payment = e.subject WHERE t.amount = 1001"},
		"a wallet edited":     {[]string{"UPDATE account SET balance = balance + 7 WHERE kind = 'wallet'"}, "says balance", "SELECT id FROM account WHERE kind = 'wallet' UNION SELECT id FROM transfer WHERE charge = ''"},
		"a wallet below zero": {[]string{"ALTER TABLE account DROP CONSTRAINT an_account_holds", "UPDATE account SET balance = -5 WHERE kind = 'wallet'"}, "below zero", "SELECT id FROM account WHERE kind = 'wallet'"},
		"a leg lost":          {[]string{"DELETE FROM account WHERE kind = 'store'"}, "the credit leg is no account", "SELECT id FROM transfer WHERE kind = 'payment' ORDER BY seq LIMIT 1"},
		"the sum":             {[]string{"DELETE FROM account WHERE kind = 'store'"}, "the accounts in JPY add up to", "SELECT id FROM transfer WHERE kind <> 'topup' AND state = 'posted'"},
		"a leg to itself":     {[]string{"ALTER TABLE transfer DROP CONSTRAINT a_transfer_holds", "UPDATE transfer SET credit = debit WHERE kind = 'topup'"}, "both legs are one account", "SELECT id FROM transfer WHERE kind = 'topup'"},
		"nothing moved":       {[]string{"ALTER TABLE transfer DROP CONSTRAINT a_transfer_holds", "UPDATE transfer SET amount = 0 WHERE kind = 'refund'"}, "it moves nothing", "SELECT id FROM transfer WHERE amount = 0"},
		"another currency":    {[]string{"UPDATE transfer SET currency = 'USD' WHERE kind = 'topup'"}, "no account of that currency", "SELECT id FROM transfer WHERE currency = 'USD'"},
		"a transfer deleted": {[]string{"DELETE FROM transfer WHERE kind = 'refund'"}, "gave back 0",
			"SELECT id FROM payment WHERE refunded = 300 UNION SELECT t.id FROM transfer t JOIN payment p ON p.id = t.payment WHERE p.refunded = 300 UNION SELECT id FROM event WHERE kind = 'payment.refunded'"},
		"resolved by too much":  {[]string{"UPDATE transfer SET amount = 99999 WHERE resolves IS NOT NULL"}, "it moves more than was held", resolution},
		"resolves nothing":      {[]string{"UPDATE transfer SET resolves = 'trf_none' WHERE resolves IS NOT NULL"}, "there is no such transfer", resolution},
		"resolves a posted one": {[]string{"DROP INDEX a_payment_is_held_once_and_captured_once", "UPDATE transfer SET state = 'posted' WHERE state = 'pending' AND id IN (SELECT resolves FROM transfer)"}, "that one is not pending", resolution},
		"resolves another's":    {[]string{"UPDATE transfer SET payment = 'pay_x' WHERE resolves IS NOT NULL"}, "of another payment", resolution},
		"resolved twice": {[]string{"DROP INDEX a_payment_is_held_once_and_captured_once", "DROP INDEX a_pending_transfer_ends_once",
			"INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
				" SELECT 'trf_twin', at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why FROM transfer WHERE resolves IS NOT NULL"},
			"another one has", resolution},
		"a state made up": {[]string{"UPDATE payment SET status = 'captured', captured = 1, authorised = 1, payer = 'v', method = 'm' WHERE status = 'awaiting_face'"}, "is captured with authorised 1, captured 1",
			"SELECT id FROM payment WHERE captured = 1 UNION SELECT e.id FROM event e JOIN payment p ON p.id = e.subject WHERE p.captured = 1"},
		"a hold forgotten": {[]string{"UPDATE payment SET status = 'voided' WHERE status = 'authorised'"}, "is voided with authorised 200",
			"SELECT id FROM payment WHERE amount = 200 UNION SELECT t.id FROM transfer t WHERE t.amount = 200 AND t.state = 'pending'"},
		"another payer":  {[]string{"UPDATE payment SET payer = 'vis_other' WHERE status = 'authorised'"}, "but of visitor", "SELECT id FROM transfer WHERE amount = 200 UNION SELECT payer FROM payment WHERE amount = 200 UNION SELECT visitor FROM transfer WHERE amount = 200"},
		"a payment lost": {[]string{"DELETE FROM payment WHERE status = 'authorised'"}, "which does not exist", "SELECT id FROM transfer WHERE amount = 200"},
		"two outcomes of a key": {[]string{"ALTER TABLE request_key DROP CONSTRAINT a_request_key_has_one_outcome",
			"INSERT INTO request_key SELECT owner, name, body, '{\"ID\": \"pay_twin\"}', at FROM request_key WHERE outcome ->> 'ID' LIKE 'pay_%' LIMIT 1"}, "has 2 outcomes",
			"SELECT outcome ->> 'ID' FROM request_key WHERE (owner, name) IN (SELECT owner, name FROM request_key GROUP BY owner, name HAVING count(*) > 1)"},
		"an answer not kept": {[]string{"UPDATE payment SET status = 'voided', captured = 0, refunded = 0 WHERE captured > 0"}, "was answered with payment",
			"SELECT id FROM payment WHERE amount = 1000 UNION SELECT k.name FROM request_key k WHERE k.outcome ->> 'Status' = 'captured' UNION SELECT t.id FROM transfer t WHERE t.amount = 1000"},
		"a group's answer not kept": {[]string{"UPDATE request_key SET captured = outcome ->> 'ID', outcome = NULL WHERE outcome ->> 'Status' = 'captured'",
			"UPDATE payment SET status = 'voided', captured = 0, refunded = 0 WHERE captured > 0"}, "was answered with payment",
			"SELECT id FROM payment WHERE amount = 1000 UNION SELECT name FROM request_key WHERE captured <> '' UNION SELECT captured FROM request_key WHERE captured <> ''"},
		"a charge unanswered":    {[]string{"UPDATE card_charge SET state = 'unknown', settled_at = NULL, asked_at = '2027-05-01'"}, "for an hour without an answer", card},
		"a decline booked":       {[]string{"UPDATE card_charge SET state = 'declined'"}, "was booked all the same", card + " UNION SELECT id FROM transfer WHERE charge <> '' UNION SELECT payment FROM card_charge"},
		"an approval not booked": {[]string{"UPDATE transfer SET charge = 'chg_x' WHERE charge <> ''"}, "neither booked nor given back", card + " UNION SELECT id FROM transfer WHERE charge <> ''"},
		"a charge deleted":       {[]string{"DELETE FROM card_charge"}, "which does not exist", "SELECT id FROM transfer WHERE charge <> '' UNION SELECT payment FROM transfer WHERE charge <> ''"},
		"a capture untold":       {[]string{"DELETE FROM card_task WHERE verb = 'capture'"}, "is not to be told of it", card + " UNION SELECT id FROM transfer WHERE charge <> ''"},
		"a refund refused":       {[]string{"UPDATE card_task SET state = 'refused' WHERE verb = 'capture'"}, "settle JPY 50 by hand", card + " UNION SELECT id FROM transfer WHERE charge <> ''"},
		"a loss made up": {[]string{"INSERT INTO account VALUES ('acc_loss', 'loss', '', 'JPY', NULL, NULL, now())",
			"INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
				" SELECT 'trf_loss', at, 'loss', 'posted', 'acc_loss', debit, currency, amount, '', '', '', '', charge, '' FROM transfer WHERE charge <> ''"},
			"and nothing was settled so", "SELECT id FROM transfer WHERE charge <> ''"},
		"a checkpoint edited": {[]string{"UPDATE account_checkpoint SET balance = balance + 3"}, "in the checkpoint below",
			"SELECT account FROM account_checkpoint UNION SELECT below::text FROM account_checkpoint UNION SELECT ': ' || balance || ';' FROM account_checkpoint UNION SELECT 'there: ' || (balance - 3) FROM account_checkpoint"},
	}
}

// traded is a venue in which something of every kind has happened, and that is sound.
func traded(t *testing.T) *rig {
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	r.open(1, false)
	r.ok2(r.refund(r.pay(1000, false, enr, me).ID, 300))
	r.ok2(r.capture(r.pay(400, true, enr, me).ID, 100))
	r.pay(200, true, enr, me)
	r.payByCard(50, false, enr, r.card(me).ID)
	keyed := r.open(5, false)
	r.ok2(r.CreatePayment(r.ctx, NewPayment{Key: r.key(string(r.till.ID)), Till: r.till.ID, Amount: keyed.Amount}))
	paid := r.open(1000, false)
	r.showFace(paid.ID, kaopass.Enough, enr)
	r.ok2(r.ConfirmPayment(r.ctx, r.desk, r.key(string(r.till.ID)), r.till.ID, paid.ID, must(r.Wallet(r.ctx, me)).Methods[0].ID))
	for !must(r.Checkpoint(r.ctx)) { // other tests' transactions hold the horizon back
		time.Sleep(20 * time.Millisecond)
	}
	r.sound()
	return r
}

// Every kind of breach is found, and explained by the rows on both of its sides: their ids, and never a name.
func TestAuditFindsEveryBreach(t *testing.T) {
	t.Parallel()
	for name, c := range forgeries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := traded(t)
			r.forge(c.forge...)
			audit, err := r.AuditLedger(r.ctx)
			r.ok(err)
			says, shown := explanation(audit, c.found)
			if audit.OK || says == "" {
				t.Fatalf("%q is not in\n%s", c.found, strings.Join(audit.Breaches, "\n"))
			}
			var ids []string
			r.ok(r.pool.SelectContext(r.ctx, &ids, c.rows))
			for _, id := range ids {
				if !strings.Contains(shown, id) {
					t.Errorf("%q is not among the rows of %q:\n%s", id, says, shown)
				}
			}
			if len(ids) == 0 || strings.Contains(shown, "Taro") || strings.Contains(shown, r.till.Name) {
				t.Errorf("%d ids are asked for; a name is shown:\n%s", len(ids), shown)
			}
		})
	}
}

// explanation is all that is said of one kind of breach, and the rows that are shown for it.
func explanation(a Audit, of string) (says, rows string) {
	for _, b := range a.Explained {
		if strings.Contains(b.Says, of) && slices.Contains(a.Breaches, b.Says) {
			says, rows = says+b.Says+"\n", rows+strings.Join(b.Rows, "\n")+"\n"
		}
	}
	return says, rows
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
		"a_payment_is_held_once_and_captured_once":       insert("pending", "", wallet, store, 1, "payment", string(held.ID)),
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
	for name, index := range map[string]string{"audit-payments": "a_payment_is_held_once_and_captured_once", "audit-charges": "transfer_of_charge",
		"audit-wallets": "transfer_of_visitor"} {
		text := strings.NewReplacer("$1", "100", "$2", "20", "$3", "now()").Replace(named[name].Query)
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
