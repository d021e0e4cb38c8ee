-- Many confirmations in one transaction: those of the plain kind, which is nearly all, are written by one statement for all
-- of them together; whatever is special about one (a key seen before, a limit, a short wallet, a card, a first payment at a
-- store, a second one of the same person) is left to payment_confirm, in the same transaction.

-- +goose Up

-- One statement moves whichever wallets a transfer touches.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was transfer%ROWTYPE;
    held_change bigint := 0;
    taken bigint := 0;
BEGIN
    IF NEW.resolves IS NOT NULL THEN
        SELECT * INTO was FROM transfer WHERE id = NEW.resolves;
        IF was.state IS DISTINCT FROM 'pending'
            OR (was.debit, was.credit, was.currency, was.payment) IS DISTINCT FROM (NEW.debit, NEW.credit, NEW.currency, NEW.payment)
            OR NEW.amount > was.amount OR (NEW.state <> 'posted' AND NEW.amount <> was.amount) THEN
            RAISE EXCEPTION 'transfer % does not resolve %', NEW.id, NEW.resolves
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_resolution_matches_what_was_pending';
        END IF;
        held_change := -was.amount;
    END IF;
    IF NEW.state = 'pending' THEN
        held_change := NEW.amount;
    ELSIF NEW.state = 'posted' THEN
        taken := NEW.amount;
    END IF;
    UPDATE account SET held = held + CASE id WHEN NEW.debit THEN held_change ELSE 0 END,
        balance = balance + CASE id WHEN NEW.debit THEN -taken ELSE taken END
    WHERE id IN (NEW.debit, NEW.credit) AND kind = 'wallet';
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- db.Outcome in JSON, as payment_done writes it.
-- +goose StatementBegin
CREATE FUNCTION payment_outcome(p payment, refund text, did text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('ID', p.id, 'Till', p.till, 'Store', p.store, 'Status', p.status, 'Reason', p.reason,
        'Amount', jsonb_build_object('currency', p.currency, 'value', p.amount),
        'Authorised', jsonb_build_object('currency', p.currency, 'value', p.authorised),
        'Captured', jsonb_build_object('currency', p.currency, 'value', p.captured),
        'Refunded', jsonb_build_object('currency', p.currency, 'value', p.refunded),
        'OrderRef', p.order_ref, 'Manual', p.manual, 'Payer', p.payer, 'PayerName', '', 'Method', p.method,
        'MethodKind', p.method_kind, 'Methods', NULL, 'Retry', p.retry, 'Created', outcome_moment(p.created_at),
        'Expires', outcome_moment(p.expires_at), 'Decided', outcome_moment(p.decided_at), 'Refund', refund, 'Did', did,
        'Replayed', false)
$$;
-- +goose StatementEnd

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
        JOIN payment p ON p.id = a.payment AND p.till = a.till AND p.status = 'awaiting_confirmation' AND a.at < p.expires_at
            AND NOT p.manual AND p.method_kind = ''
        JOIN visitor v ON v.id = p.payer AND v.erased_at IS NULL
        JOIN device d ON d.id = a.till AND d.role = 'till' AND d.claimed_at IS NOT NULL AND d.revoked_at IS NULL
        JOIN method m ON m.id = a.chosen AND m.visitor = p.payer AND m.removed_at IS NULL AND m.kind = 'emoney'
        JOIN account w ON w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency AND w.balance - w.held >= p.amount
        JOIN account s ON s.kind = 'store' AND s.owner = p.store AND s.currency = p.currency
        WHERE a.mine AND NOT EXISTS (SELECT FROM request_key k WHERE k.owner = a.key_owner AND k.name = a.key_name)
            AND payer_refusal(p.payer, a.at, p.amount, limits) = ''
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
