-- What a payment may become is guarded by one trigger: three, each called for every row, were a fiftieth of a payment's time.

-- +goose Up
DROP TRIGGER a_payment_forgets_whom_it_named ON payment;
DROP TRIGGER payments_go_along_their_states ON payment;
DROP TRIGGER payments_stay_what_they_are ON payment;
DROP FUNCTION payment_forgets_whom_it_named(), payment_moves(), payment_stays();

-- +goose StatementBegin
CREATE FUNCTION payment_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.status = OLD.status OR CASE OLD.status
        WHEN 'awaiting_face' THEN NEW.status IN ('awaiting_code', 'awaiting_confirmation', 'refused', 'cancelled', 'expired')
        WHEN 'awaiting_code' THEN NEW.status IN ('awaiting_confirmation', 'refused', 'cancelled', 'expired')
        WHEN 'awaiting_confirmation' THEN NEW.status IN ('authorised', 'captured', 'declined', 'cancelled', 'expired')
        WHEN 'refused' THEN OLD.retry AND NEW.status IN ('awaiting_code', 'awaiting_confirmation', 'cancelled')
        WHEN 'authorised' THEN NEW.status IN ('captured', 'voided', 'cancelled', 'expired')
        WHEN 'captured' THEN NEW.status IN ('partially_refunded', 'refunded')
        WHEN 'partially_refunded' THEN NEW.status = 'refunded'
        ELSE false END) THEN
        RAISE EXCEPTION 'payment % cannot go from % to %', NEW.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payment_goes_along_its_states';
    ELSIF (NEW.id, NEW.seq, NEW.till, NEW.store, NEW.currency, NEW.amount, NEW.manual, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.seq, OLD.till, OLD.store, OLD.currency, OLD.amount, OLD.manual, OLD.created_at) THEN
        PERFORM refuse_row('what_a_payment_is_about_never_changes', 'payment', OLD.id);
    ELSIF NEW.authorised < OLD.authorised OR NEW.captured < OLD.captured OR NEW.refunded < OLD.refunded THEN
        PERFORM refuse_row('what_was_taken_or_given_back_stays_so', 'payment', OLD.id);
    ELSIF OLD.authorised > 0 AND (NEW.payer, NEW.method) IS DISTINCT FROM (OLD.payer, OLD.method) THEN
        PERFORM refuse_row('whoever_paid_has_paid', 'payment', OLD.id);
    END IF;
    IF NEW.status <> 'awaiting_code' THEN
        NEW.named := ''; -- whom a face may have been is kept while the code is awaited
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER payments_change_by_their_rules BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION payment_changes();
