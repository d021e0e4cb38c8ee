-- name: calibration-lock
SELECT pg_advisory_xact_lock(hashtextextended('calibration ' || $1, 0));

-- name: calibration-standing
SELECT id, made_at, made_by, model, people, strangers, twice, loosens, state, decided_at, decided_by, body
FROM calibration WHERE model = $1 AND state = 'in_force';

-- name: calibration-read
SELECT id, made_at, made_by, model, people, strangers, twice, loosens, state, decided_at, decided_by, body
FROM calibration WHERE id = $1;

-- name: calibration-list
SELECT id, made_at, made_by, model, people, strangers, twice, loosens, state, decided_at, decided_by, body
FROM calibration ORDER BY made_at DESC, id DESC LIMIT $1;

-- name: calibration-add
INSERT INTO calibration (id, made_at, made_by, model, people, strangers, twice, loosens, state, decided_at, decided_by, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: calibration-end
UPDATE calibration SET state = $3, decided_at = $4, decided_by = $5 WHERE model = $1 AND state = $2;

-- name: calibration-stand
UPDATE calibration SET state = 'in_force', decided_at = $2, decided_by = $3 WHERE id = $1;

-- name: calibration-drop
UPDATE calibration SET state = 'dropped', decided_at = $2, decided_by = $3 WHERE id = $1;

-- name: calibration-newest
SELECT coalesce(max(made_at), 'epoch') FROM calibration;

-- name: calibration-turn
SELECT pg_try_advisory_lock(hashtextextended('calibration of the night', 0));

-- name: calibration-turn-over
SELECT pg_advisory_unlock(hashtextextended('calibration of the night', 0));

-- name: calibration-twice
SELECT older, newer FROM look_alike WHERE same AND NOT answered ORDER BY older, newer LIMIT $1;
