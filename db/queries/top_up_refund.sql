-- name: topup-read
-- A top-up, and what is left of it. What a card company could not collect was never there to be given back.
SELECT i.id, i.at, i.debit, i.credit, i.currency, i.amount, i.visitor, i.charge,
    CASE WHEN EXISTS (SELECT FROM card_uncollected u WHERE u.charge = i.charge AND i.charge <> '')
        AND NOT EXISTS (SELECT FROM uncollected_end e WHERE e.charge = i.charge AND e.became = 'paid') THEN 0
        ELSE i.amount - coalesce((SELECT sum(g.amount) FROM topup_refund g WHERE g.topup = i.id), 0) END::bigint AS left_over
FROM transfer i WHERE i.id = $1 AND i.kind = 'topup';

-- name: topup-of-event
SELECT subject FROM event WHERE id = $1 AND kind = 'wallet.topped_up';

-- name: topup-refund-add
INSERT INTO topup_refund (refund, topup, transfer, amount, made_by, at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: topup-list
SELECT i.id, i.at, i.debit, i.credit, i.currency, i.amount, i.visitor, i.charge,
    CASE WHEN EXISTS (SELECT FROM card_uncollected u WHERE u.charge = i.charge AND i.charge <> '')
        AND NOT EXISTS (SELECT FROM uncollected_end e WHERE e.charge = i.charge AND e.became = 'paid') THEN 0
        ELSE i.amount - coalesce((SELECT sum(g.amount) FROM topup_refund g WHERE g.topup = i.id), 0) END::bigint AS left_over
FROM transfer i WHERE i.visitor = $1 AND i.kind = 'topup' ORDER BY i.seq DESC LIMIT $2;
