-- name: chain-turn
SELECT pg_try_advisory_xact_lock(hashtextextended('event chain', 0));

-- name: chain-last
SELECT n, upto, events, seal, at FROM event_link ORDER BY n DESC LIMIT 1;

-- name: chain-add
INSERT INTO event_link (n, upto, events, seal, at) VALUES ($1, $2, $3, $4, $5);

-- name: chain-walk
SELECT n, upto, events, seal, at FROM event_link WHERE n > $1 ORDER BY n LIMIT $2;

-- name: chain-events
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE seq > $1 AND seq <= $2 ORDER BY seq;

-- name: chain-open
SELECT count(*) FROM event WHERE seq > $1;
