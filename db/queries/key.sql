-- name: key-lock
SELECT pg_try_advisory_xact_lock($1);

-- name: key-hold
SELECT pg_advisory_xact_lock($1);

-- name: key-read
SELECT body, key_outcome(k) AS outcome FROM request_key k WHERE owner = $1 AND name = $2 AND at > $3;

-- name: key-keep
INSERT INTO request_key (owner, name, body, outcome, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT a_request_key_has_one_outcome
    DO UPDATE SET body = excluded.body, outcome = excluded.outcome, captured = NULL, at = excluded.at WHERE request_key.at <= $6;

-- name: key-reason
-- What a card company said after the outcome was kept, and before anybody was answered.
UPDATE request_key SET outcome = jsonb_set(outcome, '{Reason}', to_jsonb($3::text)) WHERE owner = $1 AND name = $2;

-- name: key-sweep
DELETE FROM request_key WHERE at <= $1;
