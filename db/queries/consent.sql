-- name: consent-newest
SELECT purpose, text_version, text_hash, language, method, signed_at, withdrawn_at
FROM consent WHERE visitor = $1 AND purpose = $2 ORDER BY id DESC LIMIT 1;

-- name: consent-list
SELECT DISTINCT ON (purpose) purpose, text_version, text_hash, language, method, signed_at, withdrawn_at
FROM consent WHERE visitor = $1 ORDER BY purpose, id DESC;

-- name: consent-give
INSERT INTO consent (visitor, purpose, text_version, text_hash, language, method, mark, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: consent-end
UPDATE consent SET withdrawn_at = $3 WHERE visitor = $1 AND purpose = $2 AND withdrawn_at IS NULL;

-- name: person-key-read
SELECT wrapped FROM person_key WHERE visitor = $1;

-- name: person-key-add
INSERT INTO person_key (visitor, wrapped) VALUES ($1, $2);

-- name: person-key-destroy
DELETE FROM person_key WHERE visitor = $1;

-- name: receipt-newest
SELECT id, at FROM event WHERE visitor = $1 AND kind = $2 AND purpose = $3 ORDER BY seq DESC LIMIT 1;
