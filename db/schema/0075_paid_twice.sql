-- The card company pays after all what the desk had collected in cash: it was paid twice, and the desk hands its part back. What
-- the company owes is then as it was booked.

-- +goose Up

-- As before, but that what the desk collected may be followed by what the company paid.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION uncollected_end_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost card_uncollected;
    first uncollected_end;
BEGIN
    SELECT * INTO lost FROM card_uncollected u WHERE u.charge = NEW.charge;
    PERFORM FROM payment p WHERE p.id = lost.payment FOR NO KEY UPDATE;
    PERFORM FROM account a WHERE lost.payment = '' AND a.kind = 'wallet' AND a.owner = lost.visitor FOR NO KEY UPDATE;
    SELECT * INTO first FROM uncollected_end e WHERE e.charge = NEW.charge AND NOT e.regained;
    IF NEW.settled_at < lost.found_at THEN
        PERFORM refuse_row('nothing_ends_before_it_began', 'uncollected_end', NEW.charge);
    ELSIF NEW.regained AND (first.became = 'loss' OR first.became = 'cash' AND NEW.became = 'paid') IS NOT TRUE THEN
        PERFORM refuse_row('only_a_loss_or_cash_is_settled_again', 'uncollected_end', NEW.charge);
    ELSIF NOT NEW.regained AND NEW.became = 'refunded' AND charge_lacks(NEW.charge) <> 0 THEN
        PERFORM refuse_row('what_ends_as_refunded_was_given_back', 'uncollected_end', NEW.charge);
    ELSIF (CASE
        WHEN NEW.regained AND first.became = 'cash' THEN NEW.amount <> first.amount -- paid twice: the desk hands its part back
        WHEN NEW.regained THEN NEW.amount <> charge_lacks(NEW.charge) OR NEW.amount <> charge_borne(NEW.charge)
        WHEN NEW.became IN ('loss', 'cash') THEN NEW.amount <> charge_lacks(NEW.charge) END) THEN
        PERFORM refuse_row('what_is_settled_is_what_is_missing', 'uncollected_end', NEW.charge);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- As before, and: what the desk hands back leaves the company's account again.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION loss_is_meant(t transfer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM card_uncollected u
        JOIN transfer c ON c.charge = u.charge AND c.charge <> '' AND c.kind IN ('payment', 'topup') AND c.state = 'posted'
        JOIN account d ON d.id = t.debit AND d.owner = ''
        JOIN account r ON r.id = t.credit AND r.owner = ''
        LEFT JOIN uncollected_end e ON e.transfer = t.id
        LEFT JOIN uncollected_end f ON f.charge = u.charge AND NOT f.regained
        WHERE u.charge = t.charge AND u.currency = t.currency AND t.device = '' AND t.at >= u.found_at AND CASE
            WHEN e.charge IS NULL THEN t.kind = 'loss' AND t.debit = c.debit AND r.kind = 'loss' AND EXISTS (
                SELECT FROM transfer g WHERE g.charge = t.charge AND g.charge <> '' AND g.refund = t.why AND g.amount = t.amount
                    AND g.at <= t.at AND refund_lessens_loss(g))
            WHEN (e.charge, e.amount, e.settled_at) <> (t.charge, t.amount, t.at) THEN false
            WHEN e.became = 'loss' THEN t.kind = 'loss' AND d.kind = 'loss' AND t.credit = c.debit
            WHEN e.became = 'paid' THEN t.debit = c.debit AND CASE f.became WHEN 'cash' THEN t.kind = 'made_good' AND r.kind = 'desk'
                ELSE t.kind = 'loss' AND r.kind = 'loss' END
            ELSE t.kind = 'made_good' AND d.kind = 'desk' AND CASE WHEN e.regained THEN r.kind = 'loss' ELSE t.credit = c.debit END
            END)
$$;
-- +goose StatementEnd
