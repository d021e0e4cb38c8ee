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

-- name: device-till-locks
SELECT * FROM (
    SELECT d.id AS device, d.name, d.zone, 'code_wrong' AS reason, count(*) AS tries,
        (array_agg(e.at ORDER BY e.at))[$3::integer] AS since, (array_agg(e.at ORDER BY e.at DESC))[$3::integer] + $2::interval AS until
    FROM device d JOIN event e ON e.device = d.id AND e.reason = 'code_wrong'
        AND e.at > greatest($1::timestamptz - $2::interval, d.cleared_at)
    WHERE d.role = 'till' AND d.revoked_at IS NULL
    GROUP BY d.id HAVING count(*) >= $3
    UNION ALL
    SELECT d.id, d.name, d.zone, 'not_live', count(*),
        (array_agg(e.at ORDER BY e.at))[$5::integer], (array_agg(e.at ORDER BY e.at DESC))[$5::integer] + $4::interval
    FROM device d JOIN event e ON e.device = d.id AND e.reason = 'not_live'
        AND e.at > greatest($1::timestamptz - $4::interval, d.cleared_at)
    WHERE d.role = 'till' AND d.revoked_at IS NULL
    GROUP BY d.id HAVING count(*) >= $5
) locked ORDER BY since DESC, device;

-- name: device-clear
UPDATE device SET cleared_at = $2 WHERE id = $1;

-- name: device-till-tries
SELECT count(*) FILTER (WHERE e.reason = 'code_wrong' AND e.at > $2) AS codes,
    count(*) FILTER (WHERE e.reason = 'not_live' AND e.at > $3) AS liveless
FROM event e
WHERE e.device = $1 AND e.reason IN ('code_wrong', 'not_live')
    AND e.at > greatest(least($2::timestamptz, $3::timestamptz), (SELECT cleared_at FROM device WHERE id = $1));

-- name: device-clearing-add
INSERT INTO till_clearing (till, staff, reason, tries, why, at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: device-clearings
SELECT c.staff, coalesce(s.name, '') AS name, c.reason, c.tries, c.why, c.at
FROM till_clearing c LEFT JOIN staff s ON s.id = c.staff
WHERE c.till = $1 ORDER BY c.seq DESC LIMIT $2;
