-- Two roles, where the venue wants them: the owner migrates, and the server works as another role that owns nothing. That one
-- cannot switch a trigger off, drop a constraint, empty a table, edit what is only appended to, nor write another balance; and
-- what it books by itself, not by a verb of a payment, is held against the rows that it is for when it commits.

-- +goose Up

-- Whether a payment's sums are those of its transfers: what an audit asks of all, asked of one.
-- +goose StatementBegin
CREATE FUNCTION payment_agrees(p payment) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p.captured = coalesce(sum(t.amount) FILTER (WHERE t.kind = 'payment' AND t.state = 'posted'), 0)
        AND p.refunded = coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0)
        AND coalesce(sum(t.amount) FILTER (WHERE t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id)), 0)
            = CASE p.status WHEN 'authorised' THEN p.authorised ELSE 0 END
    FROM transfer t WHERE t.payment = p.id AND t.payment <> ''
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION payment_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payment p WHERE p.id = NEW.id AND NOT payment_agrees(p)) THEN
        PERFORM refuse_row('a_payment_says_what_its_transfers_say', 'payment', NEW.id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION transfer_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind IN ('payment', 'refund') AND NOT EXISTS (
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

-- Lets a role work as the server does, and no more. Asked by the owner at each start, and after each migration: what a table
-- allows follows from its own triggers. The verbs run as the owner, so a plain payment meets no check of these.
-- +goose StatementBegin
CREATE FUNCTION grant_to_server(server text) RETURNS void LANGUAGE plpgsql AS $$
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
REVOKE EXECUTE ON FUNCTION grant_to_server(text) FROM PUBLIC;
