-- name: till-day-methods
SELECT p.method_kind AS method, count(*) FILTER (WHERE t.kind = 'payment') AS captures,
    coalesce(sum(t.amount) FILTER (WHERE t.kind = 'payment'), 0)::bigint AS captured,
    count(*) FILTER (WHERE t.kind = 'refund') AS refunds,
    coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0)::bigint AS refunded
FROM transfer t JOIN payment p ON p.id = t.payment
WHERE t.device = $1 AND t.at >= $2 AND t.at < $3 AND t.state = 'posted' AND t.kind IN ('payment', 'refund')
GROUP BY p.method_kind ORDER BY p.method_kind DESC;

-- name: till-day-settled
-- What of its store's settlement of a day came through one till, by the same bounds as the settlement's own lines.
SELECT s.closed_at AS at, count(t.id) FILTER (WHERE t.kind = 'payment') AS captures,
    coalesce(sum(t.amount) FILTER (WHERE t.kind = 'payment'), 0)::bigint AS captured,
    count(t.id) FILTER (WHERE t.kind = 'refund') AS refunds,
    coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0)::bigint AS refunded
FROM settlement s
LEFT JOIN transfer t ON t.device = $3 AND t.state = 'posted' AND t.kind IN ('payment', 'refund') AND t.currency = s.currency
    AND (t.at >= s.since OR t.number >= nullif(s.after, 0)) AND t.at < s.until AND t.number < s.upto
    AND NOT (t.number < s.after AND t.at < s.since)
WHERE s.store = $1 AND s.day = $2::date AND s.currency = $4
GROUP BY s.closed_at;

-- name: till-day-reported
SELECT captures, captured, refunds, refunded, at FROM till_total WHERE till = $1 AND day = $2::date ORDER BY seq DESC LIMIT 1;

-- name: till-day-unprinted
SELECT count(*) FROM transfer t
WHERE t.device = $1 AND t.at >= $2 AND t.at < $3 AND t.state = 'posted' AND t.payment <> ''
    AND NOT EXISTS (SELECT FROM receipt_printed r WHERE r.payment = t.payment AND r.refund = t.refund);
