-- name: passkey-add
INSERT INTO passkey (id, visitor, name, data, created) VALUES ($1, $2, $3, $4, $5);

-- name: passkey-list
SELECT id, visitor, name, data, created FROM passkey WHERE visitor = $1 ORDER BY created, id;

-- name: passkey-count
SELECT count(*) FROM passkey WHERE visitor = $1;

-- name: passkey-read
SELECT id, visitor, name, data, created FROM passkey WHERE id = $1;

-- name: passkey-lock
SELECT id, visitor, name, data, created FROM passkey WHERE id = $1 FOR UPDATE;

-- name: passkey-set-data
UPDATE passkey SET data = $2 WHERE id = $1;

-- name: passkey-remove
DELETE FROM passkey WHERE id = $1 AND visitor = $2;

-- name: passkey-remove-all
DELETE FROM passkey WHERE visitor = $1;

-- name: ceremony-save
INSERT INTO ceremony (name_hash, data, created) VALUES ($1, $2, $3);

-- name: ceremony-take
DELETE FROM ceremony WHERE name_hash = $1 AND created > $2 RETURNING data;

-- name: ceremony-sweep
DELETE FROM ceremony WHERE created <= $1;
