-- name: receipt-read
SELECT p.id AS payment, t.refund, p.order_ref, p.store, p.till_name, t.amount, t.currency, p.amount AS asked, p.method_kind,
    t.at, r.at AS printed_at, coalesce(v.language, '') AS language
FROM payment p
JOIN transfer t ON t.payment = p.id AND t.state = 'posted' AND t.refund = $2
LEFT JOIN receipt_printed r ON r.payment = p.id AND r.refund = t.refund
LEFT JOIN visitor v ON v.id = p.payer AND v.erased_at IS NULL
WHERE p.id = $1 AND ($3 = '' OR p.till = $3) AND ($4 = '' OR p.payer = $4);

-- name: receipt-unprinted
SELECT p.id AS payment, t.refund, p.order_ref, p.store, p.till_name, t.amount, t.currency, p.amount AS asked, p.method_kind, t.at
FROM transfer t JOIN payment p ON p.id = t.payment
WHERE t.device = $1 AND t.at >= $2 AND t.at < $3 AND t.state = 'posted'
    AND NOT EXISTS (SELECT FROM receipt_printed r WHERE r.payment = t.payment AND r.refund = t.refund)
ORDER BY t.at DESC, t.seq DESC LIMIT $4;

-- name: receipt-print
INSERT INTO receipt_printed (payment, refund, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: receipt-tax
SELECT rate, gross, tax FROM payment_tax WHERE payment = $1 ORDER BY rate DESC;

-- name: receipt-tax-add
INSERT INTO payment_tax (payment, rate, gross, tax) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
