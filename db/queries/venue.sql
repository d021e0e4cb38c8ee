-- name: venue-ready
SELECT 1;

-- name: venue-server
SELECT current_setting('server_version_num')::int;

-- name: venue-check
SELECT key_check FROM venue FOR UPDATE;

-- name: venue-set-check
UPDATE venue SET key_check = $1;

-- name: venue-numbers-ahead
SELECT coalesce((SELECT max(seq) FROM event), 0) > event_number(65535);

-- name: venue-mend-numbers
UPDATE venue SET numbers_behind = numbers_behind + (SELECT max(seq) >> 16 FROM event) - (event_number(0) >> 16) + 1
WHERE coalesce((SELECT max(seq) FROM event), 0) > event_number(65535);
