-- name: case-of-event
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE visitor = $1 AND (id = $2 OR subject = $2)
ORDER BY id = $2 DESC, kind IN ('payment.captured', 'wallet.topped_up') DESC, seq DESC LIMIT 1;

-- name: case-open-count
SELECT count(*) FROM dispute WHERE visitor = $1 AND state = 'open';

-- name: case-find-open
SELECT * FROM dispute WHERE visitor = $1 AND state = 'open' AND (event = $2 OR payment <> '' AND payment = $3);

-- name: case-add
INSERT INTO dispute (id, visitor, event, kind, payment, currency, amount, place, at, opened_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: case-read
SELECT * FROM dispute WHERE id = $1;

-- name: case-lock
SELECT * FROM dispute WHERE id = $1 FOR NO KEY UPDATE;

-- name: case-of-visitor
SELECT d.*, coalesce((SELECT p.store FROM payment p WHERE p.id = d.payment), '') AS store
FROM dispute d WHERE d.visitor = $1 ORDER BY d.seq DESC LIMIT $2;

-- name: case-queue
SELECT * FROM dispute WHERE (state = 'open') = $1 AND seq < $2
ORDER BY CASE WHEN $1 THEN due_at END, seq DESC LIMIT $3;

-- name: case-waiting
SELECT count(*) AS open, count(*) FILTER (WHERE due_at < $1) AS overdue, count(*) FILTER (WHERE assigned = '') AS free
FROM dispute WHERE state = 'open';

-- name: case-assign
UPDATE dispute SET assigned = $2 WHERE id = $1;

-- name: case-end
UPDATE dispute SET state = $2, decided_at = $3, decided_by = $4, answer = $5, refund = $6 WHERE id = $1;

-- name: case-bare
UPDATE dispute SET state = 'erased', decided_at = coalesce(decided_at, $2), decided_by = '', answer = '', assigned = ''
WHERE visitor = $1;

-- name: case-payment-events
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE subject = $1 ORDER BY seq LIMIT $2;

-- name: case-around
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event
WHERE visitor = $1 AND at BETWEEN $2 AND $3
    AND kind IN ('admission.decided', 'admission.passed', 'payment.captured', 'payment.authorised', 'payment.ended',
        'payment.code_missed', 'code.issued', 'method.added', 'wallet.topped_up')
ORDER BY seq LIMIT $4;

-- name: visitor-frozen-read
SELECT frozen, frozen_by, frozen_at FROM visitor WHERE id = $1;

-- name: visitor-freeze
UPDATE visitor SET frozen = true, frozen_by = $2, frozen_at = $3 WHERE id = $1;

-- name: visitor-thaw
UPDATE visitor SET frozen = false, frozen_by = '', frozen_at = NULL WHERE id = $1;

-- name: act-as
SELECT set_config('kaopass.actor', $1, true);

-- name: case-provider
SELECT d.id || ' (' || d.status || ')' FROM card_dispute d JOIN card_charge c ON c.id = d.charge
WHERE c.payment = $1 AND $1 <> '' ORDER BY d.opened_at DESC LIMIT 1;
