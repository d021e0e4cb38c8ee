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
SELECT EXISTS (SELECT FROM transfer WHERE at >= $1 AND at < $2 AND number >= $3);

-- name: settlement-sums
-- What moved the accounts of stores, each within its own bounds. The first condition is what the index reads.
WITH open AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS o (account, after, since)
), moved AS (
    SELECT id, kind, at, amount, debit, credit, number FROM transfer
    WHERE (at >= (SELECT min(since) FROM open) OR number >= (SELECT min(after) FROM open WHERE after > 0))
        AND at < $6 AND number < $4 AND state = 'posted'
), leg AS (
    SELECT o.account, m.at, m.amount, m.kind, true AS came FROM moved m JOIN open o ON o.account = m.credit
    WHERE NOT (m.number < o.after AND m.at < o.since)
    UNION ALL
    SELECT o.account, m.at, m.amount, m.kind, false FROM moved m JOIN open o ON o.account = m.debit
    WHERE NOT (m.number < o.after AND m.at < o.since)
)
SELECT account,
    coalesce(sum(amount) FILTER (WHERE came AND kind = 'payment'), 0)::bigint AS captured,
    coalesce(sum(amount) FILTER (WHERE NOT came AND kind = 'refund'), 0)::bigint AS refunded,
    coalesce(sum(CASE WHEN came THEN -amount ELSE amount END) FILTER (WHERE NOT (came AND kind = 'payment' OR NOT came AND kind = 'refund')), 0)::bigint AS fees,
    count(*) FILTER (WHERE came AND kind = 'payment') AS captures,
    count(*) FILTER (WHERE NOT came AND kind = 'refund') AS refunds,
    count(*) FILTER (WHERE at < $5) AS late
FROM leg GROUP BY account;

-- name: settlement-add
INSERT INTO settlement (id, store, day, currency, captured, refunded, fees, net, captures, refunds, late, after, since, upto,
    until, closed_at, closed_by)
VALUES ($1, $2, $3::date, $4, $5, $6, $7, $5::bigint - $6::bigint - $7::bigint, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: settlement-of-day
SELECT id, store, day::text AS day, currency, captured, refunded, fees, net, captures, refunds, late, after, since, upto,
    closed_at, closed_by
FROM settlement WHERE day = $1::date AND ($2 = '' OR store = $2) ORDER BY store, currency;

-- name: settlement-lines
-- The transfers of one settlement, oldest first, after the last one that was read.
SELECT t.seq, t.id, t.at, t.kind, t.state, t.amount, t.currency, t.payment, t.refund, t.charge, t.device, t.why,
    coalesce(p.order_ref, '') AS order_ref, coalesce(p.method_kind, '') AS method_kind, coalesce(p.till_name, '') AS till_name,
    t.credit = a.id AS came
FROM account a
JOIN transfer t ON (t.credit = a.id OR t.debit = a.id)
LEFT JOIN payment p ON p.id = t.payment
WHERE a.kind = 'store' AND a.owner = $1 AND a.currency = $2 AND t.state = 'posted'
    AND (t.at >= $4 OR t.number >= nullif($3::bigint, 0)) AND t.at < $6 AND t.number < $5
    AND NOT (t.number < $3 AND t.at < $4)
    AND (t.at, t.seq) > ($7::timestamptz, $8::bigint)
ORDER BY t.at, t.seq LIMIT $9;
