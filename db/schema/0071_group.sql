-- A group of confirmations in three statements: each costs its start, however few its members.

-- +goose Up
DROP FUNCTION payments_confirm(payment_ask[], text[], jsonb, timestamptz);

-- Confirms those of a group that are of the plain kind, which is nearly all, by one statement for all of them, and answers
-- for those, by their place in the group. Whatever is special about a member (a key seen before, a limit, a short wallet, a
-- card, a first payment at a store, a second one of the same person) is not answered, nothing of it is done, and it is
-- payment_confirm's. No key stands twice in a group.
-- +goose StatementBegin
CREATE FUNCTION payments_confirm(owners text[], names text[], bodies bytea[], locks bigint[], tills text[], payments text[],
    events text[], transfers text[], methods text[], moment timestamptz, limits jsonb)
    RETURNS TABLE (place integer, outcome jsonb, name bytea) LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan -- a few members, each found by an index, however the tables grow meanwhile
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    payers text[];
    mine bigint[];
    serial bigint := event_number(0);
BEGIN
    -- All locks first, in their order (keys, which nobody waits for; payments; whoever pays) and each kind by its ids, and
    -- wallets move in the order of whoever pays: no two groups, and no group and another verb, can wait for each other in a
    -- circle. A wallet that somebody else empties meanwhile is still not overdrawn: the group fails, and each goes alone.
    SELECT array_agg(held.payer), array_agg(held.n) FILTER (WHERE held.mine) INTO payers, mine FROM (
        SELECT a.n, p.payer, a.name = '' OR pg_try_advisory_xact_lock(a.lock) AS mine
        FROM unnest(payments, names, locks) WITH ORDINALITY AS a (payment, name, lock, n) JOIN payment p ON p.id = a.payment
        ORDER BY p.id FOR NO KEY UPDATE OF p
    ) held;
    PERFORM FROM visitor WHERE id = ANY (payers) ORDER BY id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH plain AS MATERIALIZED (
        SELECT DISTINCT ON (p.payer) a.*, p.payer, p.amount, p.store, p.currency, v.name AS sealed, w.id AS wallet, s.id AS store_account
        FROM unnest(owners, names, bodies, tills, payments, events, transfers, methods) WITH ORDINALITY
            AS a (key_owner, key_name, key_body, till, payment, event, transfer, method, n)
        JOIN payment p ON p.id = a.payment AND p.till = a.till AND p.status = 'awaiting_confirmation' AND moment < p.expires_at
            AND NOT p.manual AND p.method_kind = ''
        JOIN visitor v ON v.id = p.payer AND v.erased_at IS NULL
        JOIN device d ON d.id = a.till AND d.role = 'till' AND d.claimed_at IS NOT NULL AND d.revoked_at IS NULL
        JOIN method m ON m.id = a.method AND m.visitor = p.payer AND m.removed_at IS NULL AND m.kind = 'emoney'
        JOIN account w ON w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency AND w.balance - w.held >= p.amount
        JOIN account s ON s.kind = 'store' AND s.owner = p.store AND s.currency = p.currency
        JOIN LATERAL payer_of(p.payer, moment) who ON NOT who.alike
        WHERE a.n = ANY (mine) AND NOT EXISTS (SELECT FROM request_key k WHERE k.owner = a.key_owner AND k.name = a.key_name)
            AND payer_rule(who.signed_at, who.withdrawn_at, v.frozen, who.today, who.hour_sum, who.hour_count, who.day_count,
                who.week_sum, who.own, who.minor, who.allow_day, who.allow_week, who.limit_payment, who.limit_hour_count,
                who.limit_hour_sum, who.limit_day_count, who.limit_day_sum, p.amount, limits) = ''
        ORDER BY p.payer, a.n
    ), moved AS (
        INSERT INTO transfer (number, id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
        SELECT serial, transfer, moment, 'payment', 'posted', wallet, store_account, currency, amount, payer, till, payment, '', '', '' FROM plain
    ), paid AS (
        UPDATE payment p SET status = 'captured', reason = '', authorised = p.amount, captured = p.amount, method = b.method,
            method_kind = 'emoney', decided_at = moment
        FROM plain b WHERE p.id = b.payment
        RETURNING b.n, b.sealed, b.key_owner, b.key_name, b.key_body, b.event, p AS row, payment_outcome(p, '', '') AS outcome
    ), said AS (
        INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
            direction, currency, amount, took_us)
        SELECT serial | n, event, moment, 'payment.captured', (row).till, (row).payer, (row).till, (row).till_name,
            (row).store, (row).id, 'payment', '', (row).status, (row).reason, '', (row).currency, (row).amount, 0
        FROM paid
    ), kept AS (
        INSERT INTO request_key (owner, name, body, outcome, at)
        SELECT key_owner, key_name, key_body, outcome, moment FROM paid WHERE key_name <> ''
    )
    SELECT a.n::integer, a.outcome, a.sealed FROM paid a;
END $$;
-- +goose StatementEnd
