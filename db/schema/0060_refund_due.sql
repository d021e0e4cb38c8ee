-- Further kinds of account and of transfer: what stores pay the venue (fees), and what is owed to people whom a refund could not
-- reach (due). A refund is never refused for that: it is booked as owed, and paid out by hand. Each transfer of the new kinds
-- is named by the row that it is made for, which comes first, in the same transaction: a transfer alone is refused.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION account_holds(a account) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (a.kind IN ('wallet', 'store', 'topup', 'card', 'desk', 'fees', 'due')) THEN 'an_account_is_of_a_known_kind'
        WHEN NOT (a.currency ~ '^[A-Z]{3}$') THEN 'a_currency_is_three_letters'
        -- The other side is only ever appended to (its sum is read, not kept): a row that every payment updates is a queue.
        WHEN (a.kind = 'wallet') <> (a.balance IS NOT NULL) OR (a.kind = 'wallet') <> (a.held IS NOT NULL) THEN 'only_a_wallet_keeps_a_balance'
        WHEN NOT (a.balance - a.held >= 0) THEN 'a_wallet_is_never_below_zero'
        WHEN NOT (a.held >= 0) THEN 'a_wallet_holds_no_less_than_nothing'
        END;
BEGIN
    RETURN broken IS NULL OR refuse_row(broken, 'account', a.id);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION account_is_opened_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 OR NEW.held <> 0 THEN
        PERFORM refuse_row('an_account_is_opened_empty', 'account', NEW.id);
    ELSIF NEW.kind IN ('fees', 'due') AND NEW.owner <> '' THEN
        PERFORM refuse_row('fees_and_what_is_due_are_the_venues_own', 'account', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_holds(t transfer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (t.kind IN ('topup', 'payment', 'refund', 'fee', 'bounce', 'payout', 'topup_refund')) THEN 'a_transfer_is_of_a_known_kind'
        WHEN NOT (t.state IN ('pending', 'posted', 'voided', 'expired')) THEN 'a_transfer_is_of_a_known_state'
        WHEN NOT (t.amount > 0) THEN 'a_transfer_moves_something'
        WHEN (t.kind = 'fee') <> (t.visitor = '') THEN 'a_transfer_is_somebodys'
        WHEN NOT (t.debit <> t.credit) THEN 'a_transfer_has_two_sides'
        WHEN t.state IN ('voided', 'expired') AND t.resolves IS NULL THEN 'only_what_was_pending_is_voided'
        WHEN t.state = 'pending' AND t.resolves IS NOT NULL THEN 'a_pending_transfer_resolves_none'
        WHEN (t.kind IN ('refund', 'topup_refund')) <> (t.refund <> '') THEN 'a_refund_has_an_id'
        WHEN t.kind <> 'payment' AND t.state <> 'posted' THEN 'only_a_payment_is_held'
        WHEN t.payment = '' AND t.kind IN ('payment', 'refund') OR t.payment <> '' AND t.kind IN ('topup', 'topup_refund', 'fee')
            THEN 'a_payment_transfer_names_its_payment'
        WHEN NOT (octet_length(t.why) <= 200) THEN 'a_reason_to_refund_is_a_sentence'
        END;
BEGIN
    RETURN broken IS NULL OR refuse_row(broken, 'transfer', t.id);
END $$;
-- +goose StatementEnd

-- A refund that could not go back, named by the transfer that made it owed: the refund itself (the wallet is gone), or the
-- bounce that takes a card's refund back out of the card company's account.
CREATE TABLE refund_due (
    refund   text NOT NULL CONSTRAINT a_refund_is_owed_once PRIMARY KEY,
    seq      bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT an_owed_refund_has_one_number UNIQUE,
    transfer text NOT NULL CONSTRAINT a_transfer_makes_one_refund_owed UNIQUE
        CONSTRAINT what_is_owed_was_booked REFERENCES transfer (id) DEFERRABLE INITIALLY DEFERRED,
    why      text NOT NULL CONSTRAINT a_refund_is_owed_for_a_known_reason CHECK (why IN ('wallet_gone', 'refund_failed', 'refund_refused')),
    visitor  text NOT NULL,
    payment  text NOT NULL,                      -- empty: a top-up was refunded
    charge   text NOT NULL,                      -- empty: it was the wallet's
    currency text NOT NULL,
    amount   bigint NOT NULL CONSTRAINT something_is_owed CHECK (amount > 0),
    at       timestamptz NOT NULL
);

-- Paid out at the desk, all of it, once. receipt is the desk's own number; no name belongs in note.
CREATE TABLE refund_paid (
    refund   text NOT NULL CONSTRAINT an_owed_refund_is_paid_once PRIMARY KEY
        CONSTRAINT only_what_is_owed_is_paid_out REFERENCES refund_due (refund),
    transfer text NOT NULL CONSTRAINT a_payout_pays_one_refund UNIQUE
        CONSTRAINT what_is_paid_out_was_booked REFERENCES transfer (id) DEFERRABLE INITIALLY DEFERRED,
    receipt  text NOT NULL CONSTRAINT a_payout_has_a_receipt CHECK (octet_length(receipt) BETWEEN 1 AND 64),
    note     text NOT NULL CONSTRAINT a_note_is_short CHECK (octet_length(note) <= 200),
    paid_by  text NOT NULL CONSTRAINT a_payout_says_who_paid CHECK (paid_by <> ''),
    at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX a_receipt_is_given_out_once ON refund_paid (receipt);
CREATE TRIGGER refunds_due_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_due
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
CREATE TRIGGER refunds_paid_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_paid
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE refund_due ENABLE ALWAYS TRIGGER refunds_due_are_only_appended;
ALTER TABLE refund_paid ENABLE ALWAYS TRIGGER refunds_paid_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON refund_paid FROM PUBLIC, CURRENT_USER;

-- An account of the venue's own, opened at first use.
-- +goose StatementBegin
CREATE FUNCTION venue_account(of_kind text, in_currency text, new_id text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_id text;
BEGIN
    SELECT id INTO found_id FROM account WHERE kind = of_kind AND owner = '' AND currency = in_currency;
    IF NOT FOUND THEN
        INSERT INTO account (id, kind, owner, currency, opened_at) VALUES (new_id, of_kind, '', in_currency, at)
        ON CONFLICT ON CONSTRAINT an_owner_has_one_account_of_a_kind DO NOTHING;
        SELECT id INTO found_id FROM account WHERE kind = of_kind AND owner = '' AND currency = in_currency;
    END IF;
    RETURN found_id;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION wallet_is_gone(wallet text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM account w JOIN visitor v ON v.id = w.owner
        WHERE w.id = $1 AND w.kind = 'wallet' AND v.erased_at IS NOT NULL)
$$;
-- +goose StatementEnd

-- As before, and: nothing goes into the wallet of somebody who was erased; it is owed to them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came record;
    was_at timestamptz;
BEGIN
    IF NEW.kind = 'refund' THEN
        SELECT t.debit, t.credit, t.amount, t.at,
            (SELECT coalesce(sum(r.amount), 0) FROM transfer r WHERE r.payment = NEW.payment AND r.payment <> '' AND r.kind = 'refund') AS back
        INTO came FROM transfer t WHERE t.payment = NEW.payment AND t.payment <> '' AND t.kind = 'payment' AND t.state = 'posted';
        IF NOT FOUND OR came.credit <> NEW.debit OR came.debit <> NEW.credit AND NOT (wallet_is_gone(came.debit) AND EXISTS (
            SELECT FROM refund_due d JOIN account a ON a.id = NEW.credit AND a.kind = 'due'
            WHERE (d.transfer, d.refund, d.why, d.visitor, d.payment, d.charge, d.currency, d.amount)
                = (NEW.id, NEW.refund, 'wallet_gone', NEW.visitor, NEW.payment, '', NEW.currency, NEW.amount))) THEN
            PERFORM refuse_row('a_refund_goes_back_the_way_it_came', 'transfer', NEW.id);
        ELSIF came.debit = NEW.credit AND wallet_is_gone(NEW.credit) THEN
            PERFORM refuse_row('nothing_goes_into_an_erased_wallet', 'transfer', NEW.id);
        ELSIF came.back + NEW.amount > came.amount THEN
            PERFORM refuse_row('refunds_stay_within_what_was_captured', 'transfer', NEW.id);
        END IF;
        was_at := came.at;
    ELSE
        SELECT at INTO was_at FROM transfer WHERE id = NEW.resolves;
    END IF;
    IF NEW.at < was_at THEN
        PERFORM refuse_row('nothing_ends_before_it_began', 'transfer', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- That a refund is owed is an event of its own, beside the refund's: its id is that of the transfer which made it owed, with
-- an event's prefix.
-- +goose StatementBegin
CREATE FUNCTION refund_owed(ask payment_ask, p payment, amount bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO refund_due (refund, transfer, why, visitor, payment, charge, currency, amount, at)
    VALUES (ask.refund, ask.transfer, 'wallet_gone', p.payer, p.id, '', p.currency, refund_owed.amount, ask.at);
    INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
        direction, currency, amount, took_us)
    VALUES (event_number(ask.place + 1), overlay(ask.transfer PLACING 'evt_' FROM 1 FOR 4), ask.at, 'refund.owed', 'venue', p.payer, p.till,
        p.till_name, p.store, p.id, 'payment', '', '', '', '', p.currency, refund_owed.amount, 0);
    RETURN venue_account('due', p.currency, ask.account, ask.at);
END $$;
-- +goose StatementEnd

-- Gives back what was captured, the way it came; where that wallet is gone it is owed. Whether it is gone is read under the
-- wallet's lock, which an erasure takes too, by a statement of its own.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_give_back(ask payment_ask, p payment, sum bigint, why text, did text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    came transfer;
    back_to text;
BEGIN
    IF p.method_kind = 'emoney' THEN
        PERFORM FROM account w WHERE w.kind = 'wallet' AND w.owner = p.payer AND w.currency = p.currency FOR NO KEY UPDATE;
    END IF;
    SELECT * INTO STRICT came FROM transfer t WHERE t.payment = p.id AND t.kind = 'payment' AND t.state = 'posted';
    back_to := came.debit;
    IF wallet_is_gone(back_to) THEN
        back_to := refund_owed(ask, p, sum);
    END IF;
    INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
    VALUES (ask.transfer, ask.at, 'refund', 'posted', came.credit, back_to, p.currency, sum, p.payer, p.till, p.id, ask.refund,
        came.charge, why);
    UPDATE payment SET refunded = p.refunded + sum,
        status = CASE WHEN p.refunded + sum = p.captured THEN 'refunded' ELSE 'partially_refunded' END
    WHERE id = p.id RETURNING * INTO p;
    PERFORM card_task_add(came.charge, 'refund', ask.refund, p.currency, sum, ask.at);
    PERFORM payment_says(ask, p, 'payment.refunded', sum);
    RETURN payment_done(ask, p, ask.refund, did, came.charge);
END $$;
-- +goose StatementEnd

-- What an audit says of a row.
-- +goose StatementBegin
CREATE FUNCTION audit_row(d refund_due) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('owed refund %s (%s) at %s: %s %s by transfer %s, payment %s', d.refund, d.why, outcome_moment(d.at), d.currency,
        d.amount, d.transfer, d.payment)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_row(o refund_paid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('paid out: refund %s at %s by %s, transfer %s, receipt %s', o.refund, outcome_moment(o.at), o.paid_by, o.transfer, o.receipt)
$$;
-- +goose StatementEnd
