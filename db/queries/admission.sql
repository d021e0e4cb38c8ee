-- name: admission-holder-lock
SELECT true FROM visitor WHERE id = $1 FOR SHARE;

-- name: admission-holder
SELECT EXISTS (
    SELECT FROM enrolment e JOIN template t ON t.enrolment = e.id AND t.purpose = 'admission' WHERE e.visitor = $1
);

-- name: admission-misses
SELECT count(*) FILTER (WHERE decided_at > $2) AS misses,
    count(*) FILTER (WHERE decided_at > $4 AND reason = 'not_live' AND NOT unlooked) AS liveless
FROM admission
WHERE ticket = $1 AND reason = ANY ($3) AND decided_at > greatest(least($2::timestamptz, $4::timestamptz), (
        SELECT max(decided_at) FROM admission WHERE ticket = $1 AND decision = 'admit' AND decided_at > least($2, $4)
    ));

-- name: admission-gate-liveless
SELECT count(*) FROM admission WHERE device = $1 AND reason = 'not_live' AND NOT unlooked AND decided_at > $2;

-- name: admission-add
INSERT INTO admission (id, device, gate_name, zone, direction, decision, reason, ticket, holder, captured_at, skew_ms,
    decided_at, took_us, pass_by, unlooked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: admission-lock
SELECT a.id, a.device, a.gate_name, a.zone, a.direction, a.decision, a.reason, a.ticket, a.holder, a.decided_at,
    a.pass_by, a.passed_at, a.undone_at, a.took_us, coalesce(t.number, '') AS number, coalesce(t.kind, '') AS kind
FROM admission a LEFT JOIN ticket t ON t.id = a.ticket
WHERE a.id = $1 AND a.device = $2 FOR UPDATE OF a;

-- name: admission-pass
UPDATE admission SET passed_at = $2 WHERE id = $1;

-- name: admission-undo
UPDATE admission SET undone_at = $2, undone_why = $3 WHERE id = $1;

-- name: admission-last-passed
SELECT id FROM admission WHERE ticket = $1 AND passed_at IS NOT NULL AND undone_at IS NULL ORDER BY passed_at DESC LIMIT 1;

-- name: admission-recent
SELECT a.id, a.device, a.gate_name, a.zone, a.direction, a.decision, a.reason, a.ticket, a.holder, a.decided_at,
    a.pass_by, a.passed_at, a.undone_at, a.took_us, coalesce(t.number, '') AS number, coalesce(t.kind, '') AS kind
FROM admission a LEFT JOIN ticket t ON t.id = a.ticket
WHERE a.device = $1 ORDER BY a.decided_at DESC, a.id DESC LIMIT $2;

-- name: admission-passed-since
SELECT count(*) FROM admission WHERE device = $1 AND passed_at > $2 AND direction = 'entry' AND undone_at IS NULL;

-- name: admission-skew
SELECT coalesce((SELECT skew_ms FROM admission
    WHERE device = $1 AND skew_ms IS NOT NULL AND decided_at > $2 ORDER BY decided_at DESC LIMIT 1), 0);
