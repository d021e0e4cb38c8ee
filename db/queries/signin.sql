-- name: turn-take
SELECT pg_advisory_xact_lock($1);

-- name: code-count
SELECT count(*) AS count, coalesce(min(created), $2) AS oldest FROM sign_in_code WHERE contact_hash = $1 AND created > $2;

-- name: code-add
INSERT INTO sign_in_code (contact_hash, code_hash, created) VALUES ($1, $2, $3);

-- name: code-newest
SELECT id, code_hash, created, tries, spent FROM sign_in_code WHERE contact_hash = $1 ORDER BY id DESC LIMIT 1 FOR UPDATE;

-- name: code-try
UPDATE sign_in_code SET tries = tries + 1, spent = $2 WHERE id = $1;

-- name: code-drop
DELETE FROM sign_in_code WHERE contact_hash = $1;

-- name: code-sweep
DELETE FROM sign_in_code WHERE created <= $1;

-- name: session-add
INSERT INTO session (token_hash, visitor, helper, created, used_at) VALUES ($1, $2, $3, $4, $4);

-- name: session-use
WITH live AS (
    SELECT s.token_hash, s.used_at, v.id, v.name, v.contact, v.language, v.created, v.frozen
    FROM session s JOIN visitor v ON v.id = s.visitor
    WHERE s.token_hash = $1 AND v.erased_at IS NULL AND s.created > $4
        AND s.used_at > CASE WHEN s.helper = '' THEN $5 ELSE $6 END::timestamptz
), used AS (
    UPDATE session s SET used_at = $2 FROM live WHERE s.token_hash = live.token_hash AND live.used_at < $3
)
SELECT id, name, contact, language, created, frozen FROM live;

-- name: session-end
DELETE FROM session WHERE token_hash = $1;

-- name: session-end-all
DELETE FROM session WHERE visitor = $1;

-- name: session-sweep
DELETE FROM session WHERE used_at <= $1 OR created <= $2;
