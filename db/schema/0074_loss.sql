-- What became of a charge that the card company never paid is in the books, and not only in a sentence: the venue bears it (a
-- loss), the cash desk collected it, the company paid after all, or the till had given all of it back. So the company's account
-- is again what the company pays. A loss may be regained once, when the money comes after all.

-- +goose Up

-- A row is made first and names its transfer; words alone (card_uncollected, until now) settle nothing any more.
CREATE TABLE uncollected_end (
    charge     text NOT NULL CONSTRAINT only_what_was_not_collected_is_settled REFERENCES card_uncollected (charge),
    regained   boolean NOT NULL DEFAULT false,   -- the money came after the venue had borne it
    became     text NOT NULL CONSTRAINT what_was_not_collected_becomes_something_known CHECK (became IN ('loss', 'cash', 'paid', 'refunded')),
    transfer   text CONSTRAINT a_transfer_settles_one_charge UNIQUE
        CONSTRAINT what_is_settled_was_booked REFERENCES transfer (id) DEFERRABLE INITIALLY DEFERRED,
    amount     bigint NOT NULL,
    answer     text NOT NULL CONSTRAINT what_is_settled_says_how CHECK (octet_length(answer) BETWEEN 1 AND 400),
    settled_by text NOT NULL CONSTRAINT what_is_settled_says_by_whom CHECK (settled_by <> ''),
    settled_at timestamptz NOT NULL,
    CONSTRAINT what_was_not_collected_is_settled_once PRIMARY KEY (charge, regained),
    CONSTRAINT only_what_came_is_regained CHECK (NOT regained OR became IN ('cash', 'paid')),
    CONSTRAINT what_is_settled_is_booked_where_it_moves CHECK (amount >= 0 AND (amount > 0) = (transfer IS NOT NULL)
        AND (became IN ('cash', 'loss') OR regained OR amount = 0) AND (became NOT IN ('cash', 'loss') OR amount > 0))
);
CREATE TRIGGER what_is_settled_is_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON uncollected_end
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE uncollected_end ENABLE ALWAYS TRIGGER what_is_settled_is_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON uncollected_end FROM PUBLIC, CURRENT_USER;

-- What was settled by words before stands in settled_at, settled_by and answer, and is settled again.
DROP TRIGGER what_was_not_collected_is_only_settled ON card_uncollected;
DROP FUNCTION uncollected_only_settles();
DROP INDEX card_uncollected_open;
CREATE TRIGGER what_was_not_collected_is_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON card_uncollected
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE card_uncollected ENABLE ALWAYS TRIGGER what_was_not_collected_is_only_appended;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION account_holds(a account) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (a.kind IN ('wallet', 'store', 'topup', 'card', 'desk', 'fees', 'due', 'loss')) THEN 'an_account_is_of_a_known_kind'
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
    ELSIF NEW.kind IN ('fees', 'due', 'loss') AND NEW.owner <> '' THEN
        PERFORM refuse_row('fees_losses_and_what_is_due_are_the_venues_own', 'account', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_holds(t transfer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN NOT (t.kind IN ('topup', 'payment', 'refund', 'fee', 'bounce', 'payout', 'topup_refund', 'loss', 'made_good'))
            THEN 'a_transfer_is_of_a_known_kind'
        WHEN NOT (t.state IN ('pending', 'posted', 'voided', 'expired')) THEN 'a_transfer_is_of_a_known_state'
        WHEN NOT (t.amount > 0) THEN 'a_transfer_moves_something'
        WHEN (t.kind IN ('fee', 'loss', 'made_good')) <> (t.visitor = '') THEN 'a_transfer_is_somebodys'
        WHEN NOT (t.debit <> t.credit) THEN 'a_transfer_has_two_sides'
        WHEN t.state IN ('voided', 'expired') AND t.resolves IS NULL THEN 'only_what_was_pending_is_voided'
        WHEN t.state = 'pending' AND t.resolves IS NOT NULL THEN 'a_pending_transfer_resolves_none'
        WHEN (t.kind IN ('refund', 'topup_refund')) <> (t.refund <> '') THEN 'a_refund_has_an_id'
        WHEN t.kind <> 'payment' AND t.state <> 'posted' THEN 'only_a_payment_is_held'
        WHEN t.payment = '' AND t.kind IN ('payment', 'refund')
            OR t.payment <> '' AND t.kind IN ('topup', 'topup_refund', 'fee', 'loss', 'made_good') THEN 'a_payment_transfer_names_its_payment'
        WHEN NOT (octet_length(t.why) <= 200) THEN 'a_reason_to_refund_is_a_sentence'
        END;
BEGIN
    RETURN broken IS NULL OR refuse_row(broken, 'transfer', t.id);
END $$;
-- +goose StatementEnd

-- What of a charge was booked as taken and has not been given back since.
-- +goose StatementBegin
CREATE FUNCTION charge_lacks(charge text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(CASE WHEN t.kind IN ('payment', 'topup') THEN t.amount ELSE -t.amount END), 0)::bigint
    FROM transfer t WHERE t.charge = $1 AND t.charge <> '' AND t.state = 'posted' AND t.kind IN ('payment', 'topup', 'refund', 'topup_refund')
$$;
-- +goose StatementEnd

-- What the venue bears of a charge now.
-- +goose StatementBegin
CREATE FUNCTION charge_borne(charge text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(CASE a.id WHEN t.debit THEN t.amount ELSE -t.amount END), 0)::bigint
    FROM transfer t JOIN account a ON a.kind = 'loss' AND a.id IN (t.debit, t.credit)
    WHERE t.charge = $1 AND t.charge <> '' AND t.state = 'posted' AND t.kind IN ('loss', 'made_good')
$$;
-- +goose StatementEnd

-- A refund at the till of what the venue had borne by then, which takes so much of the loss back: once.
-- +goose StatementBegin
CREATE FUNCTION refund_lessens_loss(r transfer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.kind IN ('refund', 'topup_refund') AND r.charge <> '' AND NOT EXISTS (
            SELECT FROM uncollected_end e WHERE e.charge = r.charge AND e.regained)
        AND EXISTS (SELECT FROM uncollected_end e JOIN transfer l ON l.id = e.transfer
            WHERE e.charge = r.charge AND e.became = 'loss' AND l.seq < r.seq)
        AND NOT EXISTS (SELECT FROM transfer b WHERE b.charge = r.charge AND b.charge <> '' AND b.kind = 'loss' AND b.why = r.refund)
$$;
-- +goose StatementEnd

-- Refunds are made under the payment's lock, or the wallet's, so what is missing is whole under it.
-- +goose StatementBegin
CREATE FUNCTION uncollected_end_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost card_uncollected;
    first text;
BEGIN
    SELECT * INTO lost FROM card_uncollected u WHERE u.charge = NEW.charge;
    PERFORM FROM payment p WHERE p.id = lost.payment FOR NO KEY UPDATE;
    PERFORM FROM account a WHERE lost.payment = '' AND a.kind = 'wallet' AND a.owner = lost.visitor FOR NO KEY UPDATE;
    SELECT e.became INTO first FROM uncollected_end e WHERE e.charge = NEW.charge AND NOT e.regained;
    IF NEW.settled_at < lost.found_at THEN
        PERFORM refuse_row('nothing_ends_before_it_began', 'uncollected_end', NEW.charge);
    ELSIF NEW.regained AND first IS DISTINCT FROM 'loss' THEN
        PERFORM refuse_row('only_a_loss_is_regained', 'uncollected_end', NEW.charge);
    ELSIF NOT NEW.regained AND NEW.became = 'refunded' AND charge_lacks(NEW.charge) <> 0 THEN
        PERFORM refuse_row('what_ends_as_refunded_was_given_back', 'uncollected_end', NEW.charge);
    ELSIF (NEW.regained OR NEW.became IN ('loss', 'cash')) AND NEW.amount <> charge_lacks(NEW.charge)
        OR NEW.regained AND NEW.amount <> charge_borne(NEW.charge) THEN
        PERFORM refuse_row('what_is_settled_is_what_is_missing', 'uncollected_end', NEW.charge);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER uncollected_ends_hold BEFORE INSERT ON uncollected_end FOR EACH ROW EXECUTE FUNCTION uncollected_end_holds();

-- A loss goes to the account that the charge was booked from, and cash from the desk likewise; what is regained, or given back
-- at the till since, leaves the losses again.
-- +goose StatementBegin
CREATE FUNCTION loss_is_meant(t transfer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM card_uncollected u
        JOIN transfer c ON c.charge = u.charge AND c.charge <> '' AND c.kind IN ('payment', 'topup') AND c.state = 'posted'
        JOIN account d ON d.id = t.debit AND d.owner = ''
        JOIN account r ON r.id = t.credit AND r.owner = ''
        LEFT JOIN uncollected_end e ON e.transfer = t.id
        WHERE u.charge = t.charge AND u.currency = t.currency AND t.device = '' AND t.at >= u.found_at AND CASE
            WHEN e.charge IS NULL THEN t.kind = 'loss' AND t.debit = c.debit AND r.kind = 'loss' AND EXISTS (
                SELECT FROM transfer g WHERE g.charge = t.charge AND g.charge <> '' AND g.refund = t.why AND g.amount = t.amount
                    AND g.at <= t.at AND refund_lessens_loss(g))
            WHEN (e.charge, e.amount, e.settled_at) <> (t.charge, t.amount, t.at) THEN false
            WHEN e.became = 'loss' THEN t.kind = 'loss' AND d.kind = 'loss' AND t.credit = c.debit
            WHEN e.became = 'paid' THEN t.kind = 'loss' AND t.debit = c.debit AND r.kind = 'loss'
            ELSE t.kind = 'made_good' AND d.kind = 'desk' AND CASE WHEN e.regained THEN r.kind = 'loss' ELSE t.credit = c.debit END
            END)
$$;
-- +goose StatementEnd

-- As before, and: a loss and what was made good are of a charge that was settled so.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_is_meant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    left_over bigint;
BEGIN
    IF NEW.kind = 'topup' THEN
        IF wallet_is_gone(NEW.credit) THEN
            PERFORM refuse_row('nothing_goes_into_an_erased_wallet', 'transfer', NEW.id);
        ELSIF EXISTS (SELECT FROM account a WHERE a.id = NEW.credit AND a.kind <> 'wallet')
            OR EXISTS (SELECT FROM account a WHERE a.id = NEW.debit AND a.kind NOT IN ('topup', 'desk')) THEN
            PERFORM refuse_row('what_is_put_in_goes_into_a_wallet', 'transfer', NEW.id);
        END IF;
    ELSIF NEW.kind = 'bounce' THEN
        IF NOT EXISTS (
            SELECT FROM refund_due d JOIN transfer r ON r.refund = d.refund AND r.refund <> ''
            JOIN account a ON a.id = NEW.credit AND a.kind = 'due' JOIN account c ON c.id = r.credit AND c.kind IN ('card', 'topup')
            WHERE d.transfer = NEW.id AND d.why <> 'wallet_gone' AND NEW.debit = r.credit AND r.charge <> '' AND NEW.at >= r.at
                AND (d.visitor, d.payment, d.charge, d.currency, d.amount) = (r.visitor, r.payment, r.charge, r.currency, r.amount)
                AND (d.visitor, '', d.charge, d.currency, d.amount)
                    = (NEW.visitor, NEW.payment, NEW.charge, NEW.currency, NEW.amount)) THEN
            PERFORM refuse_row('a_bounce_is_of_a_refund_that_did_not_arrive', 'transfer', NEW.id);
        END IF;
    ELSIF NEW.kind = 'payout' THEN
        IF NOT EXISTS (
            SELECT FROM refund_paid p JOIN refund_due d ON d.refund = p.refund
            JOIN account a ON a.id = NEW.debit AND a.kind = 'due' JOIN account c ON c.id = NEW.credit AND c.kind = 'desk'
            WHERE p.transfer = NEW.id AND NEW.at >= d.at
                AND (d.visitor, '', d.currency, d.amount) = (NEW.visitor, NEW.payment, NEW.currency, NEW.amount)) THEN
            PERFORM refuse_row('a_payout_is_of_a_refund_that_is_owed', 'transfer', NEW.id);
        END IF;
    ELSIF NEW.kind = 'fee' THEN
        IF NOT EXISTS (
            SELECT FROM settlement s
            JOIN account a ON a.kind = 'store' AND a.owner = s.store AND a.currency = s.currency
            JOIN account f ON f.kind = 'fees' AND f.owner = '' AND f.currency = s.currency
            WHERE s.fee_transfer = NEW.id AND NEW.amount = abs(s.fees) AND NEW.currency = s.currency AND NEW.at = s.closed_at
                AND (NEW.debit, NEW.credit) = (CASE WHEN s.fees > 0 THEN a.id ELSE f.id END, CASE WHEN s.fees > 0 THEN f.id ELSE a.id END)) THEN
            PERFORM refuse_row('a_fee_is_of_a_settlement', 'transfer', NEW.id);
        END IF;
    ELSIF NEW.kind = 'topup_refund' THEN
        PERFORM FROM account WHERE id = NEW.debit FOR NO KEY UPDATE; -- one after the other, so that the sum below is whole
        SELECT i.amount - (SELECT sum(o.amount) FROM topup_refund o WHERE o.topup = i.id) INTO left_over
        FROM topup_refund g JOIN transfer i ON i.id = g.topup AND i.kind = 'topup' AND i.state = 'posted'
        WHERE g.transfer = NEW.id AND (g.refund, g.amount) = (NEW.refund, NEW.amount) AND NEW.at >= i.at
            AND (NEW.debit, NEW.credit, NEW.currency, NEW.visitor, NEW.charge) = (i.credit, i.debit, i.currency, i.visitor, i.charge);
        IF NOT FOUND THEN
            PERFORM refuse_row('a_top_up_goes_back_the_way_it_came', 'transfer', NEW.id);
        ELSIF left_over < 0 THEN
            PERFORM refuse_row('no_more_goes_back_than_was_put_in', 'transfer', NEW.id);
        END IF;
    ELSIF NEW.kind IN ('loss', 'made_good') THEN
        IF NOT loss_is_meant(NEW) THEN
            PERFORM refuse_row('what_was_never_paid_is_booked_as_it_was_settled', 'transfer', NEW.id);
        END IF;
    ELSE
        PERFORM refuse_row('a_transfer_is_named_by_what_it_is_for', 'transfer', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- What was paid in cash at the desk, because the card company never paid it, goes back there.
ALTER TABLE refund_due DROP CONSTRAINT a_refund_is_owed_for_a_known_reason;
ALTER TABLE refund_due ADD CONSTRAINT a_refund_is_owed_for_a_known_reason
    CHECK (why IN ('wallet_gone', 'refund_failed', 'refund_refused', 'paid_in_cash'));

-- What an audit says of a row.
-- +goose StatementBegin
CREATE FUNCTION audit_row(u card_uncollected) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('charge %s of %s %s was never paid (%s), found at %s%s', u.charge, u.currency, u.amount, u.why, outcome_moment(u.found_at),
        CASE u.payment WHEN '' THEN ', a top-up' ELSE ', payment ' || u.payment END)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_row(e uncollected_end) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('charge %s settled at %s by %s as %s%s: %s by transfer %s', e.charge, outcome_moment(e.settled_at), e.settled_by, e.became,
        CASE WHEN e.regained THEN ', after a loss' ELSE '' END, e.amount, coalesce(e.transfer, 'none'))
$$;
-- +goose StatementEnd
