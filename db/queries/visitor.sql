-- name: visitor-read
SELECT id, name, contact, language, created, frozen FROM visitor WHERE id = $1 AND erased_at IS NULL;

-- name: visitor-lock
SELECT id, name, contact, language, created, frozen FROM visitor WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE;

-- name: visitor-by-contact
SELECT id, name, contact, language, created, frozen FROM visitor WHERE contact_hash = $1 FOR NO KEY UPDATE;

-- name: visitor-add
INSERT INTO visitor (id, contact, contact_hash, language, created) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT a_contact_belongs_to_one_visitor DO NOTHING;

-- name: visitor-set-profile
UPDATE visitor SET name = $2, language = $3 WHERE id = $1;

-- name: visitor-bare
UPDATE visitor SET name = NULL, contact = NULL, contact_hash = NULL, erased_at = $2 WHERE id = $1;
