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
    coalesce(p.till_name, '') AS place, coalesce(p.store, '') AS store, coalesce(m.label, '') AS label,
    coalesce((SELECT d.state FROM dispute d WHERE d.payment = t.payment AND t.payment <> '' ORDER BY d.seq DESC LIMIT 1), '') AS dispute,
    coalesce(p.authorised, 0) AS authorised, coalesce(p.captured, 0) AS captured,
    t.refund <> '' AND EXISTS (SELECT FROM dispute d WHERE d.visitor = t.visitor AND d.refund = t.refund) AS disputed
FROM transfer t LEFT JOIN payment p ON p.id = t.payment LEFT JOIN method m ON m.id = p.method AND t.charge <> ''
WHERE t.visitor = $1 AND t.seq < $2
    AND (t.state = 'posted' OR t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id))
    AND ($4 = '' OR t.kind = $4) AND ($5 = '' OR (t.charge <> '') = ($5 = 'card'))
    AND t.at >= $6 AND t.at < $7
ORDER BY t.seq DESC LIMIT $3;

-- What came to nothing, of the kinds that are asked for.
-- name: history-said
SELECT e.seq, e.at, e.kind, e.amount, e.currency, coalesce(p.id, '') AS payment, e.reason,
    coalesce(p.method_kind, m.kind, 'card') = 'card' AS card, coalesce(p.till_name, e.place) AS place,
    coalesce(p.store, e.zone) AS store,
    coalesce(m.label, '') AS label, coalesce(p.authorised, 0) AS authorised, coalesce(p.captured, 0) AS captured,
    coalesce((SELECT d.state FROM dispute d WHERE d.payment = p.id ORDER BY d.seq DESC LIMIT 1), '') AS dispute,
    CASE WHEN e.kind = 'card.dispute_ended' THEN coalesce((
        SELECT d.status FROM card_dispute d JOIN card_charge c ON c.id = d.charge
        WHERE c.visitor = e.visitor AND (c.id = e.subject OR c.payment = e.subject) AND d.ended_at <= e.at
        ORDER BY d.ended_at DESC LIMIT 1), '')
    ELSE e.status END AS status
FROM event e LEFT JOIN payment p ON p.id = e.subject LEFT JOIN method m ON m.id = coalesce(nullif(p.method, ''), e.subject)
WHERE e.visitor = $1 AND e.seq < $2 AND e.kind = ANY($4)
    AND ($5 = '' OR coalesce(p.method_kind, m.kind, 'card') = $5)
    AND e.at >= $6 AND e.at < $7
ORDER BY e.seq DESC LIMIT $3;

-- name: account-checkpoint
SELECT make_checkpoint($1);

-- name: account-store-balance
SELECT balance_of(id) FROM account WHERE kind = 'store' AND owner = $1 AND currency = 'JPY';
