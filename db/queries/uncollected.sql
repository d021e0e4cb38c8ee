-- name: uncollected-add
INSERT INTO card_uncollected (charge, payment, visitor, currency, amount, why, found_at)
SELECT id, payment, visitor, $2, $3, $4, $5 FROM card_charge WHERE id = $1
ON CONFLICT ON CONSTRAINT a_charge_is_uncollected_once DO NOTHING
RETURNING charge, payment, visitor, currency, amount, why, found_at;

-- name: uncollected-payment
UPDATE payment SET reason = $2 WHERE id = $1;

-- name: uncollected-list
-- Those that nobody has settled, or those that somebody has; words are what was noted before that was booked.
SELECT u.charge, u.payment, u.visitor, u.currency, u.amount, u.why, u.found_at, u.answer AS words, charge_lacks(u.charge) AS missing,
    coalesce(p.till_name, '') AS place, coalesce(p.store, '') AS store
FROM card_uncollected u LEFT JOIN payment p ON p.id = u.payment
WHERE EXISTS (SELECT FROM uncollected_end e WHERE e.charge = u.charge) <> $1 ORDER BY u.found_at DESC, u.charge LIMIT $2;

-- name: uncollected-ends
SELECT charge, became, amount, coalesce(transfer, '') AS transfer, answer, settled_by, settled_at
FROM uncollected_end WHERE charge = ANY ($1) ORDER BY charge, regained;

-- name: uncollected-read
-- One as it stands, and the account that it was booked from.
SELECT u.charge, u.payment, u.visitor, u.currency, u.amount, u.why, u.found_at, c.debit AS clearing, charge_lacks(u.charge) AS missing,
    coalesce((SELECT e.became FROM uncollected_end e WHERE e.charge = u.charge ORDER BY e.regained DESC LIMIT 1), '') AS became,
    coalesce((SELECT e.amount FROM uncollected_end e WHERE e.charge = u.charge AND NOT e.regained AND e.became = 'cash'), 0) AS collected
FROM card_uncollected u
JOIN transfer c ON c.charge = u.charge AND c.charge <> '' AND c.kind IN ('payment', 'topup') AND c.state = 'posted'
WHERE u.charge = $1;

-- name: uncollected-settle
INSERT INTO uncollected_end (charge, regained, became, transfer, amount, answer, settled_by, settled_at)
VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8);

-- name: uncollected-lessened
-- Refunds at the till since the venue bears it, that have not taken so much of the loss back yet.
SELECT t.refund, t.amount FROM transfer t WHERE t.charge = $1 AND t.charge <> '' AND refund_lessens_loss(t) ORDER BY t.seq;

-- name: uncollected-cash-back
-- Whether a refund came after the desk had collected the money.
SELECT EXISTS (SELECT FROM transfer r JOIN uncollected_end e ON e.charge = r.charge AND e.became = 'cash' JOIN transfer c ON c.id = e.transfer
    WHERE r.refund = $1 AND r.refund <> '' AND r.seq > c.seq);

-- name: uncollected-tell
-- The company paid after all, so it is told of the refunds that it was not told of, and that nobody is owed in cash.
UPDATE card_task SET state = 'open', why = '', tries = 0, given_at = NULL, due_at = $2
WHERE charge = $1 AND verb = 'refund' AND state = 'refused' AND why = 'uncollected'
    AND NOT EXISTS (SELECT FROM refund_due d WHERE d.refund = card_task.refund);
