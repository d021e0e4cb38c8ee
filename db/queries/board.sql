-- name: board-tallies
SELECT date_trunc('minute', at) AS minute, device, kind, direction, decision, reason, status, count(*) AS count,
    count(*) FILTER (WHERE at > $2) AS last_minute, sum(amount)::bigint AS yen
FROM event
WHERE at >= $1
    AND kind IN ('admission.decided', 'admission.passed', 'payment.captured', 'payment.faced', 'payment.coded', 'payment.ended')
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- name: board-took
SELECT coalesce(percentile_disc(0.50) WITHIN GROUP (ORDER BY took_us), 0) AS p50,
    coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY took_us), 0) AS p95,
    coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY took_us), 0) AS p99
FROM event WHERE at > $1 AND took_us > 0;

-- name: board-needs-help
SELECT count(*) FROM (
    SELECT DISTINCT ON (coalesce(nullif(visitor, ''), device)) decision
    FROM event WHERE at > $1 AND kind = 'admission.decided'
    ORDER BY coalesce(nullif(visitor, ''), device), seq DESC
) last WHERE decision <> 'admit';

-- name: board-heads
SELECT sum(people)::bigint AS people, sum(payers)::bigint AS payers FROM head_count;

-- name: board-latest
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE kind IN ('admission.decided', 'payment.captured', 'payment.refunded', 'payment.ended')
ORDER BY seq DESC LIMIT $1;
