-- Money. Accounts and the transfers between them; payments and their states. What must stay true is written here as
-- constraints, so that no program, ours included, can write a book that does not balance.

-- +goose Up
CREATE TABLE account (
    id       text NOT NULL CONSTRAINT an_account_id_is_given_once PRIMARY KEY,
    kind     text NOT NULL CONSTRAINT an_account_is_of_a_known_kind CHECK (kind IN ('wallet', 'store', 'topup', 'card', 'desk')),
    owner    text NOT NULL,                      -- a wallet's visitor, a store's zone; empty: the venue's own
    currency text NOT NULL CONSTRAINT a_currency_is_three_letters CHECK (currency ~ '^[A-Z]{3}$'),
    balance  bigint,                             -- wallets only: what was posted
    held     bigint,                             -- wallets only: what is pending
    opened_at timestamptz NOT NULL,
    CONSTRAINT an_owner_has_one_account_of_a_kind UNIQUE (kind, owner, currency),
    CONSTRAINT an_account_has_one_currency UNIQUE (id, currency),
    -- The other side is only ever appended to (its sum is read, not kept): a row that every payment updates is a queue.
    CONSTRAINT only_a_wallet_keeps_a_balance CHECK ((kind = 'wallet') = (balance IS NOT NULL) AND (kind = 'wallet') = (held IS NOT NULL)),
    CONSTRAINT a_wallet_is_never_below_zero CHECK (balance - held >= 0),
    CONSTRAINT a_wallet_holds_no_less_than_nothing CHECK (held >= 0)
);

-- One row holds both legs: the amount leaves debit and reaches credit.
CREATE TABLE transfer (
    id       text NOT NULL CONSTRAINT a_transfer_id_is_given_once PRIMARY KEY,
    seq      bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_transfer_number_is_given_once UNIQUE,
    at       timestamptz NOT NULL,
    kind     text NOT NULL CONSTRAINT a_transfer_is_of_a_known_kind CHECK (kind IN ('topup', 'payment', 'refund')),
    state    text NOT NULL CONSTRAINT a_transfer_is_of_a_known_state CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    resolves text CONSTRAINT a_resolution_names_a_transfer REFERENCES transfer (id)
        CONSTRAINT a_pending_transfer_ends_once UNIQUE,
    debit    text NOT NULL,
    credit   text NOT NULL,
    currency text NOT NULL,
    amount   bigint NOT NULL CONSTRAINT a_transfer_moves_something CHECK (amount > 0),
    visitor  text NOT NULL CONSTRAINT a_transfer_is_somebodys CHECK (visitor <> ''),
    device   text NOT NULL,                      -- the till; empty for top-ups
    payment  text NOT NULL,
    refund   text NOT NULL,
    charge   text NOT NULL,                      -- the card's charge, where a card was used
    why      text NOT NULL CONSTRAINT a_reason_to_refund_is_a_sentence CHECK (octet_length(why) <= 200),
    CONSTRAINT a_transfer_has_two_sides CHECK (debit <> credit),
    CONSTRAINT the_debit_side_is_an_account_of_that_currency FOREIGN KEY (debit, currency) REFERENCES account (id, currency),
    CONSTRAINT the_credit_side_is_an_account_of_that_currency FOREIGN KEY (credit, currency) REFERENCES account (id, currency),
    CONSTRAINT only_what_was_pending_is_voided CHECK (state NOT IN ('voided', 'expired') OR resolves IS NOT NULL),
    CONSTRAINT a_pending_transfer_resolves_none CHECK (state <> 'pending' OR resolves IS NULL),
    CONSTRAINT a_refund_has_an_id CHECK ((kind = 'refund') = (refund <> '')),
    CONSTRAINT a_payment_transfer_names_its_payment CHECK ((kind = 'topup') = (payment = ''))
);
CREATE UNIQUE INDEX a_refund_is_given_once ON transfer (refund) WHERE refund <> '';
CREATE UNIQUE INDEX a_payment_is_held_once ON transfer (payment) WHERE state = 'pending';
CREATE UNIQUE INDEX a_payment_is_captured_once ON transfer (payment) WHERE kind = 'payment' AND state = 'posted';
CREATE INDEX transfer_of_payment ON transfer (payment) WHERE payment <> '';
CREATE INDEX transfer_of_visitor ON transfer (visitor, seq);
CREATE INDEX transfer_of_till ON transfer (device, at) WHERE device <> '';

-- Every transfer moves the wallets it touches, here and nowhere else.
-- +goose StatementBegin
CREATE FUNCTION transfer_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was transfer%ROWTYPE;
BEGIN
    IF NEW.resolves IS NOT NULL THEN
        SELECT * INTO was FROM transfer WHERE id = NEW.resolves;
        IF was.state IS DISTINCT FROM 'pending'
            OR (was.debit, was.credit, was.currency, was.payment) IS DISTINCT FROM (NEW.debit, NEW.credit, NEW.currency, NEW.payment)
            OR NEW.amount > was.amount OR (NEW.state <> 'posted' AND NEW.amount <> was.amount) THEN
            RAISE EXCEPTION 'transfer % does not resolve %', NEW.id, NEW.resolves
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_resolution_matches_what_was_pending';
        END IF;
    END IF;
    UPDATE account SET
        held = held + CASE WHEN NEW.state = 'pending' THEN NEW.amount ELSE -coalesce(was.amount, 0) END,
        balance = balance - CASE WHEN NEW.state = 'posted' THEN NEW.amount ELSE 0 END
    WHERE id = NEW.debit AND kind = 'wallet';
    IF NEW.state = 'posted' THEN
        UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.credit AND kind = 'wallet';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER transfers_move_wallets AFTER INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_is_booked();
CREATE TRIGGER transfers_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE payment (
    id         text NOT NULL CONSTRAINT a_payment_id_is_given_once PRIMARY KEY,
    seq        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_payment_number_is_given_once UNIQUE,
    till       text NOT NULL CONSTRAINT a_payment_has_a_till CHECK (till <> ''),
    till_name  text NOT NULL,                    -- as it was then
    store      text NOT NULL,
    status     text NOT NULL DEFAULT 'awaiting_face',
    reason     text NOT NULL DEFAULT '',
    currency   text NOT NULL,
    amount     bigint NOT NULL CONSTRAINT a_payment_is_of_something CHECK (amount > 0),
    authorised bigint NOT NULL DEFAULT 0,
    captured   bigint NOT NULL DEFAULT 0,
    refunded   bigint NOT NULL DEFAULT 0,
    order_ref  text NOT NULL CONSTRAINT an_order_reference_is_short CHECK (octet_length(order_ref) <= 64),
    manual     boolean NOT NULL,
    payer      text NOT NULL DEFAULT '',
    method     text NOT NULL DEFAULT '',
    method_kind text NOT NULL DEFAULT '',
    retry      boolean NOT NULL DEFAULT false,
    faces      smallint NOT NULL DEFAULT 0,      -- shown so far
    codes      smallint NOT NULL DEFAULT 0,      -- wrong so far
    short_list text[] NOT NULL DEFAULT '{}',     -- of enrolments, while the code is awaited
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    CONSTRAINT a_payment_is_authorised_up_to_its_amount CHECK (authorised BETWEEN 0 AND amount),
    CONSTRAINT a_payment_is_captured_up_to_what_was_authorised CHECK (captured BETWEEN 0 AND authorised),
    CONSTRAINT a_payment_is_refunded_up_to_what_was_captured CHECK (refunded BETWEEN 0 AND captured),
    CONSTRAINT a_paid_payment_has_a_payer CHECK (authorised = 0 OR (payer <> '' AND method <> '')),
    CONSTRAINT a_status_agrees_with_its_sums CHECK (CASE status
        WHEN 'authorised' THEN authorised > 0 AND captured = 0
        WHEN 'captured' THEN captured > 0 AND refunded = 0
        WHEN 'partially_refunded' THEN refunded > 0 AND refunded < captured
        WHEN 'refunded' THEN captured > 0 AND refunded = captured
        WHEN 'voided' THEN captured = 0
        WHEN 'expired' THEN captured = 0
        WHEN 'cancelled' THEN captured = 0
        WHEN 'awaiting_face' THEN authorised = 0
        WHEN 'awaiting_code' THEN authorised = 0
        WHEN 'awaiting_confirmation' THEN authorised = 0 AND payer <> ''
        WHEN 'refused' THEN authorised = 0 AND reason <> ''
        WHEN 'declined' THEN authorised = 0 AND reason <> ''
        ELSE false END),
    CONSTRAINT a_short_list_is_kept_while_the_code_is_awaited CHECK ((status = 'awaiting_code') = (short_list <> '{}')),
    CONSTRAINT only_a_refused_face_may_be_shown_again CHECK (NOT retry OR status = 'refused')
);
CREATE INDEX payment_of_till ON payment (till, seq);
CREATE INDEX payment_of_payer ON payment (payer, created_at) WHERE payer <> '';
CREATE INDEX payment_that_waits ON payment (expires_at)
    WHERE status IN ('awaiting_face', 'awaiting_code', 'awaiting_confirmation', 'authorised') OR retry;

-- A payment goes along its states and never back. One that is refused for its face may take another.
-- +goose StatementBegin
CREATE FUNCTION payment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.status = OLD.status OR CASE OLD.status
        WHEN 'awaiting_face' THEN NEW.status IN ('awaiting_code', 'awaiting_confirmation', 'refused', 'cancelled', 'expired')
        WHEN 'awaiting_code' THEN NEW.status IN ('awaiting_confirmation', 'refused', 'cancelled', 'expired')
        WHEN 'awaiting_confirmation' THEN NEW.status IN ('authorised', 'captured', 'declined', 'cancelled', 'expired')
        WHEN 'refused' THEN OLD.retry AND NEW.status IN ('awaiting_code', 'awaiting_confirmation', 'cancelled')
        WHEN 'authorised' THEN NEW.status IN ('captured', 'voided', 'cancelled', 'expired')
        WHEN 'captured' THEN NEW.status IN ('partially_refunded', 'refunded')
        WHEN 'partially_refunded' THEN NEW.status = 'refunded'
        ELSE false END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'payment % cannot go from % to %', NEW.id, OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payment_goes_along_its_states';
END $$;
-- +goose StatementEnd
CREATE TRIGGER payments_go_along_their_states BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION payment_moves();
CREATE TRIGGER payments_are_never_deleted BEFORE DELETE OR TRUNCATE ON payment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
