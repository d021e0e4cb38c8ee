-- name: due-refund
-- The card's refund that did not arrive, and where its money went.
SELECT credit, currency, amount, visitor, payment, refund, charge FROM transfer
WHERE refund = $1 AND refund <> '' AND kind IN ('refund', 'topup_refund') AND charge <> '';

-- name: due-add
INSERT INTO refund_due (refund, transfer, why, visitor, payment, charge, currency, amount, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT ON CONSTRAINT a_refund_is_owed_once DO NOTHING;

-- name: due-place
-- Where the payment was made, for the log.
SELECT till AS device, till_name AS place, store AS zone FROM payment WHERE id = $1;

-- name: due-read
SELECT d.refund, d.visitor, d.payment, d.charge, d.currency, d.amount FROM refund_due d WHERE d.refund = $1;

-- name: due-pay
INSERT INTO refund_paid (refund, transfer, receipt, note, paid_by, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT ON CONSTRAINT an_owed_refund_is_paid_once DO NOTHING;

-- name: due-list
SELECT d.seq, d.refund, d.why, d.currency, d.amount, d.payment, d.charge, d.at, coalesce(p.order_ref, '') AS order_ref,
    coalesce(p.store, '') AS store, coalesce(p.till_name, '') AS till, coalesce(p.created_at, d.at) AS sold, o.at AS paid_at,
    coalesce(o.paid_by, '') AS paid_by, coalesce(o.receipt, '') AS receipt, coalesce(o.note, '') AS note
FROM refund_due d LEFT JOIN payment p ON p.id = d.payment LEFT JOIN refund_paid o ON o.refund = d.refund
WHERE (o.refund IS NULL) = $1 AND d.seq < $2 AND ($4 = '' OR $4 IN (d.payment, d.refund, d.charge, p.order_ref))
ORDER BY d.seq DESC LIMIT $3;

-- name: due-waiting
SELECT count(*) AS count, coalesce(sum(d.amount), 0)::bigint AS sum
FROM refund_due d WHERE NOT EXISTS (SELECT FROM refund_paid o WHERE o.refund = d.refund);
