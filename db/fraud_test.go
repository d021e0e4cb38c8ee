package db

import (
	"errors"
	"testing"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// A colleague with psql and the program's own role tries what would pay, and each time the database says why not.
func TestAColleagueWithPsqlIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	taken, held := r.pay(1000, false, enr, me), r.pay(400, true, enr, me)
	r.ok2(r.refund(taken.ID, 300))
	done := r.pay(200, true, enr, me)
	r.ok2(r.capture(done.ID, 100))
	wallet := must1(r, "SELECT id FROM account WHERE kind = 'wallet'")
	store := must1(r, "SELECT id FROM account WHERE kind = 'store'")
	hold := must1(r, "SELECT id FROM transfer WHERE payment = $1 AND state = 'pending'", held.ID)
	ended := must1(r, "SELECT id FROM transfer WHERE payment = $1 AND state = 'pending'", done.ID)
	_, err := r.pool.ExecContext(r.ctx, "INSERT INTO account (id, kind, owner, currency, opened_at) VALUES ('acc_usd', 'store', 'x', 'USD', now())")
	r.ok(err)
	transfer := func(kind, state, resolves, debit, credit, currency string, amount int, payment, refund string) []any {
		return []any{kind, state, resolves, debit, credit, currency, amount, payment, refund}
	}
	const insert = "INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" VALUES ('trf_fraud', '2027-05-04', $1, $2, nullif($3, ''), $4, $5, $6, $7, 'v', '', $8, $9, '', '')"
	for name, fraud := range map[string]struct {
		sentence string
		sql      string
		args     []any
	}{
		"edit a transfer":              {"transfer is only ever appended to", "UPDATE transfer SET amount = 1", nil},
		"delete a transfer":            {"transfer is only ever appended to", "DELETE FROM transfer", nil},
		"empty the book":               {"transfer is only ever appended to", "TRUNCATE transfer CASCADE", nil},
		"delete a payment":             {"payment is only ever appended to", "DELETE FROM payment", nil},
		"empty the payments":           {"payment is only ever appended to", "TRUNCATE payment CASCADE", nil},
		"empty the log":                {"event is only ever appended to", "TRUNCATE event", nil},
		"empty the checkpoints":        {"account_checkpoint is only ever appended to", "TRUNCATE account_checkpoint", nil},
		"unsay a link of the seal":     {"event_link is only ever appended to", "DELETE FROM event_link", nil},
		"lift the limits of yesterday": {"pay_limits is only ever appended to", "UPDATE pay_limits SET day_sum = 200000", nil},
		"rewrite the log":              {"event is only ever appended to", "UPDATE event SET amount = 1", nil},
		"fill a wallet":                {"an_account_moves_only_by_a_transfer", "UPDATE account SET balance = balance + 1000 WHERE kind = 'wallet'", nil},
		"free what is held":            {"an_account_moves_only_by_a_transfer", "UPDATE account SET held = 0 WHERE kind = 'wallet'", nil},
		"close an account":             {"an_account_moves_only_by_a_transfer", "DELETE FROM account WHERE id = 'acc_usd'", nil},
		"open a full wallet":           {"an_account_is_opened_empty", "INSERT INTO account VALUES ('acc_f', 'wallet', 'f', 'JPY', 9, 0, now())", nil},
		"open a purse of a new kind":   {"an_account_is_of_a_known_kind", "INSERT INTO account VALUES ('acc_f', 'purse', 'f', 'JPY', NULL, NULL, now())", nil},
		"open a second wallet":         {"an_owner_has_one_account_of_a_kind", "INSERT INTO account VALUES ('acc_f', 'wallet', $1, 'JPY', 0, 0, now())", []any{me}},
		"overdraw a wallet":            {"a_wallet_is_never_below_zero", insert, transfer("payment", "posted", "", wallet, store, "JPY", 9999, "pay_f", "")},
		"hold more than there is":      {"a_wallet_is_never_below_zero", insert, transfer("payment", "pending", "", wallet, store, "JPY", 9999, "pay_f", "")},
		"pay oneself":                  {"a_transfer_has_two_sides", insert, transfer("payment", "posted", "", wallet, wallet, "JPY", 1, "pay_f", "")},
		"pay less than nothing":        {"a_transfer_moves_something", insert, transfer("payment", "posted", "", wallet, store, "JPY", -5, "pay_f", "")},
		"capture more than held":       {"a_resolution_matches_what_was_pending", insert, transfer("payment", "posted", hold, wallet, store, "JPY", 401, string(held.ID), "")},
		"capture for another":          {"a_resolution_matches_what_was_pending", insert, transfer("payment", "posted", hold, wallet, store, "JPY", 400, "pay_f", "")},
		"post twice":                   {"a_payment_is_held_once_and_captured_once", insert, transfer("payment", "posted", "", wallet, store, "JPY", 1000, string(taken.ID), "")},
		"end a hold twice":             {"a_pending_transfer_ends_once", insert, transfer("payment", "voided", ended, wallet, store, "JPY", 200, string(done.ID), "")},
		"void what was never held":     {"only_what_was_pending_is_voided", insert, transfer("payment", "voided", "", wallet, store, "JPY", 1, "pay_f", "")},
		"hold a top-up":                {"only_a_payment_is_held", insert, transfer("topup", "pending", "", store, wallet, "JPY", 1, "", "")},
		"refund above captured":        {"refunds_stay_within_what_was_captured", insert, transfer("refund", "posted", "", store, wallet, "JPY", 701, string(taken.ID), "ref_f")},
		"refund somewhere else":        {"a_refund_goes_back_the_way_it_came", insert, transfer("refund", "posted", "", "acc_usd", wallet, "JPY", 1, string(taken.ID), "ref_f")},
		"refund what was never paid":   {"a_refund_goes_back_the_way_it_came", insert, transfer("refund", "posted", "", store, wallet, "JPY", 1, "pay_f", "ref_f")},
		"change money":                 {"the_credit_side_is_an_account_of_that_currency", insert, transfer("payment", "posted", "", wallet, "acc_usd", "JPY", 1, "pay_f", "")},
		"pay nobody":                   {"the_credit_side_is_an_account_of_that_currency", insert, transfer("payment", "posted", "", wallet, "acc_none", "JPY", 1, "pay_f", "")},
		"jump to captured":             {"a_payment_goes_along_its_states", "UPDATE payment SET status = 'captured' WHERE status = 'partially_refunded'", nil},
		"go back":                      {"a_payment_goes_along_its_states", "UPDATE payment SET status = 'awaiting_face' WHERE status = 'authorised'", nil},
		"capture on paper":             {"a_status_agrees_with_its_sums", "UPDATE payment SET status = 'captured' WHERE status = 'authorised'", nil},
		"capture above authorised":     {"a_payment_is_captured_up_to_what_was_authorised", "UPDATE payment SET captured = 5000 WHERE captured > 0", nil},
		"refund above captured, noted": {"a_payment_is_refunded_up_to_what_was_captured", "UPDATE payment SET refunded = 5000 WHERE refunded > 0", nil},
		"unsay a refund":               {"what_was_taken_or_given_back_stays_so", "UPDATE payment SET refunded = 1 WHERE refunded > 0", nil},
		"change the price":             {"what_a_payment_is_about_never_changes", "UPDATE payment SET amount = 900 WHERE amount = 1000", nil},
		"backdate a payment":           {"what_a_payment_is_about_never_changes", "UPDATE payment SET created_at = created_at - interval '1 day'", nil},
		"let another have paid":        {"whoever_paid_has_paid", "UPDATE payment SET payer = 'vis_f' WHERE authorised > 0", nil},
		"backdate a capture": {"nothing_ends_before_it_began", "INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device," +
			" payment, refund, charge, why) SELECT 'trf_fraud', at - interval '1 second', kind, 'posted', id, debit, credit, currency, amount, visitor, device, payment, '', '', ''" +
			" FROM transfer WHERE id = $1", []any{hold}},
	} {
		_, err := r.pool.ExecContext(r.ctx, fraud.sql, fraud.args...)
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Constraint != fraud.sentence && refused.Message != fraud.sentence {
			t.Errorf("%s: %v, not %q", name, err, fraud.sentence)
		}
	}
	r.sound()
	if w := must(r.Wallet(r.ctx, me)); w.Balance != kaopass.Yen(5000-1000+300-400-100) || w.Held != kaopass.Yen(400) {
		t.Errorf("%+v", w)
	}
}
