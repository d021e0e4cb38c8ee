-- name: place-live
SELECT name, zone FROM device WHERE id = $1 AND role = $2 AND claimed_at IS NOT NULL AND revoked_at IS NULL;
