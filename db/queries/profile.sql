-- name: visitor-uses
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event
WHERE visitor = $1 AND kind IN ('admission.decided', 'payment.captured', 'payment.refunded', 'payment.ended')
ORDER BY seq DESC LIMIT $2;

-- name: visitor-timeline
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event
WHERE visitor = $1 AND seq < $2
    AND kind NOT IN ('template.added', 'template.removed', 'payment.created', 'payment.faced', 'payment.coded')
ORDER BY seq DESC LIMIT $3;
