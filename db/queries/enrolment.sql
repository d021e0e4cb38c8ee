-- name: enrolment-tries
SELECT count(*) FROM event
WHERE visitor = $1 AND actor = $1 AND at > greatest($2::timestamptz, (
        SELECT max(at) FROM event WHERE visitor = $1 AND kind = 'enrolment.created' AND at > $2
    )) AND kind = 'enrolment.refused' AND reason IN ('not_live', 'face_changed', 'challenge_missed');

-- name: enrolment-add
INSERT INTO enrolment (id, visitor, model, frames, created, made_by) VALUES ($1, $2, $3, $4, $5, $6);

-- name: enrolment-of
SELECT id, visitor, model, frames, created, made_by FROM enrolment WHERE visitor = $1;

-- name: enrolment-erase
DELETE FROM enrolment WHERE id = $1;

-- name: template-add
INSERT INTO template (enrolment, purpose, sealed, model) VALUES ($1, $2, $3, $4);

-- name: template-purposes
SELECT purpose FROM template WHERE enrolment = $1 ORDER BY purpose;

-- name: template-erase
DELETE FROM template WHERE enrolment = $1 AND purpose = $2;

-- name: template-read
SELECT e.id AS enrolment, e.visitor, t.purpose, t.sealed, k.wrapped
FROM enrolment e JOIN template t ON t.enrolment = e.id JOIN person_key k ON k.visitor = e.visitor
WHERE e.visitor = $1 AND t.purpose = $2;

-- name: template-by-enrolment
SELECT e.id AS enrolment, e.visitor, t.purpose, t.sealed, k.wrapped
FROM enrolment e JOIN template t ON t.enrolment = e.id JOIN person_key k ON k.visitor = e.visitor
WHERE e.id = $1 AND t.purpose = $2;

-- name: template-all
SELECT e.id AS enrolment, e.visitor, t.purpose, t.sealed, k.wrapped
FROM template t JOIN enrolment e ON e.id = t.enrolment JOIN person_key k ON k.visitor = e.visitor
WHERE t.purpose = $1;

-- name: patience
SET LOCAL statement_timeout = 0;

-- name: template-grown
SELECT e.id AS enrolment, e.visitor, t.purpose, t.sealed, k.wrapped, t.grown_at,
    EXISTS (SELECT FROM look_alike WHERE older = e.id OR newer = e.id) AS alike
FROM enrolment e JOIN template t ON t.enrolment = e.id JOIN person_key k ON k.visitor = e.visitor
WHERE e.visitor = $1 AND t.purpose = 'payment';

-- name: template-grow
UPDATE template SET sealed = $2, grown_at = $3, model = $4 WHERE enrolment = $1 AND purpose = 'payment';

-- name: template-renew
UPDATE template SET sealed = $3, model = $4 WHERE enrolment = $1 AND purpose = $2;

-- name: template-models
SELECT model, count(*) AS n FROM template GROUP BY model;

-- name: template-room
SET LOCAL work_mem = '256MB';
