-- name: payment-lock
SELECT * FROM payment WHERE id = $1 AND ($2 = '' OR till = $2) FOR NO KEY UPDATE;

-- name: payment-read
SELECT * FROM payment WHERE id = $1 AND till = $2;

-- name: payment-list
SELECT * FROM payment WHERE till = $1 AND created_at >= $2 AND seq < $3 ORDER BY seq DESC LIMIT $4;

-- name: payment-save
UPDATE payment SET status = $2, reason = $3, authorised = $4, captured = $5, refunded = $6, payer = $7, method = $8,
    method_kind = $9, retry = $10, faces = $11, codes = $12, short_list = $13, expires_at = $14, decided_at = $15,
    named = $16, coded = $17
WHERE id = $1;

-- name: payment-payer-of
SELECT visitor FROM enrolment WHERE id = $1;

-- name: payment-payer
SELECT * FROM payer_of($1, $2);

-- name: payment-payer-refusal
SELECT payer_refusal($1, $2, $3, $4);

-- name: payment-till-turn
-- Tries of one till are counted one after the other; at once, each would be the last that is allowed.
SELECT pg_advisory_xact_lock(hashtextextended('tries of till ' || $1::text, 0));

-- name: payment-till-misses
SELECT count(*) FROM event
WHERE device = $1 AND at > greatest($2, (SELECT cleared_at FROM device WHERE id = $1)) AND reason = 'code_wrong';

-- name: payment-till-liveless
SELECT count(*) FROM event
WHERE device = $1 AND at > greatest($2, (SELECT cleared_at FROM device WHERE id = $1)) AND reason = 'not_live';

-- name: payment-waiting
SELECT id FROM payment
WHERE (status IN ('awaiting_face', 'awaiting_code', 'awaiting_confirmation', 'authorised') OR retry)
    AND expires_at >= (SELECT upto FROM payment_sweep) AND expires_at <= $1
ORDER BY expires_at LIMIT $2;

-- name: payment-swept
-- The next look begins at the earliest that still waits, and never later than $2. Written when it is worth the row.
UPDATE payment_sweep SET upto = earliest.at FROM (
    SELECT least($2::timestamptz, (
        SELECT min(p.expires_at) FROM payment p, payment_sweep s
        WHERE (p.status IN ('awaiting_face', 'awaiting_code', 'awaiting_confirmation', 'authorised') OR p.retry)
            AND p.expires_at >= s.upto AND p.expires_at <= $1
    )) AS at
) earliest WHERE earliest.at > upto + interval '1 minute';

-- name: payment-till-day
SELECT count(*) FILTER (WHERE kind = 'payment') AS count,
    count(*) FILTER (WHERE kind = 'refund') AS refunds,
    coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS captured,
    coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded
FROM transfer WHERE device = $1 AND at >= $2 AND at < $3 AND state = 'posted';

-- name: payment-coded
SELECT payer, status, codes = 0 AND EXISTS (
        SELECT FROM event e WHERE e.subject = p.id AND e.kind = 'payment.coded' AND e.visitor = p.payer
            AND e.status = 'awaiting_confirmation'
    ) AS coded
FROM payment p WHERE id = $1;

-- name: payment-create
SELECT * FROM payment_create(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask, $14, $15, $16, $17, $18);

-- name: payment-confirm
SELECT * FROM payment_confirm(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask, $14, $15, $16);

-- name: payment-capture
SELECT * FROM payment_capture(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask, $14, $15);

-- name: payment-void
SELECT * FROM payment_void(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask);

-- name: payment-refund
SELECT * FROM payment_refund(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask, $14, $15, $16);

-- name: payment-cancel
SELECT * FROM payment_cancel(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask);

-- name: payment-expire
SELECT * FROM payment_expire(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::payment_ask);

-- name: payments-confirm
SELECT * FROM payments_confirm($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: payment-of-case
SELECT * FROM payment WHERE id = $1;

-- name: payment-reason
SELECT reason FROM payment WHERE id = $1;
