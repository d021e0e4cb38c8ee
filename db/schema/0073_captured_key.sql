-- A key of a payment that was captured at once keeps which one: its outcome is what that payment was then, and every part
-- of that stays as it was in the payment's own row. Written as JSON it was a twentieth of a payment's time.

-- +goose Up
ALTER TABLE request_key ALTER outcome DROP NOT NULL, ADD captured text,
    ADD CONSTRAINT a_request_key_has_an_outcome CHECK ((outcome IS NULL) <> (captured IS NULL));

-- +goose StatementBegin
CREATE FUNCTION key_outcome(k request_key) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    p payment;
BEGIN
    IF k.outcome IS NOT NULL THEN
        RETURN k.outcome;
    END IF;
    SELECT * INTO STRICT p FROM payment WHERE id = k.captured;
    p.status := 'captured'; -- what was refunded since is not the outcome of its confirmation
    p.refunded := 0;
    RETURN payment_outcome(p, '', '');
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_asked(ask payment_ask, OUT a payment_answer) LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    IF ask.key_name <> '' THEN
        IF NOT pg_try_advisory_xact_lock(ask.key_lock) THEN
            a.problem := 'in_flight';
            RETURN;
        END IF;
        SELECT k.body, key_outcome(k) AS outcome INTO kept FROM request_key k
        WHERE owner = ask.key_owner AND name = ask.key_name AND at > ask.key_since;
        IF FOUND AND kept.body <> ask.key_body THEN
            a.problem := 'key_reused';
            RETURN;
        ELSIF FOUND THEN
            a.problem := '';
            a.outcome := kept.outcome;
            a.replayed := true;
            SELECT v.name INTO a.name FROM visitor v WHERE v.id = kept.outcome ->> 'Payer' AND v.erased_at IS NULL;
            RETURN;
        END IF;
    END IF;
    IF ask.till <> '' AND NOT EXISTS (
        SELECT FROM device WHERE id = ask.till AND role = 'till' AND claimed_at IS NOT NULL AND revoked_at IS NULL) THEN
        a.problem := 'not_found';
    END IF;
END $$;
-- +goose StatementEnd

-- As in 0059, but a key that is taken anew keeps one outcome only.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_done(ask payment_ask, p payment, refund text, did text, charge text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    a payment_answer;
BEGIN
    a.problem := '';
    a.replayed := false;
    a.charge := charge;
    a.outcome := payment_outcome(p, refund, did);
    IF p.payer <> '' THEN
        SELECT v.name INTO a.name FROM visitor v WHERE v.id = p.payer AND v.erased_at IS NULL;
    END IF;
    IF ask.key_name <> '' THEN
        INSERT INTO request_key AS k (owner, name, body, outcome, at)
        VALUES (ask.key_owner, ask.key_name, ask.key_body, a.outcome, ask.at)
        ON CONFLICT ON CONSTRAINT a_request_key_has_one_outcome
            DO UPDATE SET body = excluded.body, outcome = excluded.outcome, captured = NULL, at = excluded.at WHERE k.at <= ask.key_since;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another request with this key was first' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    RETURN a;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_row(k request_key) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('key %s of %s kept at %s: payment %s, ', k.name, k.owner, outcome_moment(k.at), coalesce(k.captured, k.outcome ->> 'ID', 'none'))
        || CASE WHEN k.captured IS NOT NULL THEN 'captured' ELSE format('%s, captured %s, refunded %s',
            coalesce(k.outcome ->> 'Status', 'of no status'), coalesce(k.outcome -> 'Captured' ->> 'value', '0'),
            coalesce(k.outcome -> 'Refunded' ->> 'value', '0')) END
$$;
-- +goose StatementEnd

-- As in 0071, but the outcome is the caller's to put together, of what it cannot know by itself.
DROP FUNCTION payments_confirm(text[], text[], bytea[], bigint[], text[], text[], text[], text[], text[], timestamptz, jsonb);

-- +goose StatementBegin
CREATE FUNCTION payments_confirm(owners text[], names text[], bodies bytea[], locks bigint[], tills text[], payments text[],
    events text[], transfers text[], methods text[], moment timestamptz, limits jsonb)
    RETURNS TABLE (place integer, payer text, name bytea, store text, currency text, amount bigint, order_ref text,
        created_at timestamptz, expires_at timestamptz) LANGUAGE plpgsql
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
        SELECT DISTINCT ON (p.payer) a.*, p.payer, p.amount, p.store, p.currency, p.till_name, p.order_ref, p.created_at,
            p.expires_at, v.name AS sealed, w.id AS wallet, s.id AS store_account
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
    ), said AS (
        INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
            direction, currency, amount, took_us)
        SELECT serial | n, event, moment, 'payment.captured', till, payer, till, till_name, store, payment, 'payment', '',
            'captured', '', '', currency, amount, 0
        FROM plain
    ), kept AS (
        INSERT INTO request_key (owner, name, body, captured, at)
        SELECT key_owner, key_name, key_body, payment, moment FROM plain WHERE key_name <> ''
    )
    SELECT a.n::integer, a.payer, a.sealed, a.store, a.currency, a.amount, a.order_ref, a.created_at, a.expires_at FROM plain a;
END $$;
-- +goose StatementEnd
