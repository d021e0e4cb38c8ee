-- A transfer has one number: the settlement's is what checkpoints go by too. What was booked before there were numbers has 0
-- and is in the first checkpoint.

-- +goose Up

-- Sums up, for each account without a balance of its own, what was posted since the last checkpoint and is complete. The
-- horizon is read first: whatever lies below it has committed, or never will, when the sums are read after. Answers whether
-- there was anything new.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_checkpoint(at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    horizon bigint;
    last bigint;
BEGIN
    LOCK TABLE checkpoint IN SHARE ROW EXCLUSIVE MODE;
    horizon := event_horizon();
    SELECT coalesce(max(c.below), 0) INTO last FROM checkpoint c;
    IF NOT EXISTS (SELECT FROM transfer t WHERE t.number >= last AND t.number < horizon AND t.state = 'posted') THEN
        RETURN false;
    END IF;
    INSERT INTO checkpoint VALUES (horizon, make_checkpoint.at);
    INSERT INTO account_checkpoint (account, below, balance)
    SELECT leg.account, horizon, sum(leg.amount) + coalesce((
            SELECT c.balance FROM account_checkpoint c WHERE c.account = leg.account ORDER BY c.below DESC LIMIT 1), 0)
    FROM (
        SELECT t.credit AS account, t.amount FROM transfer t WHERE t.number >= last AND t.number < horizon AND t.state = 'posted'
        UNION ALL
        SELECT t.debit, -t.amount FROM transfer t WHERE t.number >= last AND t.number < horizon AND t.state = 'posted'
    ) leg JOIN account a ON a.id = leg.account AND a.kind <> 'wallet'
    GROUP BY leg.account;
    RETURN true;
END $$;
-- +goose StatementEnd

-- What an account comes to now: its last checkpoint and what came since.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION balance_of(account text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.balance FROM account_checkpoint c WHERE c.account = $1 ORDER BY c.below DESC LIMIT 1), 0)
        + coalesce((
            SELECT sum(CASE t.credit WHEN $1 THEN t.amount ELSE -t.amount END) FROM transfer t
            WHERE t.number >= (SELECT coalesce(max(k.below), 0) FROM checkpoint k) AND t.state = 'posted' AND $1 IN (t.credit, t.debit)
        ), 0)::bigint
$$;
-- +goose StatementEnd

DROP INDEX transfer_by_transaction;
ALTER TABLE transfer DROP COLUMN made;
