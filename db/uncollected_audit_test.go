package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// What was settled past the database's rules is found by the audit, with the rows that say otherwise.
func TestTheAuditFindsFalseLosses(t *testing.T) {
	t.Parallel()
	const twin = "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" SELECT 'trf_twin', at, kind, state, debit, credit, currency, amount, '', '', '', '', charge, why FROM transfer WHERE kind = 'loss' AND why = 'loss'"
	for name, c := range map[string]struct{ forge, found, row string }{
		"another sum":          {"UPDATE transfer SET amount = amount + 1 WHERE kind = 'loss' AND why = 'loss'", "settled as loss with 500, and transfer", "SELECT transfer FROM uncollected_end"},
		"another sum, settled": {"UPDATE uncollected_end SET amount = amount + 1", "settled as loss with 501, and transfer", "SELECT transfer FROM uncollected_end"},
		"borne by the store":   {"UPDATE transfer SET debit = (SELECT id FROM account WHERE kind = 'store') WHERE kind = 'loss' AND why = 'loss'", "does not say so", "SELECT transfer FROM uncollected_end"},
		"the loss deleted":     {"DELETE FROM transfer WHERE kind = 'loss' AND why = 'loss'", "does not say so", "SELECT charge FROM uncollected_end"},
		"borne twice":          {twin, "and nothing was settled so", "SELECT 'trf_twin'"},
		"settled by nobody":    {"DELETE FROM uncollected_end", "and nothing was settled so", "SELECT charge FROM card_uncollected"},
		"lessened twice": {strings.Replace(twin, "why = 'loss'", "why LIKE 'ref%'", 1), "and nothing was settled so",
			"SELECT 'trf_twin' UNION SELECT id FROM transfer WHERE kind = 'loss'"},
		"not lessened":    {"DELETE FROM transfer WHERE kind = 'loss' AND why LIKE 'ref%'", "the account of the card company has JPY 100 of it", "SELECT charge FROM uncollected_end"},
		"lessened less":   {"UPDATE transfer SET amount = 90 WHERE kind = 'loss' AND why LIKE 'ref%'", "of it", "SELECT id FROM transfer WHERE amount = 90"},
		"called cash":     {"UPDATE uncollected_end SET became = 'cash'", "settled as cash with 500, and transfer", "SELECT transfer FROM uncollected_end"},
		"said to be more": {"UPDATE card_uncollected SET amount = amount + 1", "never paid with 701, and 700 of it was booked", "SELECT charge FROM card_uncollected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, charge, desk := r.lost()
			r.givesBack(desk, id, 200)
			r.settles(charge, kaopass.BorneByVenue, 500)
			r.givesBack(desk, id, 100)
			r.forge("ALTER TABLE uncollected_end DISABLE TRIGGER USER", "ALTER TABLE card_uncollected DISABLE TRIGGER USER", c.forge)
			says, shown := explanation(must(r.AuditLedger(r.ctx)), c.found)
			if says == "" || !strings.Contains(shown, must1(r, c.row)) || strings.Contains(shown, "Yuki") {
				t.Errorf("%q is not in %v\n%s", c.found, must(r.AuditLedger(r.ctx)).Breaches, shown)
			}
		})
	}
}

// A colleague with psql tries to hide what is missing, or to make some of it up.
func TestNobodyMakesUpALoss(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.givesBack(desk, id, 200)
	other := r.another()
	acc := func(kind string) string {
		r.ok(r.tx(r.ctx, func(t *tx) error { return second(t.account(kaopass.AccountKind(kind), "", kaopass.JPY)) }))
		return must1(r, "SELECT id FROM account WHERE kind = $1", kind)
	}
	const insert = "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" VALUES ('trf_fraud', '2027-06-04', $1, 'posted', $2, $3, 'JPY', $4, '', '', '', '', $5, $6)"
	const end = "INSERT INTO uncollected_end (charge, regained, became, transfer, amount, answer, settled_by, settled_at)" +
		" VALUES ($1, $2, $3, nullif($4, ''), $5, $6, 'stf_1', '2027-06-04')"
	type fraud struct {
		sentence string
		sql      string
		args     []any
	}
	frauds := map[string]fraud{
		"bear what nobody settled":      {"what_was_never_paid_is_booked_as_it_was_settled", insert, []any{"loss", acc("loss"), acc("card"), 500, charge, ""}},
		"collect what nobody settled":   {"what_was_never_paid_is_booked_as_it_was_settled", insert, []any{"made_good", acc("desk"), acc("card"), 500, charge, ""}},
		"bear what was paid":            {"what_was_never_paid_is_booked_as_it_was_settled", insert, []any{"loss", acc("loss"), acc("card"), 500, other, ""}},
		"a loss into the desk":          {"what_was_never_paid_is_booked_as_it_was_settled", insert, []any{"loss", acc("loss"), acc("desk"), 500, charge, ""}},
		"a loss without a charge":       {"what_was_never_paid_is_booked_as_it_was_settled", insert, []any{"loss", acc("loss"), acc("card"), 500, "", ""}},
		"settle what was paid":          {"only_what_was_not_collected_is_settled", end, []any{other, false, "paid", "", 0, "x"}},
		"settle without a transfer":     {"what_is_settled_is_booked_where_it_moves", end, []any{charge, false, "loss", "", 500, "x"}},
		"settle by one that is not":     {"what_is_settled_was_booked", end, []any{charge, false, "loss", "trf_none", 500, "x"}},
		"bear more than is missing":     {"what_is_settled_is_what_is_missing", end, []any{charge, false, "loss", "trf_none", 700, "x"}},
		"collect less than is missing":  {"what_is_settled_is_what_is_missing", end, []any{charge, false, "cash", "trf_none", 1, "x"}},
		"call it given back":            {"what_ends_as_refunded_was_given_back", end, []any{charge, false, "refunded", "", 0, "x"}},
		"regain what nobody bore":       {"only_a_loss_or_cash_is_settled_again", end, []any{charge, true, "cash", "trf_none", 500, "x"}},
		"forgive it":                    {"what_was_not_collected_becomes_something_known", end, []any{charge, false, "forgiven", "", 0, "x"}},
		"settle without a word":         {"what_is_settled_says_how", end, []any{charge, false, "paid", "", 0, ""}},
		"a purse of losses":             {"fees_losses_and_what_is_due_are_the_venues_own", "INSERT INTO account VALUES ('acc_f', 'loss', 'me', 'JPY', NULL, NULL, now())", nil},
		"unsay that it was never paid":  {"card_uncollected is only ever appended to", "DELETE FROM card_uncollected", nil},
		"settle by words, as they used": {"card_uncollected is only ever appended to", "UPDATE card_uncollected SET settled_at = now(), settled_by = 'me', answer = 'x'", nil},
	}
	try := func(frauds map[string]fraud) {
		t.Helper()
		for name, fraud := range frauds {
			_, err := r.pool.ExecContext(r.ctx, fraud.sql, fraud.args...)
			var refused *pq.Error
			if !errors.As(err, &refused) || refused.Constraint != fraud.sentence && refused.Message != fraud.sentence {
				t.Errorf("%s: %v, not %q", name, err, fraud.sentence)
			}
		}
	}
	try(frauds)
	r.settles(charge, kaopass.BorneByVenue, 500)
	back := r.givesBack(desk, id, 100)
	before := must1(r, "SELECT refund FROM transfer WHERE kind = 'refund' ORDER BY seq LIMIT 1")
	const refused = "what_was_never_paid_is_booked_as_it_was_settled"
	try(map[string]fraud{
		"settle it again":               {"what_was_not_collected_is_settled_once", end, []any{charge, false, "paid", "", 0, "x"}},
		"lessen it twice":               {refused, insert, []any{"loss", acc("card"), acc("loss"), 100, charge, string(back.Refund)}},
		"lessen it by what was before":  {refused, insert, []any{"loss", acc("card"), acc("loss"), 200, charge, before}},
		"lessen it by no refund":        {refused, insert, []any{"loss", acc("card"), acc("loss"), 100, charge, "ref_none"}},
		"bear it again after the loss":  {"only_what_came_is_regained", end, []any{charge, true, "loss", "trf_none", 400, "x"}},
		"regain more than is borne":     {"what_is_settled_is_what_is_missing", end, []any{charge, true, "cash", "trf_none", 500, "x"}},
		"rewrite how it was settled":    {"uncollected_end is only ever appended to", "UPDATE uncollected_end SET became = 'paid'", nil},
		"forget how it was settled":     {"uncollected_end is only ever appended to", "DELETE FROM uncollected_end", nil},
		"settle without anybody's name": {"what_is_settled_says_by_whom", strings.Replace(end, "'stf_1'", "''", 1), []any{charge, true, "paid", "trf_none", 400, "x"}},
	})
	r.sound()
}

// another is the charge of a sale that was paid.
func (r *rig) another() kaopass.ChargeID {
	r.Helper()
	me, enr := r.visitor(2, "Hanako", 0)
	p := r.payByCard(400, false, enr, r.card(me).ID)
	return kaopass.ChargeID(must1(r, "SELECT id FROM card_charge WHERE payment = $1", p.ID))
}

// The server's role settles as the program does, and can neither rewrite nor forget how.
func TestTheServersRoleSettles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	served, pool := r.asServer()
	r.DB = served
	id, charge, desk := r.lost()
	r.settles(charge, kaopass.BorneByVenue, 700)
	r.givesBack(desk, id, 200)
	r.settles(charge, kaopass.PaidAtDesk, 500)
	r.givesBack(desk, id, 100)
	r.stands("collected", sums{kaopass.DeskAccount: -500, kaopass.DueAccount: 100, kaopass.StoreAccount: 400})
	for _, forbidden := range []string{"UPDATE uncollected_end SET became = 'paid'", "DELETE FROM uncollected_end", "UPDATE card_uncollected SET amount = 1",
		"DELETE FROM card_uncollected", "TRUNCATE uncollected_end"} {
		if _, err := pool.ExecContext(r.ctx, forbidden); err == nil {
			t.Error(forbidden)
		}
	}
	r.sound()
}
