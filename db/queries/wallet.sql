-- name: method-add
INSERT INTO method (id, visitor, kind, label, token, first, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (visitor) WHERE kind = 'emoney' DO NOTHING;

-- name: method-list
SELECT id, kind, label, first, EXISTS (SELECT FROM card_owner o WHERE o.method = method.id) AS asked
FROM method WHERE visitor = $1 AND removed_at IS NULL
ORDER BY first DESC, kind = 'emoney' DESC, added_at, id;

-- name: method-read
SELECT id, kind, label, first, token, EXISTS (SELECT FROM card_owner o WHERE o.method = method.id) AS asked
FROM method WHERE id = $1 AND visitor = $2 AND removed_at IS NULL;

-- name: method-of-token
SELECT id, kind, label, first, token FROM method
WHERE visitor = $1 AND token = $2 AND kind = 'card' AND removed_at IS NULL LIMIT 1;

-- name: method-remove
UPDATE method SET removed_at = $3, first = false, token = 'removed'
WHERE id = $1 AND visitor = $2 AND kind = 'card' AND removed_at IS NULL;

-- name: method-remove-cards
UPDATE method SET removed_at = $2, first = false, token = 'removed'
WHERE visitor = $1 AND kind = 'card' AND removed_at IS NULL;

-- name: method-none-first
UPDATE method SET first = false WHERE visitor = $1 AND first;

-- name: method-first
UPDATE method SET first = true WHERE id = $1 AND visitor = $2 AND removed_at IS NULL;

-- name: method-wallet-first
UPDATE method SET first = true WHERE visitor = $1 AND kind = 'emoney'
    AND NOT EXISTS (SELECT FROM method WHERE visitor = $1 AND first);

-- name: paycode-read
SELECT hash, issued_at, tries, tried_at FROM payment_code WHERE visitor = $1;

-- name: paycode-holders-lock
SELECT pg_advisory_xact_lock($1);

-- name: paycode-holders
SELECT count(*) AS holders, count(*) FILTER (WHERE e.id = ANY ($3)) AS near
FROM payment_code c LEFT JOIN enrolment e ON e.visitor = c.visitor
WHERE c.hash = $1 AND c.visitor <> $2;

-- name: paycode-taken
SELECT hash FROM payment_code WHERE visitor <> $1 GROUP BY hash HAVING count(*) >= $2
UNION
SELECT c.hash FROM payment_code c JOIN enrolment e ON e.visitor = c.visitor WHERE e.id = ANY ($3) AND c.visitor <> $1;

-- name: paycode-near
SELECT e.id AS enrolment, c.visitor FROM payment_code c JOIN enrolment e ON e.visitor = c.visitor
WHERE c.hash = $1 AND e.id = ANY ($2) AND c.visitor <> $3
ORDER BY e.id COLLATE "C";

-- name: paycode-call-in
DELETE FROM payment_code WHERE visitor = $1 AND hash = $2;

-- name: paycode-set
INSERT INTO payment_code (visitor, hash, issued_at) VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT a_visitor_has_one_code
DO UPDATE SET hash = excluded.hash, issued_at = excluded.issued_at, tries = 0, tried_at = NULL;

-- name: paycode-draws
SELECT count(*) FROM event WHERE visitor = $1 AND actor = $1 AND kind = 'code.issued' AND at > $2;

-- name: paycode-tried
UPDATE payment_code SET tries = $2, tried_at = $3 WHERE visitor = $1;

-- name: paycode-drop
DELETE FROM payment_code WHERE visitor = $1;

-- name: paycode-matches
SELECT DISTINCT c.visitor FROM enrolment e JOIN payment_code c ON c.visitor = e.visitor
WHERE e.id = ANY ($1) AND c.hash = $2;
