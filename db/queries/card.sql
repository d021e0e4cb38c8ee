-- name: charge-add
INSERT INTO card_charge (id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body)
VALUES ($1, $2, $3, $4, $5, $6, 'unknown', $7, $8, $9, $10);

-- name: charge-lock
SELECT id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body
FROM card_charge WHERE id = $1 FOR UPDATE;

-- name: charge-of-payment
SELECT id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body
FROM card_charge WHERE payment = $1 AND state = 'unknown';

-- name: charge-of-key
SELECT id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body
FROM card_charge WHERE key_owner = $1 AND key_name = $2 AND payment = '' AND state = 'unknown';

-- name: charge-settle
UPDATE card_charge SET state = $2, settled_at = $3 WHERE id = $1;

-- name: charge-unknown
SELECT id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body
FROM card_charge WHERE state = 'unknown' AND asked_at < $1 ORDER BY asked_at LIMIT $2;

-- name: charge-top-ups-open
SELECT coalesce(sum(amount), 0)::bigint FROM card_charge WHERE visitor = $1 AND state = 'unknown' AND payment = '';

-- name: task-add
INSERT INTO card_task (charge, verb, refund, currency, amount, due_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (charge, verb, refund) DO NOTHING;

-- name: task-take
-- The oldest that is due, each charge's in their order; told again later, twice as long each time.
UPDATE card_task SET tries = tries + 1, given_at = coalesce(given_at, due_at),
    due_at = $2::timestamptz + make_interval(secs => least($3 * power(2, least(tries, 20)), $4))
WHERE seq = (
    SELECT seq FROM card_task k
    WHERE state = 'open' AND due_at <= $2 AND ($1 = '' OR charge = $1)
        AND NOT EXISTS (SELECT FROM card_task before WHERE before.charge = k.charge AND before.state = 'open' AND before.seq < k.seq)
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING seq, charge, verb, refund, currency, amount, given_at,
    EXISTS (SELECT FROM card_uncollected u WHERE u.charge = card_task.charge) AND NOT EXISTS (
        SELECT FROM uncollected_end e WHERE e.charge = card_task.charge AND e.became = 'paid') AS uncollected;

-- name: task-end
UPDATE card_task SET state = $2, why = $3 WHERE seq = $1;

-- name: task-slow
SELECT k.charge, k.verb, k.refund, k.currency, k.amount, k.tries, k.given_at, k.due_at, c.payment
FROM card_task k JOIN card_charge c ON c.id = k.charge
WHERE k.state = 'open' AND k.given_at < $1 ORDER BY k.given_at, k.seq LIMIT $2;

-- name: card-work
SELECT (SELECT count(*) FROM card_uncollected u WHERE NOT EXISTS (SELECT FROM uncollected_end e WHERE e.charge = u.charge))
    + (SELECT count(*) FROM card_task WHERE state = 'open' AND given_at < $1);
