-- The verbs of a payment, each one statement and so one round trip and one transaction: the key, the locks in their order
-- (key, payment, visitor, account), the rule, the transfer, the payment's row, the event, the key's outcome. Identifiers,
-- moments and limits come in as arguments, as the root made them. A verb that cannot be carried out answers a problem and
-- has written nothing.

-- +goose Up

-- Who asks for what, and the identifiers that it may need.
CREATE TYPE payment_ask AS (
    key_owner text,
    key_name  text,                              -- empty: no protection was asked for
    key_body  bytea,
    key_lock  bigint,
    key_since timestamptz,                       -- older outcomes are forgotten
    till      text,                              -- empty: the venue's own timer
    payment   text,
    at        timestamptz,
    event     text,                              -- an id
    place     integer,                           -- of the event in its transaction
    transfer  text,                              -- an id
    refund    text,                              -- an id
    account   text                               -- an id, should the store have no account yet
);

CREATE TYPE payment_answer AS (
    problem  text,                               -- empty, in_flight, key_reused, not_found, state, amount, card
    status   text,                               -- of the payment, where that is the problem
    outcome  jsonb,                              -- as the key keeps it
    replayed boolean,
    charge   text,                               -- the card's, where a company has to be told
    name     bytea                               -- the payer's, sealed
);

-- +goose StatementBegin
CREATE FUNCTION payment_says(ask payment_ask, p payment, kind text, amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
        direction, currency, amount, took_us)
    VALUES (event_number(ask.place), ask.event, ask.at, kind, p.till, p.payer, p.till, p.till_name, p.store, p.id, 'payment', '',
        p.status, p.reason, '', p.currency, amount, 0);
END $$;
-- +goose StatementEnd

-- How Go writes a moment in JSON.
-- +goose StatementBegin
CREATE FUNCTION outcome_moment(at timestamptz) RETURNS text LANGUAGE sql STABLE
    RETURN coalesce(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '0001-01-01T00:00:00Z');
-- +goose StatementEnd

-- The outcome of a verb, as db.Outcome is written in JSON; no name and no method stands in it. It is kept for the key.
-- +goose StatementBegin
CREATE FUNCTION payment_done(ask payment_ask, p payment, refund text, did text, charge text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    a payment_answer;
BEGIN
    a.problem := '';
    a.replayed := false;
    a.charge := charge;
    a.outcome := jsonb_build_object('ID', p.id, 'Till', p.till, 'Store', p.store, 'Status', p.status, 'Reason', p.reason,
        'Amount', jsonb_build_object('currency', p.currency, 'value', p.amount),
        'Authorised', jsonb_build_object('currency', p.currency, 'value', p.authorised),
        'Captured', jsonb_build_object('currency', p.currency, 'value', p.captured),
        'Refunded', jsonb_build_object('currency', p.currency, 'value', p.refunded),
        'OrderRef', p.order_ref, 'Manual', p.manual, 'Payer', p.payer, 'PayerName', '', 'Method', p.method,
        'MethodKind', p.method_kind, 'Methods', NULL, 'Retry', p.retry, 'Created', outcome_moment(p.created_at),
        'Expires', outcome_moment(p.expires_at), 'Decided', outcome_moment(p.decided_at), 'Refund', refund, 'Did', did,
        'Replayed', false);
    IF p.payer <> '' THEN
        SELECT v.name INTO a.name FROM visitor v WHERE v.id = p.payer AND v.erased_at IS NULL;
    END IF;
    IF ask.key_name <> '' THEN
        INSERT INTO request_key AS k (owner, name, body, outcome, at)
        VALUES (ask.key_owner, ask.key_name, ask.key_body, a.outcome, ask.at)
        ON CONFLICT ON CONSTRAINT a_request_key_has_one_outcome
            DO UPDATE SET body = excluded.body, outcome = excluded.outcome, at = excluded.at WHERE k.at <= ask.key_since;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another request with this key was first' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    RETURN a;
END $$;
-- +goose StatementEnd

-- What was kept for the key, or the problem with it; null where the verb goes ahead. The lock and the look are two
-- statements, so that the second sees what a twin committed before it let go.
-- +goose StatementBegin
CREATE FUNCTION payment_asked(ask payment_ask, OUT a payment_answer) LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    IF ask.key_name <> '' THEN
        IF NOT pg_try_advisory_xact_lock(ask.key_lock) THEN
            a.problem := 'in_flight';
            RETURN;
        END IF;
        SELECT body, outcome INTO kept FROM request_key WHERE owner = ask.key_owner AND name = ask.key_name AND at > ask.key_since;
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

-- Begins every verb on a payment that is there: the key, the till, the payment's lock. A payment that waits for somebody
-- and whose time is over ends here, unless a card company is just being asked. The verb goes ahead where a.problem is null.
-- +goose StatementBegin
CREATE FUNCTION payment_begin(ask payment_ask, OUT a payment_answer, OUT p payment) LANGUAGE plpgsql AS $$
BEGIN
    a := payment_asked(ask);
    IF a.problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO p FROM payment WHERE id = ask.payment AND (ask.till = '' OR till = ask.till) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        a.problem := 'not_found';
        RETURN;
    END IF;
    IF ask.at < p.expires_at OR NOT (p.retry OR p.status IN ('awaiting_face', 'awaiting_code', 'awaiting_confirmation'))
        OR EXISTS (SELECT FROM card_charge c WHERE c.payment = p.id AND c.state = 'unknown') THEN
        RETURN;
    END IF;
    IF p.status = 'refused' THEN -- it stays refused: no other face came
        UPDATE payment SET retry = false WHERE id = p.id RETURNING * INTO p;
    ELSE
        UPDATE payment SET status = 'expired', reason = 'payment_expired', retry = false, short_list = '{}', decided_at = ask.at
        WHERE id = p.id RETURNING * INTO p;
    END IF;
    PERFORM payment_says(ask, p, 'payment.ended', p.amount);
    a := payment_done(ask, p, '', '', '');
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION payment_create(ask payment_ask, currency text, amount bigint, order_ref text, manual boolean, expires_at timestamptz)
    RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    a payment_answer := payment_asked(ask);
    p payment;
BEGIN
    IF a.problem IS NOT NULL THEN
        RETURN a;
    END IF;
    INSERT INTO payment (id, till, till_name, store, currency, amount, order_ref, manual, created_at, expires_at)
    SELECT ask.payment, d.id, d.name, d.zone, payment_create.currency, payment_create.amount, payment_create.order_ref,
        payment_create.manual, ask.at, payment_create.expires_at
    FROM device d WHERE d.id = ask.till
    RETURNING * INTO p;
    PERFORM payment_says(ask, p, 'payment.created', p.amount);
    RETURN payment_done(ask, p, '', '', '');
END $$;
-- +goose StatementEnd

-- Pays from the wallet: taken at once, or held where capture is a step of its own. Consent, freeze and limits are read
-- once more, under the payer's lock. A card is another conversation: 'card', and nothing was done.
-- +goose StatementBegin
CREATE FUNCTION payment_confirm(ask payment_ask, chosen text, limits jsonb, capture_until timestamptz) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
    wallet record;
    store text;
    method_found text;
    refusal text;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    END IF;
    IF p.method_kind = 'card' AND EXISTS (SELECT FROM card_charge c WHERE c.payment = p.id AND c.state = 'unknown') THEN
        a.problem := 'card';
        RETURN a;
    ELSIF p.status <> 'awaiting_confirmation' THEN
        a.problem := 'state';
        a.status := p.status;
        RETURN a;
    END IF;
    PERFORM FROM visitor WHERE id = p.payer FOR NO KEY UPDATE;
    refusal := payer_refusal(p.payer, ask.at, p.amount, limits);
    IF refusal = '' THEN
        SELECT m.kind INTO method_found FROM method m WHERE m.id = chosen AND m.visitor = p.payer AND m.removed_at IS NULL;
        IF method_found = 'card' THEN
            a.problem := 'card';
            RETURN a;
        ELSIF method_found IS NULL THEN
            refusal := 'method_gone';
        ELSE
            p.method := chosen;
            p.method_kind := method_found;
            SELECT w.id, w.balance - w.held AS free INTO wallet FROM account w
            WHERE w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                a.problem := 'not_found';
                RETURN a;
            ELSIF wallet.free < p.amount THEN
                refusal := 'funds_short';
            END IF;
        END IF;
    END IF;
    IF refusal <> '' THEN
        UPDATE payment SET status = 'declined', reason = refusal, decided_at = ask.at, method = p.method, method_kind = p.method_kind
        WHERE id = p.id RETURNING * INTO p;
        PERFORM payment_says(ask, p, 'payment.ended', p.amount);
        RETURN payment_done(ask, p, '', '', '');
    END IF;
    store := store_account(p.store, p.currency, ask.account, ask.at);
    INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
    VALUES (ask.transfer, ask.at, 'payment', CASE WHEN p.manual THEN 'pending' ELSE 'posted' END, wallet.id, store, p.currency,
        p.amount, p.payer, p.till, p.id, '', '', '');
    UPDATE payment SET status = CASE WHEN p.manual THEN 'authorised' ELSE 'captured' END, reason = '', authorised = p.amount,
        captured = CASE WHEN p.manual THEN 0 ELSE p.amount END, method = p.method, method_kind = p.method_kind,
        expires_at = CASE WHEN p.manual THEN capture_until ELSE p.expires_at END,
        decided_at = CASE WHEN p.manual THEN p.decided_at ELSE ask.at END
    WHERE id = p.id RETURNING * INTO p;
    PERFORM payment_says(ask, p, CASE WHEN p.manual THEN 'payment.authorised' ELSE 'payment.captured' END, p.amount);
    RETURN payment_done(ask, p, '', '', '');
END $$;
-- +goose StatementEnd

-- The store's account, opened at its first payment.
-- +goose StatementBegin
CREATE FUNCTION store_account(store text, in_currency text, new_id text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_id text;
BEGIN
    SELECT id INTO found_id FROM account WHERE kind = 'store' AND owner = store AND currency = in_currency;
    IF NOT FOUND THEN
        INSERT INTO account (id, kind, owner, currency, opened_at) VALUES (new_id, 'store', store, in_currency, at)
        ON CONFLICT ON CONSTRAINT an_owner_has_one_account_of_a_kind DO NOTHING;
        SELECT id INTO found_id FROM account WHERE kind = 'store' AND owner = store AND currency = in_currency;
    END IF;
    RETURN found_id;
END $$;
-- +goose StatementEnd

-- Ends what was held: posts a part or all of it, or frees it. Answers the card's charge, empty where it was the wallet.
-- +goose StatementBegin
CREATE FUNCTION payment_resolve(ask payment_ask, p payment, how text, sum bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    pending transfer;
BEGIN
    IF p.method_kind = 'emoney' THEN
        PERFORM FROM account w WHERE w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency FOR NO KEY UPDATE;
    END IF;
    SELECT * INTO STRICT pending FROM transfer t WHERE t.payment = p.id AND t.state = 'pending';
    INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
    VALUES (ask.transfer, ask.at, 'payment', how, pending.id, pending.debit, pending.credit, p.currency, sum, p.payer, p.till,
        p.id, '', pending.charge, '');
    RETURN pending.charge;
END $$;
-- +goose StatementEnd

-- What a card company has to be told is noted where it is decided.
-- +goose StatementBegin
CREATE FUNCTION card_task_add(charge text, verb text, refund text, currency text, amount bigint, at timestamptz) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF charge <> '' THEN
        INSERT INTO card_task (charge, verb, refund, currency, amount, due_at)
        VALUES (card_task_add.charge, card_task_add.verb, card_task_add.refund, card_task_add.currency, card_task_add.amount, at)
        ON CONFLICT DO NOTHING;
    END IF;
END $$;
-- +goose StatementEnd

-- Takes what was authorised, or a part: the rest is free again. asked is 0 for all.
-- +goose StatementBegin
CREATE FUNCTION payment_capture(ask payment_ask, asked bigint, asked_currency text) RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
    take bigint;
    charge text;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    END IF;
    take := CASE asked WHEN 0 THEN p.authorised ELSE asked END;
    IF p.status <> 'authorised' THEN
        a.problem := 'state';
        a.status := p.status;
        RETURN a;
    ELSIF take < 0 OR take > p.authorised OR asked <> 0 AND asked_currency <> p.currency THEN
        a.problem := 'amount';
        RETURN a;
    END IF;
    charge := payment_resolve(ask, p, 'posted', take);
    UPDATE payment SET status = 'captured', reason = '', captured = take, decided_at = ask.at WHERE id = p.id RETURNING * INTO p;
    PERFORM card_task_add(charge, 'capture', '', p.currency, take, ask.at);
    PERFORM payment_says(ask, p, 'payment.captured', take);
    RETURN payment_done(ask, p, '', '', charge);
END $$;
-- +goose StatementEnd

-- Frees what was authorised.
-- +goose StatementBegin
CREATE FUNCTION payment_release(ask payment_ask, p payment, how text, becomes text, why text, did text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    charge text := payment_resolve(ask, p, how, p.authorised);
BEGIN
    UPDATE payment SET status = becomes, reason = why, decided_at = ask.at WHERE id = p.id RETURNING * INTO p;
    PERFORM card_task_add(charge, 'release', '', p.currency, p.authorised, ask.at);
    PERFORM payment_says(ask, p, 'payment.ended', p.authorised);
    RETURN payment_done(ask, p, '', did, charge);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION payment_void(ask payment_ask) RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    ELSIF p.status <> 'authorised' THEN
        a.problem := 'state';
        a.status := p.status;
        RETURN a;
    END IF;
    RETURN payment_release(ask, p, 'voided', 'voided', '', '');
END $$;
-- +goose StatementEnd

-- Gives back what was captured, the way it came.
-- +goose StatementBegin
CREATE FUNCTION payment_give_back(ask payment_ask, p payment, sum bigint, why text, did text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    came transfer;
BEGIN
    IF p.method_kind = 'emoney' THEN
        PERFORM FROM account w WHERE w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency FOR NO KEY UPDATE;
    END IF;
    SELECT * INTO STRICT came FROM transfer t WHERE t.payment = p.id AND t.kind = 'payment' AND t.state = 'posted';
    INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
    VALUES (ask.transfer, ask.at, 'refund', 'posted', came.credit, came.debit, p.currency, sum, p.payer, p.till, p.id, ask.refund,
        came.charge, why);
    UPDATE payment SET refunded = p.refunded + sum,
        status = CASE WHEN p.refunded + sum = p.captured THEN 'refunded' ELSE 'partially_refunded' END
    WHERE id = p.id RETURNING * INTO p;
    PERFORM card_task_add(came.charge, 'refund', ask.refund, p.currency, sum, ask.at);
    PERFORM payment_says(ask, p, 'payment.refunded', sum);
    RETURN payment_done(ask, p, ask.refund, did, came.charge);
END $$;
-- +goose StatementEnd

-- asked is 0 for all that is left.
-- +goose StatementBegin
CREATE FUNCTION payment_refund(ask payment_ask, asked bigint, asked_currency text, why text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
    back bigint;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    END IF;
    back := CASE asked WHEN 0 THEN p.captured - p.refunded ELSE asked END;
    IF p.status NOT IN ('captured', 'partially_refunded') THEN
        a.problem := 'state';
        a.status := p.status;
        RETURN a;
    ELSIF back <= 0 OR back > p.captured - p.refunded OR asked <> 0 AND asked_currency <> p.currency THEN
        a.problem := 'amount';
        RETURN a;
    END IF;
    RETURN payment_give_back(ask, p, back, why, '');
END $$;
-- +goose StatementEnd

-- Reversal advice: never refused. What was held is freed, what was taken goes back, what waits ends, and what has ended
-- stays as it is.
-- +goose StatementBegin
CREATE FUNCTION payment_cancel(ask payment_ask) RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    ELSIF p.status = 'authorised' THEN
        RETURN payment_release(ask, p, 'voided', 'cancelled', 'payment_cancelled', 'released');
    ELSIF p.status IN ('captured', 'partially_refunded') THEN
        RETURN payment_give_back(ask, p, p.captured - p.refunded, 'cancelled', 'refunded');
    ELSIF p.retry OR p.status IN ('awaiting_face', 'awaiting_code', 'awaiting_confirmation') THEN
        UPDATE payment SET status = 'cancelled', reason = 'payment_cancelled', retry = false, short_list = '{}', decided_at = ask.at
        WHERE id = p.id RETURNING * INTO p;
        PERFORM payment_says(ask, p, 'payment.ended', p.amount);
    END IF;
    RETURN payment_done(ask, p, '', 'nothing', '');
END $$;
-- +goose StatementEnd

-- The venue's timer: ends a payment whose time is over, if that is still so; the outcome is null where it is not.
-- +goose StatementBegin
CREATE FUNCTION payment_expire(ask payment_ask) RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NULL AND p.status = 'authorised' AND p.expires_at <= ask.at THEN
        RETURN payment_release(ask, p, 'expired', 'expired', 'payment_expired', '');
    END IF;
    RETURN a;
END $$;
-- +goose StatementEnd

-- Many tills' confirmations in one transaction, each with an answer of its own. All locks are taken first, in their order
-- and each kind by its ids, so that no two groups and no other verb can wait for each other in a circle.
-- +goose StatementBegin
CREATE FUNCTION payments_confirm(asks payment_ask[], chosen text[], limits jsonb, capture_until timestamptz)
    RETURNS SETOF payment_answer LANGUAGE plpgsql AS $$
DECLARE
    payers text[];
BEGIN
    PERFORM FROM payment WHERE id IN (SELECT payment FROM unnest(asks)) ORDER BY id FOR NO KEY UPDATE;
    SELECT array_agg(payer) INTO payers FROM payment WHERE id IN (SELECT payment FROM unnest(asks)) AND payer <> '';
    PERFORM FROM visitor WHERE id = ANY (payers) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM account WHERE kind = 'wallet' AND owner = ANY (payers) ORDER BY id FOR NO KEY UPDATE;
    FOR i IN 1 .. cardinality(asks) LOOP
        RETURN NEXT payment_confirm(asks[i], chosen[i], limits, capture_until);
    END LOOP;
END $$;
-- +goose StatementEnd
