-- Against a colleague with psql: what was still possible by hand is refused, each with its sentence. And checkpoints of the
-- merchant side, so that a store's balance costs the same after a season as after a day.

-- +goose Up

-- What a payment is stays so, and its sums only grow.
-- +goose StatementBegin
CREATE FUNCTION payment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.seq, NEW.till, NEW.store, NEW.currency, NEW.amount, NEW.manual, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.seq, OLD.till, OLD.store, OLD.currency, OLD.amount, OLD.manual, OLD.created_at) THEN
        PERFORM refuse_row('what_a_payment_is_about_never_changes', 'payment', OLD.id);
    ELSIF NEW.authorised < OLD.authorised OR NEW.captured < OLD.captured OR NEW.refunded < OLD.refunded THEN
        PERFORM refuse_row('what_was_taken_or_given_back_stays_so', 'payment', OLD.id);
    ELSIF OLD.authorised > 0 AND (NEW.payer, NEW.method) IS DISTINCT FROM (OLD.payer, OLD.method) THEN
        PERFORM refuse_row('whoever_paid_has_paid', 'payment', OLD.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER payments_stay_what_they_are BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION payment_stays();

-- Only the trigger of a transfer, which runs inside of one, moves a wallet.
-- +goose StatementBegin
CREATE FUNCTION account_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account % moves only by a transfer', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'an_account_moves_only_by_a_transfer', TABLE = 'account';
END $$;
-- +goose StatementEnd
CREATE TRIGGER accounts_move_only_by_transfers BEFORE UPDATE OR DELETE ON account
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION account_by_hand();
-- +goose StatementBegin
CREATE FUNCTION account_is_opened_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 OR NEW.held <> 0 THEN
        PERFORM refuse_row('an_account_is_opened_empty', 'account', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER accounts_are_opened_empty BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION account_is_opened_empty();

-- A refund goes back the way its payment came, up to what was captured; nothing ends before it began.
-- +goose StatementBegin
CREATE FUNCTION transfer_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came record;
    was_at timestamptz;
BEGIN
    IF NEW.kind = 'refund' THEN
        SELECT t.debit, t.credit, t.amount, t.at,
            (SELECT coalesce(sum(r.amount), 0) FROM transfer r WHERE r.payment = NEW.payment AND r.kind = 'refund') AS back
        INTO came FROM transfer t WHERE t.payment = NEW.payment AND t.kind = 'payment' AND t.state = 'posted';
        IF NOT FOUND OR (came.debit, came.credit) IS DISTINCT FROM (NEW.credit, NEW.debit) THEN
            PERFORM refuse_row('a_refund_goes_back_the_way_it_came', 'transfer', NEW.id);
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
CREATE TRIGGER transfers_follow_what_they_end BEFORE INSERT ON transfer
    FOR EACH ROW WHEN (NEW.kind = 'refund' OR NEW.resolves IS NOT NULL) EXECUTE FUNCTION transfer_follows();

-- The number of the writing transaction, as events have it: below the horizon the book is complete.
ALTER TABLE transfer ADD COLUMN made bigint NOT NULL DEFAULT event_number(0);
CREATE INDEX transfer_by_transaction ON transfer USING brin (made) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE checkpoint (
    below bigint NOT NULL CONSTRAINT a_checkpoint_is_made_once PRIMARY KEY,
    at    timestamptz NOT NULL
);
CREATE TABLE account_checkpoint (
    account text NOT NULL CONSTRAINT a_checkpoint_is_of_an_account REFERENCES account (id),
    below   bigint NOT NULL CONSTRAINT an_account_stands_in_a_checkpoint REFERENCES checkpoint (below),
    balance bigint NOT NULL,
    CONSTRAINT an_account_stands_once_in_a_checkpoint PRIMARY KEY (account, below)
);
CREATE TRIGGER checkpoints_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
CREATE TRIGGER account_checkpoints_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON account_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Sums up, for each account without a balance of its own, what was posted since the last checkpoint and is complete. The
-- horizon is read first: whatever lies below it has committed, or never will, when the sums are read after. Answers whether
-- there was anything new.
-- +goose StatementBegin
CREATE FUNCTION make_checkpoint(at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    horizon bigint;
    last bigint;
BEGIN
    LOCK TABLE checkpoint IN SHARE ROW EXCLUSIVE MODE;
    horizon := event_horizon();
    SELECT coalesce(max(c.below), 0) INTO last FROM checkpoint c;
    IF NOT EXISTS (SELECT FROM transfer t WHERE t.made >= last AND t.made < horizon AND t.state = 'posted') THEN
        RETURN false;
    END IF;
    INSERT INTO checkpoint VALUES (horizon, make_checkpoint.at);
    INSERT INTO account_checkpoint (account, below, balance)
    SELECT leg.account, horizon, sum(leg.amount) + coalesce((
            SELECT c.balance FROM account_checkpoint c WHERE c.account = leg.account ORDER BY c.below DESC LIMIT 1), 0)
    FROM (
        SELECT t.credit AS account, t.amount FROM transfer t WHERE t.made >= last AND t.made < horizon AND t.state = 'posted'
        UNION ALL
        SELECT t.debit, -t.amount FROM transfer t WHERE t.made >= last AND t.made < horizon AND t.state = 'posted'
    ) leg JOIN account a ON a.id = leg.account AND a.kind <> 'wallet'
    GROUP BY leg.account;
    RETURN true;
END $$;
-- +goose StatementEnd

-- What an account comes to now: its last checkpoint and what came since.
-- +goose StatementBegin
CREATE FUNCTION balance_of(account text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.balance FROM account_checkpoint c WHERE c.account = $1 ORDER BY c.below DESC LIMIT 1), 0)
        + coalesce((
            SELECT sum(CASE t.credit WHEN $1 THEN t.amount ELSE -t.amount END) FROM transfer t
            WHERE t.made >= (SELECT coalesce(max(k.below), 0) FROM checkpoint k) AND t.state = 'posted' AND $1 IN (t.credit, t.debit)
        ), 0)::bigint
$$;
-- +goose StatementEnd
