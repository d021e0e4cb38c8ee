-- name: venue-ready
SELECT 1;

-- name: venue-check
SELECT key_check FROM venue FOR UPDATE;

-- name: venue-set-check
UPDATE venue SET key_check = $1;
