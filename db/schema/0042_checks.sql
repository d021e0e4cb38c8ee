-- What a row must be is said as one constraint a table, whose function names the sentence that does not hold. PostgreSQL
-- reads the text of every CHECK anew at each statement; ten of them took longer than the payment. A constraint, unlike a
-- trigger, cannot be left out by a session's settings, and is checked again when a backup is restored.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION refuse_row(sentence text, what text, id text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION '% % would break: %', what, id, replace(sentence, '_', ' ')
        USING ERRCODE = 'check_violation', CONSTRAINT = sentence, TABLE = what;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION account_holds(a account) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (a.kind IN ('wallet', 'store', 'topup', 'card', 'desk')) THEN 'an_account_is_of_a_known_kind'
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
CREATE FUNCTION transfer_holds(t transfer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (t.kind IN ('topup', 'payment', 'refund')) THEN 'a_transfer_is_of_a_known_kind'
        WHEN NOT (t.state IN ('pending', 'posted', 'voided', 'expired')) THEN 'a_transfer_is_of_a_known_state'
        WHEN NOT (t.amount > 0) THEN 'a_transfer_moves_something'
        WHEN NOT (t.visitor <> '') THEN 'a_transfer_is_somebodys'
        WHEN NOT (t.debit <> t.credit) THEN 'a_transfer_has_two_sides'
        WHEN t.state IN ('voided', 'expired') AND t.resolves IS NULL THEN 'only_what_was_pending_is_voided'
        WHEN t.state = 'pending' AND t.resolves IS NOT NULL THEN 'a_pending_transfer_resolves_none'
        WHEN (t.kind = 'refund') <> (t.refund <> '') THEN 'a_refund_has_an_id'
        WHEN t.kind <> 'payment' AND t.state <> 'posted' THEN 'only_a_payment_is_held'
        WHEN (t.kind = 'topup') <> (t.payment = '') THEN 'a_payment_transfer_names_its_payment'
        WHEN NOT (octet_length(t.why) <= 200) THEN 'a_reason_to_refund_is_a_sentence'
        END;
BEGIN
    RETURN broken IS NULL OR refuse_row(broken, 'transfer', t.id);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION payment_holds(p payment) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (p.till <> '') THEN 'a_payment_has_a_till'
        WHEN NOT (p.amount > 0) THEN 'a_payment_is_of_something'
        WHEN NOT (octet_length(p.order_ref) <= 64) THEN 'an_order_reference_is_short'
        WHEN NOT (p.authorised BETWEEN 0 AND p.amount) THEN 'a_payment_is_authorised_up_to_its_amount'
        WHEN NOT (p.captured BETWEEN 0 AND p.authorised) THEN 'a_payment_is_captured_up_to_what_was_authorised'
        WHEN NOT (p.refunded BETWEEN 0 AND p.captured) THEN 'a_payment_is_refunded_up_to_what_was_captured'
        WHEN p.authorised <> 0 AND (p.payer = '' OR p.method = '') THEN 'a_paid_payment_has_a_payer'
        WHEN (p.status = 'awaiting_code') <> (p.short_list <> '{}') THEN 'a_short_list_is_kept_while_the_code_is_awaited'
        WHEN p.retry AND p.status <> 'refused' THEN 'only_a_refused_face_may_be_shown_again'
        END;
    agrees boolean;
BEGIN
    -- One after the other: what is not reached costs nothing.
    IF p.status = 'captured' THEN
        agrees := p.captured > 0 AND p.refunded = 0;
    ELSIF p.status IN ('awaiting_face', 'awaiting_code') THEN
        agrees := p.authorised = 0;
    ELSIF p.status = 'awaiting_confirmation' THEN
        agrees := p.authorised = 0 AND p.payer <> '';
    ELSIF p.status = 'authorised' THEN
        agrees := p.authorised > 0 AND p.captured = 0;
    ELSIF p.status = 'partially_refunded' THEN
        agrees := p.refunded > 0 AND p.refunded < p.captured;
    ELSIF p.status = 'refunded' THEN
        agrees := p.captured > 0 AND p.refunded = p.captured;
    ELSIF p.status IN ('voided', 'expired', 'cancelled') THEN
        agrees := p.captured = 0;
    ELSIF p.status IN ('refused', 'declined') THEN
        agrees := p.authorised = 0 AND p.reason <> '';
    ELSE
        agrees := false;
    END IF;
    IF broken IS NULL AND NOT agrees THEN
        broken := 'a_status_agrees_with_its_sums';
    END IF;
    RETURN broken IS NULL OR refuse_row(broken, 'payment', p.id);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION event_holds(seq bigint, kind text, actor text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (kind ~ '^[a-z]+\.[a-z_]+$') THEN 'an_event_says_what_happened'
        WHEN NOT (actor <> '') THEN 'an_event_says_who_did_it'
        WHEN NOT (seq & 65535 BETWEEN 1 AND 65535) THEN 'an_event_number_lies_in_its_transaction'
        END;
BEGIN
    RETURN broken IS NULL OR refuse_row(broken, 'event', seq::text);
END $$;
-- +goose StatementEnd

ALTER TABLE account DROP CONSTRAINT an_account_is_of_a_known_kind, DROP CONSTRAINT a_currency_is_three_letters,
    DROP CONSTRAINT only_a_wallet_keeps_a_balance, DROP CONSTRAINT a_wallet_is_never_below_zero,
    DROP CONSTRAINT a_wallet_holds_no_less_than_nothing,
    ADD CONSTRAINT an_account_holds CHECK (account_holds(account));
ALTER TABLE transfer DROP CONSTRAINT a_transfer_is_of_a_known_kind, DROP CONSTRAINT a_transfer_is_of_a_known_state,
    DROP CONSTRAINT a_transfer_moves_something, DROP CONSTRAINT a_transfer_is_somebodys, DROP CONSTRAINT a_transfer_has_two_sides,
    DROP CONSTRAINT only_what_was_pending_is_voided, DROP CONSTRAINT a_pending_transfer_resolves_none,
    DROP CONSTRAINT a_refund_has_an_id, DROP CONSTRAINT a_payment_transfer_names_its_payment,
    DROP CONSTRAINT a_reason_to_refund_is_a_sentence,
    ADD CONSTRAINT a_transfer_holds CHECK (transfer_holds(transfer));
ALTER TABLE payment DROP CONSTRAINT a_payment_has_a_till, DROP CONSTRAINT a_payment_is_of_something,
    DROP CONSTRAINT an_order_reference_is_short, DROP CONSTRAINT a_payment_is_authorised_up_to_its_amount,
    DROP CONSTRAINT a_payment_is_captured_up_to_what_was_authorised, DROP CONSTRAINT a_payment_is_refunded_up_to_what_was_captured,
    DROP CONSTRAINT a_paid_payment_has_a_payer, DROP CONSTRAINT a_status_agrees_with_its_sums,
    DROP CONSTRAINT a_short_list_is_kept_while_the_code_is_awaited, DROP CONSTRAINT only_a_refused_face_may_be_shown_again,
    ADD CONSTRAINT a_payment_holds CHECK (payment_holds(payment));
ALTER TABLE event DROP CONSTRAINT an_event_says_what_happened, DROP CONSTRAINT an_event_says_who_did_it,
    DROP CONSTRAINT an_event_number_lies_in_its_transaction,
    ADD CONSTRAINT an_event_holds CHECK (event_holds(seq, kind, actor));
