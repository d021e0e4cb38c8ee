-- name: event-append
INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
    direction, currency, amount, took_us)
VALUES (event_number($1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
RETURNING seq;

-- name: event-after
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE seq > $1 AND seq < event_horizon() ORDER BY seq LIMIT $2;

-- name: event-newest
SELECT coalesce(max(seq), 0) FROM event WHERE seq < event_horizon();

-- name: event-list
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event
WHERE seq < $1
    AND ($2 = '' OR kind COLLATE "C" = $2 OR (kind COLLATE "C" >= $2 || '.' AND kind COLLATE "C" < $2 || '/'))
    AND ($3 = '' OR device = $3)
    AND ($4 = '' OR reason = $4)
    AND ($5 = '' OR subject = $5)
    AND at >= $6
ORDER BY seq DESC LIMIT $7;

-- name: event-plan-anew
SET LOCAL plan_cache_mode = force_custom_plan;

-- name: event-wake
SELECT pg_notify('kaopass_event', '');
