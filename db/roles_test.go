package db

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// asServer makes a role of the test's own, lets it work on the rig's database, and opens that once more as it.
func (r *rig) asServer() (*DB, *sql.DB) {
	r.Helper()
	role, owner := strings.ToLower("server_"+newID("", r.clock.now())+"x"), r.pool
	_, err := r.pool.ExecContext(r.ctx, "CREATE ROLE "+pq.QuoteIdentifier(role)+" LOGIN PASSWORD 'test'")
	r.ok(err)
	r.Cleanup(func() {
		for _, s := range []string{"DROP OWNED BY ", "DROP ROLE "} {
			if _, err := owner.Exec(s + pq.QuoteIdentifier(role)); err != nil {
				r.Error(err)
			}
		}
	})
	as, err := url.Parse(r.url)
	r.ok(err)
	as.User = url.UserPassword(role, "test")
	for range 2 { // as at each start
		r.ok(Separate(r.ctx, r.url, as.String()))
	}
	d, err := Open(r.ctx, Config{URL: as.String(), Keys: r.folder, Now: r.clock.now})
	r.ok(err)
	pool, err := sql.Open("postgres", as.String())
	r.ok(err)
	r.Cleanup(func() {
		if err := errors.Join(d.Close(), pool.Close()); err != nil {
			r.Error(err)
		}
	})
	return d, pool
}

// The server's role does all that tills and visitors ask for, and a colleague who has it with psql neither switches off what
// guards the book, nor books what belongs to nothing: what the database's owner could be told by an audit only is refused.
func TestTheServersRoleIsNotTheOwner(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	owner := r.DB
	served, pool := r.asServer()
	r.DB = served
	me, enr := r.visitor(1, "Taro", 5000)
	taken := r.pay(1000, false, enr, me)
	r.ok2(r.refund(taken.ID, 300))
	done := r.pay(400, true, enr, me)
	r.ok2(r.capture(done.ID, 100))
	held := r.pay(200, true, enr, me)
	r.payByCard(50, false, enr, r.card(me).ID)
	waiting := r.open(700, false)
	r.showFace(waiting.ID, kaopass.Enough, enr)
	r.ok(r.disputeOf(me, taken.ID))
	r.DB = owner
	wallet, store := must1(r, "SELECT id FROM account WHERE kind = 'wallet'"), must1(r, "SELECT id FROM account WHERE kind = 'store'")
	desk := must1(r, "SELECT id FROM account WHERE kind = 'desk'")
	const insert = "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" VALUES ('trf_fraud', '2027-05-04', $1, 'posted', $2, $3, 'JPY', $4, $5, $6, $7, $8, '', '')"
	for name, fraud := range map[string]struct {
		sentence string
		sql      string
		args     []any
	}{
		"pay for nothing":           {"a_transfer_is_of_a_payment_that_says_so", insert, []any{"payment", wallet, store, 10, me, r.till.ID, "pay_none", ""}},
		"pay what waits, by hand":   {"a_transfer_is_of_a_payment_that_says_so", insert, []any{"payment", wallet, store, 700, me, r.till.ID, waiting.ID, ""}},
		"refund without saying so":  {"a_transfer_is_of_a_payment_that_says_so", insert, []any{"refund", store, wallet, 40, me, r.till.ID, done.ID, "ref_f"}},
		"top up from an empty desk": {"a_top_up_is_in_the_log_and_was_charged", insert, []any{"topup", desk, wallet, 50_000, me, "", "", ""}},
		"capture on paper":          {"a_payment_says_what_its_transfers_say", "UPDATE payment SET status = 'captured', authorised = amount, captured = amount, method = 'met_1' WHERE id = $1", []any{waiting.ID}},
		"void on paper":             {"a_payment_says_what_its_transfers_say", "UPDATE payment SET status = 'voided' WHERE id = $1", []any{held.ID}},
		"refund on paper":           {"a_payment_says_what_its_transfers_say", "UPDATE payment SET refunded = captured, status = 'refunded' WHERE id = $1", []any{done.ID}},
		"number it as an earlier one": {"a_transfer_has_the_number_of_its_transaction", "INSERT INTO transfer (number, id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
			" SELECT 1, 'trf_fraud', at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, '', why FROM transfer WHERE kind = 'topup' AND charge = '' LIMIT 1", nil},
		"move all numbers back":        {"permission denied for table venue", "UPDATE venue SET numbers_behind = -1", nil},
		"forget a charge":              {"permission denied for table card_charge", "DELETE FROM card_charge", nil},
		"make a charge larger":         {"permission denied for table card_charge", "UPDATE card_charge SET amount = amount + 1", nil},
		"forget what is to be told":    {"permission denied for table card_task", "DELETE FROM card_task", nil},
		"tell another sum":             {"permission denied for table card_task", "UPDATE card_task SET amount = 1", nil},
		"fill a wallet":                {"an_account_moves_only_by_a_transfer", "UPDATE account SET balance = balance + 1 WHERE kind = 'wallet'", nil},
		"rename a wallet":              {"permission denied for table account", "UPDATE account SET owner = 'vis_f' WHERE kind = 'wallet'", nil},
		"edit a transfer":              {"permission denied for table transfer", "UPDATE transfer SET amount = 1", nil},
		"empty the book":               {"permission denied for table transfer", "TRUNCATE transfer CASCADE", nil},
		"empty the log":                {"permission denied for table event", "TRUNCATE event", nil},
		"delete a payment":             {"permission denied for table payment", "DELETE FROM payment", nil},
		"switch a trigger off":         {"must be owner of table transfer", "ALTER TABLE transfer DISABLE TRIGGER transfers_are_only_appended", nil},
		"switch all off":               {"must be owner of table account", "ALTER TABLE account DISABLE TRIGGER USER", nil},
		"switch all off for a session": {`permission denied to set parameter "session_replication_role"`, "SET session_replication_role = replica", nil},
		"drop a constraint":            {"must be owner of table account", "ALTER TABLE account DROP CONSTRAINT an_account_holds", nil},
		"drop a trigger":               {"must be owner of relation transfer", "DROP TRIGGER transfers_move_wallets ON transfer", nil},
		"drop an index":                {"must be owner of index a_pending_transfer_ends_once", "DROP INDEX a_pending_transfer_ends_once", nil},
		"drop the book":                {"must be owner of table transfer", "DROP TABLE transfer CASCADE", nil},
		"rewrite a rule":               {"must be owner of function payer_rule", "ALTER FUNCTION payer_rule RENAME TO old", nil},
		"put a rule beside":            {"permission denied for schema public", "CREATE FUNCTION payer_rule(x text) RETURNS text LANGUAGE sql RETURN x", nil},
		"pretend to be the owner":      {"permission denied to set role", "SET ROLE kaopass", nil},
		"allow oneself more":           {"permission denied for function grant_to_server", "SELECT grant_to_server('kaopass')", nil},
		"unmake a step of the schema":  {"permission denied for table schema_step", "DELETE FROM schema_step", nil},
	} {
		_, err := pool.ExecContext(r.ctx, fraud.sql, fraud.args...)
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Constraint != fraud.sentence && !strings.HasPrefix(refused.Message, fraud.sentence) {
			t.Errorf("%s: %v, not %q", name, err, fraud.sentence)
		}
	}
	r.sound()
	if err := Separate(r.ctx, r.url, r.url); err == nil {
		t.Error("the owner was taken for a server's role")
	}
}

// Whoever may do anything can make a book that agrees with itself: a price is made smaller in the transfer, the payment, the
// wallet, the key and the log. The audit finds nothing then; the seal over the log does, as its key is not in the database, and
// so do a store's checkpoint and its settlement where they were made before.
func TestABookThatWasRewrittenShowsInTheSeal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	r.pay(1000, false, enr, me)
	for must(r.VerifyEvents(r.ctx)).Unsealed > 0 { // other tests' transactions hold the horizon back
		_, err := r.SealEvents(r.ctx)
		r.ok(err)
		time.Sleep(10 * time.Millisecond)
	}
	if found := must(r.VerifyEvents(r.ctx)); !found.OK {
		t.Fatalf("%+v", found)
	}
	r.forge("ALTER TABLE event DISABLE TRIGGER events_are_only_appended", "UPDATE transfer SET amount = 10 WHERE kind = 'payment'",
		"UPDATE payment SET amount = 10, authorised = 10, captured = 10", "UPDATE account SET balance = 4990 WHERE kind = 'wallet'",
		"SET ROLE "+must1(r, "SELECT current_user"), "GRANT UPDATE ON event TO CURRENT_USER", "UPDATE event SET amount = 10 WHERE amount = 1000",
		"ALTER TABLE event ENABLE ALWAYS TRIGGER events_are_only_appended")
	r.sound()
	if found := must(r.VerifyEvents(r.ctx)); found.OK {
		t.Errorf("a rewritten log passes: %+v", found)
	}
}

// disputeOf is "that wasn't me", and its end.
func (r *rig) disputeOf(who kaopass.VisitorID, id kaopass.PaymentID) error {
	out, err := r.OpenDispute(r.ctx, who, string(id))
	if err != nil {
		return err
	}
	_, err = r.RefundDispute(r.ctx, r.desk, kaopass.Key{}, "stf_1", out.ID, "")
	return err
}
