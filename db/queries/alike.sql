-- name: alike-lock
SELECT t.enrolment, e.visitor FROM template t JOIN enrolment e ON e.id = t.enrolment
WHERE t.enrolment = ANY ($1) AND t.purpose = 'payment'
ORDER BY t.enrolment COLLATE "C" FOR NO KEY UPDATE OF t;

-- name: alike-marked
SELECT DISTINCT m.id FROM unnest($1::text[]) m (id)
JOIN look_alike l ON l.older = m.id OR l.newer = m.id;

-- name: alike-add
INSERT INTO look_alike (older, newer, since, same)
VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT two_look_alikes_are_noted_once
    DO UPDATE SET same = true WHERE excluded.same AND NOT look_alike.same;

-- name: alike-compared
UPDATE template SET compared_at = $2 WHERE enrolment = $1 AND purpose = 'payment' AND compared_at IS NULL;

-- name: alike-uncompare
UPDATE template SET compared_at = NULL WHERE enrolment = $1 AND purpose = 'payment' AND compared_at IS NOT NULL;

-- name: alike-partners
SELECT CASE WHEN older = $1 THEN newer ELSE older END FROM look_alike WHERE older = $1 OR newer = $1 ORDER BY 1;

-- name: alike-free
DELETE FROM look_alike WHERE older = $1 OR newer = $1;

-- name: alike-first
SELECT e.visitor FROM look_alike l JOIN enrolment e ON e.id = l.older
WHERE l.newer = $1 AND l.same AND NOT l.answered ORDER BY l.older LIMIT 1;

-- name: alike-answer
UPDATE look_alike SET answered = true WHERE newer = $1 AND same AND NOT answered;

-- name: alike-of
SELECT EXISTS (SELECT FROM look_alike WHERE older = $1 OR newer = $1) AS alike,
    EXISTS (SELECT FROM look_alike WHERE newer = $1 AND same AND NOT answered) AS twice,
    EXISTS (SELECT FROM template WHERE enrolment = $1 AND purpose = 'payment' AND compared_at IS NOT NULL) AS compared,
    EXISTS (SELECT FROM enrolment e JOIN payment_code c ON c.visitor = e.visitor WHERE e.id = $1) AS code;

-- name: alike-uncompared
SELECT e.id AS enrolment, e.visitor, t.purpose, t.sealed, k.wrapped
FROM template t JOIN enrolment e ON e.id = t.enrolment JOIN person_key k ON k.visitor = e.visitor
WHERE t.purpose = 'payment' AND t.compared_at IS NULL AND t.enrolment > $1
ORDER BY t.enrolment LIMIT $2;

-- name: alike-recheck
UPDATE template SET compared_at = NULL WHERE purpose = 'payment' AND compared_at < $1;

-- name: alike-asked
SELECT count(*) AS count, coalesce(min(at), $2) AS oldest FROM event
WHERE visitor = $1 AND kind = 'recovery.asked' AND at > $2;

-- name: alike-code-gone
SELECT coalesce((
        SELECT kind FROM event WHERE visitor = $1 AND kind IN ('code.called_in', 'code.issued', 'consent.given', 'consent.withdrawn')
            AND purpose = 'payment' ORDER BY seq DESC LIMIT 1
    ) = 'code.called_in', false);
