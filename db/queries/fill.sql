-- name: fill-anybody
SELECT EXISTS (SELECT FROM visitor);

-- name: fill-quietly
SET LOCAL session_replication_role = replica;

-- name: fill-count
UPDATE head_count SET people = (SELECT count(*) FROM enrolment),
    payers = (SELECT count(*) FROM template WHERE purpose = 'payment') WHERE slot = 0;

-- name: fill-analyse
ANALYZE visitor, person_key, enrolment, template;
