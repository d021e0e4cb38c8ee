-- name: reconcile-bookings
-- What our own ledger says moved on cards within a time. A refund that the card company refused is owed by us, and in neither
-- of the two books, nor is one of what was paid in cash; one that failed later is in both, and what came back of it is ours to pay out.
-- What was never paid and staff settled is told as they did; who bears it is in no book of the company.
SELECT t.charge, t.refund, t.currency, t.amount, t.at, t.payment, t.device, coalesce(p.store, '') AS store, CASE
    WHEN k.state = 'open' OR e.became IS NULL OR e.became = 'paid' AND t.refund <> '' THEN coalesce(k.state, '')
    WHEN e.became = 'paid' THEN 'done' ELSE e.became END AS told
FROM transfer t LEFT JOIN payment p ON p.id = t.payment
LEFT JOIN card_task k ON k.charge = t.charge AND k.refund = t.refund
    AND k.verb = CASE t.refund WHEN '' THEN 'capture' ELSE 'refund' END
LEFT JOIN (SELECT DISTINCT ON (charge) charge, became FROM uncollected_end ORDER BY charge, regained DESC) e ON e.charge = t.charge
WHERE t.state = 'posted' AND t.charge <> '' AND t.kind NOT IN ('bounce', 'loss', 'made_good')
    AND NOT EXISTS (SELECT FROM refund_due d WHERE d.refund = t.refund AND t.refund <> '' AND d.why IN ('refund_refused', 'paid_in_cash')) AND t.at >= $1 AND t.at < $2 ORDER BY t.at, t.seq LIMIT $3;

-- name: reconcile-bookings-of
-- The same outside of that time, of charges that the card company names within it.
SELECT t.charge, t.refund, t.currency, t.amount, t.at, t.payment, t.device, coalesce(p.store, '') AS store, CASE
    WHEN k.state = 'open' OR e.became IS NULL OR e.became = 'paid' AND t.refund <> '' THEN coalesce(k.state, '')
    WHEN e.became = 'paid' THEN 'done' ELSE e.became END AS told
FROM transfer t LEFT JOIN payment p ON p.id = t.payment
LEFT JOIN card_task k ON k.charge = t.charge AND k.refund = t.refund
    AND k.verb = CASE t.refund WHEN '' THEN 'capture' ELSE 'refund' END
LEFT JOIN (SELECT DISTINCT ON (charge) charge, became FROM uncollected_end ORDER BY charge, regained DESC) e ON e.charge = t.charge
WHERE t.state = 'posted' AND t.charge = ANY($3) AND t.charge <> '' AND t.kind NOT IN ('bounce', 'loss', 'made_good')
    AND NOT EXISTS (SELECT FROM refund_due d WHERE d.refund = t.refund AND t.refund <> '' AND d.why IN ('refund_refused', 'paid_in_cash')) AND NOT (t.at >= $1 AND t.at < $2) ORDER BY t.at, t.seq;

-- name: reconcile-unknown
SELECT c.id AS charge, c.currency, c.amount, c.asked_at AS at, c.payment, coalesce(p.store, '') AS store, coalesce(p.till, '') AS device
FROM card_charge c LEFT JOIN payment p ON p.id = c.payment
WHERE c.state = 'unknown' AND c.asked_at >= $1 AND c.asked_at < $2 ORDER BY c.asked_at LIMIT $3;

-- name: reconcile-held
SELECT t.charge, t.currency, t.amount, t.at, t.payment, p.store, t.device
FROM transfer t JOIN payment p ON p.id = t.payment
WHERE t.state = 'pending' AND t.at >= $1 AND t.at < $2 AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id)
ORDER BY t.at, t.seq LIMIT $3;

-- name: reconcile-owed
-- Refunds to cards that could not go back, on the day on which that was found, until they are paid out.
SELECT d.charge, d.refund, d.currency, d.amount, d.at, d.payment, coalesce(p.store, '') AS store, coalesce(p.till, '') AS device
FROM refund_due d LEFT JOIN payment p ON p.id = d.payment
WHERE d.charge <> '' AND d.at >= $1 AND d.at < $2 AND NOT EXISTS (SELECT FROM refund_paid o WHERE o.refund = d.refund)
ORDER BY d.at, d.seq LIMIT $3;

-- name: reconcile-tills
SELECT d.id AS till, d.name, d.zone AS store, coalesce(l.captures, 0) AS captures, coalesce(l.captured, 0)::bigint AS captured,
    coalesce(l.refunds, 0) AS refunds, coalesce(l.refunded, 0)::bigint AS refunded, r.at AS reported_at,
    coalesce(r.captures, 0) AS own_captures, coalesce(r.captured, 0)::bigint AS own_captured,
    coalesce(r.refunds, 0) AS own_refunds, coalesce(r.refunded, 0)::bigint AS own_refunded
FROM device d
LEFT JOIN (
    SELECT device, count(*) FILTER (WHERE kind = 'payment') AS captures, sum(amount) FILTER (WHERE kind = 'payment') AS captured,
        count(*) FILTER (WHERE kind = 'refund') AS refunds, sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM transfer WHERE state = 'posted' AND device <> '' AND at >= $1 AND at < $2 GROUP BY device
) l ON l.device = d.id
LEFT JOIN (
    SELECT DISTINCT ON (till) till, captures, captured, refunds, refunded, at FROM till_total WHERE day = $3::date ORDER BY till, seq DESC
) r ON r.till = d.id
WHERE (l.device IS NOT NULL OR r.till IS NOT NULL) AND ($4 = '' OR d.zone = $4)
ORDER BY d.zone, d.name, d.id;

-- name: reconcile-sums
SELECT coalesce(sum(t.amount) FILTER (WHERE t.kind = 'payment' AND p.method_kind = 'emoney'), 0)::bigint AS emoney_captured,
    coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund' AND p.method_kind = 'emoney'), 0)::bigint AS emoney_refunded
FROM transfer t JOIN payment p ON p.id = t.payment
WHERE t.state = 'posted' AND t.at >= $1 AND t.at < $2 AND ($3 = '' OR p.store = $3);

-- name: till-total-add
INSERT INTO till_total (till, day, currency, captures, captured, refunds, refunded, at) VALUES ($1, $2::date, $3, $4, $5, $6, $7, $8);
