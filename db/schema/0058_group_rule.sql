-- Who may pay is asked once for a whole group of confirmations, not by a call for each: the rule is an expression over what
-- payer_of reads, so that the group's statement takes both into itself.

-- +goose Up

-- The rule of Payer.Refusal, as far as it can be said of the payer alone: whoever has a look-alike is payer_refusal's.
CREATE FUNCTION payer_rule(signed_at timestamptz, withdrawn_at timestamptz, frozen boolean, today bigint, hour_sum bigint,
    hour_count integer, day_count integer, week_sum bigint, own bigint, minor boolean, allow_day bigint, allow_week bigint,
    limit_payment bigint, limit_hour_count integer, limit_hour_sum bigint, limit_day_count integer, limit_day_sum bigint,
    amount bigint, limits jsonb) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE
        WHEN signed_at IS NULL THEN 'consent_missing'
        WHEN withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
        WHEN frozen THEN 'payer_frozen'
        WHEN amount > coalesce(nullif(limit_payment, 0), (limits ->> 'payment')::bigint)
            OR today > coalesce(nullif(limit_day_sum, 0), (limits ->> 'day')::bigint) - amount
            OR hour_sum > coalesce(nullif(limit_hour_sum, 0), (limits ->> 'hour_sum')::bigint) - amount
            OR hour_count >= coalesce(nullif(limit_hour_count, 0), (limits ->> 'hour_count')::integer)
            OR day_count >= coalesce(nullif(limit_day_count, 0), (limits ->> 'day_count')::integer)
            OR own > 0 AND today > own - amount
            OR minor AND (today > allow_day - amount OR week_sum > allow_week - amount)
            THEN 'limit_exceeded'
        ELSE '' END;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payer_refusal(visitor text, at timestamptz, amount bigint, limits jsonb) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    refusal text;
    alike boolean;
BEGIN
    SELECT payer_rule(w.signed_at, w.withdrawn_at, w.frozen, w.today, w.hour_sum, w.hour_count, w.day_count, w.week_sum, w.own,
        w.minor, w.allow_day, w.allow_week, w.limit_payment, w.limit_hour_count, w.limit_hour_sum, w.limit_day_count,
        w.limit_day_sum, $3, $4), w.alike
    INTO refusal, alike FROM payer_of($1, $2) w;
    -- asked at a confirmation, of somebody whose look-alike was found since their face alone named them
    IF refusal = '' AND alike AND EXISTS (
        SELECT FROM payment p WHERE p.payer = $1 AND p.payer <> '' AND p.status = 'awaiting_confirmation' AND NOT p.coded) THEN
        RETURN 'code_needed';
    END IF;
    RETURN refusal;
END $$;
-- +goose StatementEnd

-- As in 0043, but for the rule, and for how a payment is found.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payments_confirm(asks payment_ask[], chosen text[], limits jsonb, capture_until timestamptz)
    RETURNS SETOF payment_answer LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan -- a few members, each found by an index, however the tables grow meanwhile
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    payers text[];
    mine boolean[];
    answers payment_answer[];
BEGIN
    -- All locks first, in their order and each kind by its ids: no two groups, and no group and another verb, can wait for
    -- each other in a circle.
    mine := ARRAY(SELECT a.key_name = '' OR pg_try_advisory_xact_lock(a.key_lock) FROM unnest(asks) WITH ORDINALITY a ORDER BY a.ordinality);
    PERFORM FROM payment WHERE id IN (SELECT payment FROM unnest(asks)) ORDER BY id FOR NO KEY UPDATE;
    payers := ARRAY(SELECT payer FROM payment WHERE id IN (SELECT payment FROM unnest(asks)) AND payer <> '');
    PERFORM FROM visitor WHERE id = ANY (payers) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM account WHERE kind = 'wallet' AND owner = ANY (payers) ORDER BY id FOR NO KEY UPDATE;
    WITH member AS MATERIALIZED (
        SELECT a.*, p.payer, p.amount, p.store, p.currency, v.name, w.id AS wallet, s.id AS store_account, m.id AS method
        FROM unnest(asks, chosen, mine) WITH ORDINALITY
            AS a (key_owner, key_name, key_body, key_lock, key_since, till, payment, at, event, place, transfer, refund, account, chosen, mine, n)
        -- the status as an expression: else the planner reads all that wait, whom it believes to be few, instead of these
        JOIN payment p ON p.id = a.payment AND p.till = a.till AND p.status || '' = 'awaiting_confirmation' AND a.at < p.expires_at
            AND NOT p.manual AND p.method_kind = ''
        JOIN visitor v ON v.id = p.payer AND v.erased_at IS NULL
        JOIN device d ON d.id = a.till AND d.role = 'till' AND d.claimed_at IS NOT NULL AND d.revoked_at IS NULL
        JOIN method m ON m.id = a.chosen AND m.visitor = p.payer AND m.removed_at IS NULL AND m.kind = 'emoney'
        JOIN account w ON w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency AND w.balance - w.held >= p.amount
        JOIN account s ON s.kind = 'store' AND s.owner = p.store AND s.currency = p.currency
        JOIN LATERAL payer_of(p.payer, a.at) who ON NOT who.alike
        WHERE a.mine AND NOT EXISTS (SELECT FROM request_key k WHERE k.owner = a.key_owner AND k.name = a.key_name)
            AND payer_rule(who.signed_at, who.withdrawn_at, who.frozen, who.today, who.hour_sum, who.hour_count, who.day_count,
                who.week_sum, who.own, who.minor, who.allow_day, who.allow_week, who.limit_payment, who.limit_hour_count,
                who.limit_hour_sum, who.limit_day_count, who.limit_day_sum, p.amount, limits) = ''
    ), plain AS MATERIALIZED (
        SELECT DISTINCT ON (payer) * FROM member b
        WHERE NOT EXISTS (SELECT FROM member c WHERE c.key_lock = b.key_lock AND c.n < b.n AND c.key_name <> '') ORDER BY payer, n
    ), moved AS (
        INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
        SELECT transfer, at, 'payment', 'posted', wallet, store_account, currency, amount, payer, till, payment, '', '', '' FROM plain
    ), paid AS (
        UPDATE payment p SET status = 'captured', reason = '', authorised = p.amount, captured = p.amount, method = b.method,
            method_kind = 'emoney', decided_at = b.at
        FROM plain b WHERE p.id = b.payment
        RETURNING b.n, b.name, b.key_owner, b.key_name, b.key_body, b.at, b.event, b.place, p AS row, payment_outcome(p, '', '') AS outcome
    ), said AS (
        INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
            direction, currency, amount, took_us)
        SELECT event_number(place), event, at, 'payment.captured', (row).till, (row).payer, (row).till, (row).till_name, (row).store,
            (row).id, 'payment', '', (row).status, (row).reason, '', (row).currency, (row).amount, 0
        FROM paid
    ), kept AS (
        INSERT INTO request_key (owner, name, body, outcome, at)
        SELECT key_owner, key_name, key_body, outcome, at FROM paid WHERE key_name <> ''
    )
    SELECT array_agg(ROW('', NULL, a.outcome, false, '', a.name)::payment_answer ORDER BY n.n) INTO answers
    FROM generate_series(1, cardinality(asks)) n LEFT JOIN paid a ON a.n = n.n;
    FOR i IN 1 .. cardinality(asks) LOOP
        IF (answers[i]).outcome IS NULL THEN
            RETURN NEXT payment_confirm(asks[i], chosen[i], limits, capture_until);
        ELSE
            RETURN NEXT answers[i];
        END IF;
    END LOOP;
END $$;
-- +goose StatementEnd
