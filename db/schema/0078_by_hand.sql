-- What the server's role could still do to the book by hand without an audit's word: give a transfer the number of an earlier
-- transaction, so that no settlement counts it; move all numbers back; and forget what a card company has to be told. Rights and
-- one comparison, which a verb does not meet.

-- +goose Up

-- As in 0068, and: a number is that of the writing transaction, by which settlements and checkpoints tell what they have.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION transfer_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> event_number(0) THEN
        PERFORM refuse_row('a_transfer_has_the_number_of_its_transaction', 'transfer', NEW.id);
    ELSIF NEW.kind IN ('payment', 'refund') AND NOT EXISTS (
        SELECT FROM payment p WHERE p.id = NEW.payment AND (p.payer, p.till, p.currency) = (NEW.visitor, NEW.device, NEW.currency)
            AND payment_agrees(p)) THEN
        PERFORM refuse_row('a_transfer_is_of_a_payment_that_says_so', 'transfer', NEW.id);
    ELSIF NEW.kind = 'topup' AND (
        NEW.charge <> '' AND NOT EXISTS (
            SELECT FROM card_charge c WHERE c.id = NEW.charge AND c.state = 'approved' AND c.payment = ''
                AND (c.visitor, c.currency, c.amount) = (NEW.visitor, NEW.currency, NEW.amount))
        OR NOT EXISTS (
            SELECT FROM event e WHERE e.subject = NEW.id AND e.subject <> '' AND e.kind = 'wallet.topped_up'
                AND (e.visitor, e.currency, e.amount) = (NEW.visitor, NEW.currency, NEW.amount))) THEN
        PERFORM refuse_row('a_top_up_is_in_the_log_and_was_charged', 'transfer', NEW.id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- As in 0068, and: what a card company was asked and told is never deleted, and changes only as it goes on.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION grant_to_server(server text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    home text := current_schema();
    r record;
    rights text;
    by_hand text;
BEGIN
    IF server = current_user OR (SELECT rolsuper FROM pg_roles WHERE rolname = server) THEN
        RAISE EXCEPTION 'role % may do anything: the server needs one that owns nothing', server USING ERRCODE = 'invalid_role_specification';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('grant_to_server')); -- two servers may start at once
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', home, server);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', home, server);
    FOR r IN
        SELECT c.relname, c.oid::regclass AS called,
            coalesce(bool_or(t.tgtype & 16 <> 0), false) AS appended, coalesce(bool_or(t.tgtype & 8 <> 0), false) AS kept
        FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgfoid = 'refuse_to_rewrite'::regproc
        WHERE c.relnamespace = home::regnamespace AND c.relkind = 'r' GROUP BY c.relname, c.oid
    LOOP
        rights := CASE
            WHEN r.relname = 'schema_step' THEN 'SELECT'
            WHEN r.relname = 'account' THEN 'SELECT, INSERT, UPDATE (balance, held)' -- by the trigger of a transfer
            WHEN r.relname = 'venue' THEN 'SELECT, UPDATE (key_check)' -- by which numbers lie behind is the owner's to say
            WHEN r.relname = 'card_charge' THEN 'SELECT, INSERT, UPDATE (state, settled_at)'
            WHEN r.relname = 'card_task' THEN 'SELECT, INSERT, UPDATE (state, tries, due_at, given_at, why)'
            WHEN r.relname IN ('card_intent', 'card_dispute', 'payment_tax', 'receipt_printed') THEN 'SELECT, INSERT, UPDATE'
            WHEN r.appended THEN 'SELECT, INSERT'
            WHEN r.kept THEN 'SELECT, INSERT, UPDATE'
            ELSE 'SELECT, INSERT, UPDATE, DELETE' END;
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %I', r.called, server);
        EXECUTE format('GRANT %s ON %s TO %I', rights, r.called, server);
    END LOOP;
    FOR r IN
        SELECT p.oid::regprocedure AS called FROM pg_proc p WHERE p.pronamespace = home::regnamespace AND NOT p.prosecdef
            AND p.proname IN ('payment_create', 'payment_confirm', 'payments_confirm', 'payment_capture', 'payment_void',
                'payment_refund', 'payment_cancel', 'payment_expire', 'make_checkpoint')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', r.called, home);
    END LOOP;
    FOR r IN VALUES ('transfers_by_hand_belong', 'transfer', 'INSERT', '', 'transfer_by_hand'),
        ('payments_by_hand_agree', 'payment', 'UPDATE', ' AND NEW.authorised > 0', 'payment_by_hand')
    LOOP
        by_hand := (SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = r.column2::regclass AND tgname = r.column1);
        IF strpos(coalesce(by_hand, ''), quote_literal(server)) > 0 THEN
            CONTINUE; -- a lock on the table is not taken for nothing
        END IF;
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %I', r.column1, r.column2);
        EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER %s ON %I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
            'WHEN (current_user = %L%s) EXECUTE FUNCTION %I()', r.column1, r.column3, r.column2, server, r.column4, r.column5);
    END LOOP;
END $$;
-- +goose StatementEnd
