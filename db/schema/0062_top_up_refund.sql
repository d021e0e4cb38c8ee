-- Money that was put into a wallet goes back where it came from: the card, or the desk's cash. Staff do it, up to what is left of
-- that top-up and of the wallet; each row is made first and names its transfer.

-- +goose Up
CREATE TABLE topup_refund (
    refund   text NOT NULL CONSTRAINT a_top_up_is_refunded_by_one_id PRIMARY KEY,
    topup    text NOT NULL CONSTRAINT a_top_up_was_booked REFERENCES transfer (id),
    transfer text NOT NULL CONSTRAINT a_transfer_refunds_one_top_up UNIQUE
        CONSTRAINT a_refund_of_a_top_up_was_booked REFERENCES transfer (id) DEFERRABLE INITIALLY DEFERRED,
    amount   bigint NOT NULL CONSTRAINT something_of_a_top_up_goes_back CHECK (amount > 0),
    made_by  text NOT NULL CONSTRAINT a_refund_of_a_top_up_says_who_made_it CHECK (made_by <> ''),
    at       timestamptz NOT NULL
);
CREATE INDEX topup_refund_of ON topup_refund (topup);
CREATE TRIGGER top_up_refunds_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON topup_refund
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE topup_refund ENABLE ALWAYS TRIGGER top_up_refunds_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON topup_refund FROM PUBLIC, CURRENT_USER;

-- What moves neither a payment nor its refund is named by the row that it is for. What is put in goes into a wallet, from where
-- money comes in, and back the way it came, no more than was put in. A bounce undoes a card's refund, to whom it is owed, and a
-- payout pays what is owed: both are of a refund, which refund_due names, and not of its payment, of which there may be several.
-- A fee is of a settlement, from its store, or back to it on a day that gave back more than it took.
-- +goose StatementBegin
CREATE FUNCTION transfer_is_meant() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER transfers_are_meant BEFORE INSERT ON transfer
    FOR EACH ROW WHEN (NEW.kind NOT IN ('payment', 'refund') AND NEW.state = 'posted') EXECUTE FUNCTION transfer_is_meant();

-- What an audit says of a row.
-- +goose StatementBegin
CREATE FUNCTION audit_row(g topup_refund) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('refund %s of top-up %s at %s by %s: %s by transfer %s', g.refund, g.topup, outcome_moment(g.at), g.made_by, g.amount, g.transfer)
$$;
-- +goose StatementEnd
