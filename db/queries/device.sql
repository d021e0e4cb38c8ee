-- name: device-add
INSERT INTO device (id, role, name, zone, created, claim_hash, claim_until) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: device-read
SELECT id, role, name, zone, hardware, software, created, claimed_at, revoked_at, seen_at FROM device WHERE id = $1;

-- name: device-lock
SELECT id, role, name, zone, hardware, software, created, claimed_at, revoked_at, seen_at FROM device WHERE id = $1
FOR UPDATE;

-- name: device-renew
UPDATE device SET claim_hash = $2, claim_until = $3 WHERE id = $1;

-- name: device-by-claim
SELECT id, role, name, zone, hardware, software, created, claimed_at, revoked_at, seen_at FROM device
WHERE claim_hash = $1 AND claim_until > $2 AND revoked_at IS NULL
FOR UPDATE;

-- name: device-claim
UPDATE device SET token_hash = $2, claimed_at = $3, seen_at = $3, hardware = $4, software = $5, claim_hash = NULL,
    claim_until = NULL
WHERE id = $1;

-- name: device-roll
UPDATE device SET token_hash = $2 WHERE id = $1;

-- name: device-by-token
WITH seen AS (
    UPDATE device SET seen_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL AND seen_at < $3
)
SELECT id, role, name, zone, hardware, software, created, claimed_at, revoked_at, seen_at FROM device
WHERE token_hash = $1 AND revoked_at IS NULL;

-- name: device-revoke
UPDATE device SET revoked_at = $2, claim_hash = NULL, claim_until = NULL WHERE id = $1;

-- name: device-list
SELECT id, role, name, zone, hardware, software, created, claimed_at, revoked_at, seen_at FROM device
ORDER BY role, name, created;
