-- name: settlement-turn
SELECT pg_advisory_xact_lock(hashtextextended('settlement', 0));

-- name: settlement-due
-- The earliest day that some store has still to be settled for.
SELECT min(coalesce(l.day + 1, ((a.opened_at AT TIME ZONE 'UTC') + interval '5 hours')::date))::text
FROM account a
LEFT JOIN LATERAL (SELECT day FROM settlement s WHERE s.store = a.owner AND s.currency = a.currency ORDER BY day DESC LIMIT 1) l ON true
WHERE a.kind = 'store';

-- name: settlement-open
-- Where each store's settlement of a day begins; those that have one, or a later one, are not among them.
SELECT a.id AS account, a.owner AS store, a.currency, coalesce(l.upto, 0) AS after,
    coalesce(l.until, a.opened_at - interval '1 day') AS since
FROM account a
LEFT JOIN LATERAL (SELECT day, upto, until FROM settlement s WHERE s.store = a.owner AND s.currency = a.currency ORDER BY day DESC LIMIT 1) l ON true
WHERE a.kind = 'store' AND a.opened_at < $2 AND (l.day IS NULL OR l.day < $1::date)
ORDER BY a.owner, a.currency;

-- name: settlement-horizon
SELECT event_horizon();

-- name: settlement-incomplete
-- Something of that day is not below the horizon yet.
SELECT EXISTS (SELECT FROM transfer WHERE at >= $1 AND at < $2 AND number >= $3 AND kind <> 'fee');

-- name: settlement-sums
-- What was sold and given back on the accounts of stores, each within its own bounds, and what fees are made of: the rate of a
-- refund is that of the day on which its payment was captured. The first condition is what the index reads. A fee belongs to
-- the settlement that names it, whenever it was booked.
WITH open AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS o (account, after, since)
), moved AS (
    SELECT id, kind, at, amount, debit, credit, number, payment FROM transfer
    WHERE (at >= (SELECT min(since) FROM open) OR number >= (SELECT min(after) FROM open WHERE after > 0))
        AND at < $6 AND number < $4 AND state = 'posted' AND kind IN ('payment', 'refund')
), leg AS (
    SELECT o.account, m.at, m.at AS sold, m.amount, 0 AS given, true AS came FROM moved m JOIN open o ON o.account = m.credit
    WHERE NOT (m.number < o.after AND m.at < o.since)
    UNION ALL
    SELECT o.account, m.at, coalesce(c.at, m.at), 0, m.amount, false FROM moved m JOIN open o ON o.account = m.debit
    LEFT JOIN transfer c ON c.payment = m.payment AND c.payment <> '' AND c.kind = 'payment' AND c.state = 'posted'
    WHERE NOT (m.number < o.after AND m.at < o.since)
), part AS (
    SELECT account, trade_day(sold) AS day, sum(amount) AS captured, sum(given) AS refunded, count(*) FILTER (WHERE came) AS captures,
        count(*) FILTER (WHERE NOT came) AS refunds, count(*) FILTER (WHERE at < $5) AS late
    FROM leg GROUP BY account, trade_day(sold)
)
SELECT p.account, sum(p.captured)::bigint AS captured, sum(p.refunded)::bigint AS refunded, sum(p.captures)::bigint AS captures,
    sum(p.refunds)::bigint AS refunds, sum(p.late)::bigint AS late,
    sum((p.captured - p.refunded) * fee_points(a.owner, p.day))::bigint AS fee_base
FROM part p JOIN account a ON a.id = p.account GROUP BY p.account;

-- name: settlement-add
INSERT INTO settlement (id, store, day, currency, captured, refunded, fees, net, captures, refunds, late, after, since, upto,
    until, closed_at, closed_by, fee_points, fee_base, fee_transfer)
VALUES ($1, $2, $3::date, $4, $5, $6, $7, $5::bigint - $6::bigint - $7::bigint, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    fee_points($2, $3::date), $17, nullif($18, ''))
RETURNING fee_points;

-- name: settlement-of-day
SELECT s.id, a.id AS account, s.store, s.day::text AS day, s.currency, s.captured, s.refunded, s.fees, s.net, s.captures, s.refunds,
    s.late, s.after, s.since, s.upto, s.closed_at, s.closed_by, s.fee_points, s.fee_base, coalesce(s.fee_transfer, '') AS fee_transfer
FROM settlement s JOIN account a ON a.kind = 'store' AND a.owner = s.store AND a.currency = s.currency
WHERE s.day = $1::date AND ($2 = '' OR s.store = $2) ORDER BY s.store, s.currency;

-- name: settlement-fee-booked
-- What the store paid, or (below zero) got back.
SELECT coalesce(sum(CASE t.debit WHEN $2 THEN t.amount ELSE -t.amount END), 0)::bigint FROM transfer t
WHERE t.id = $1 AND t.kind = 'fee' AND t.state = 'posted' AND $2 IN (t.debit, t.credit)
    AND EXISTS (SELECT FROM account f WHERE f.kind = 'fees' AND f.id IN (t.debit, t.credit));

-- name: settlement-lines
-- The transfers of one settlement, oldest first, after the last one that was read.
SELECT t.seq, t.id, t.at, t.kind, t.state, t.amount, t.currency, t.payment, t.refund, t.charge, t.device, t.why,
    coalesce(p.order_ref, '') AS order_ref, coalesce(p.method_kind, '') AS method_kind, coalesce(p.till_name, '') AS till_name,
    t.credit = a.id AS came
FROM account a
JOIN transfer t ON (t.credit = a.id OR t.debit = a.id)
LEFT JOIN payment p ON p.id = t.payment
WHERE a.kind = 'store' AND a.owner = $1 AND a.currency = $2 AND t.state = 'posted' AND t.kind IN ('payment', 'refund')
    AND (t.at >= $4 OR t.number >= nullif($3::bigint, 0)) AND t.at < $6 AND t.number < $5
    AND NOT (t.number < $3 AND t.at < $4)
    AND (t.at, t.seq) > ($7::timestamptz, $8::bigint)
ORDER BY t.at, t.seq LIMIT $9;
