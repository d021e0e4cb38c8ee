-- A bounce and a payout are of a refund, which refund_due names, and not of its payment: of one payment there may be several, and
-- the transfers of a payment are told apart by their kind, state and refund. And what looks a payment's transfers up says that
-- it is a payment's: the index holds no others.

-- +goose Up

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
    ELSE
        PERFORM refuse_row('a_transfer_is_named_by_what_it_is_for', 'transfer', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

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
