-- name: account-open
INSERT INTO account (id, kind, owner, currency, balance, held, opened_at)
VALUES ($1, $2, $3, $4, CASE WHEN $2 = 'wallet' THEN 0 END, CASE WHEN $2 = 'wallet' THEN 0 END, $5)
ON CONFLICT ON CONSTRAINT an_owner_has_one_account_of_a_kind DO NOTHING;

-- name: account-read
SELECT id FROM account WHERE kind = $1 AND owner = $2 AND currency = $3;

-- name: account-wallet
SELECT id, balance, held FROM account WHERE kind = 'wallet' AND owner = $1 AND currency = 'JPY';

-- name: account-wallet-lock
SELECT id, balance, held FROM account WHERE kind = 'wallet' AND owner = $1 AND currency = 'JPY' FOR NO KEY UPDATE;

-- name: transfer-book
INSERT INTO transfer (id, at, kind, state, resolves, debit, credit, currency, amount, visitor, device, payment, refund,
    charge, why)
VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: transfer-history
SELECT t.seq, t.at, t.kind, t.state, t.amount, t.currency, t.id, t.payment, t.refund, t.charge <> '' AS card,
    coalesce(p.till_name, '') AS place, coalesce(m.label, '') AS label,
    coalesce((SELECT d.state FROM dispute d WHERE d.payment = t.payment AND t.payment <> '' ORDER BY d.seq DESC LIMIT 1), '') AS dispute
FROM transfer t LEFT JOIN payment p ON p.id = t.payment LEFT JOIN method m ON m.id = p.method AND t.charge <> ''
WHERE t.visitor = $1 AND t.seq < $2
    AND (t.state = 'posted' OR t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id))
    AND ($4 = '' OR t.kind = $4) AND ($5 = '' OR (t.charge <> '') = ($5 = 'card'))
    AND t.at >= $6 AND t.at < $7
ORDER BY t.seq DESC LIMIT $3;

-- name: account-checkpoint
SELECT make_checkpoint($1);

-- name: account-store-balance
SELECT balance_of(id) FROM account WHERE kind = 'store' AND owner = $1 AND currency = 'JPY';
