-- name: snapshot-begin
SELECT pg_advisory_xact_lock(hashtext('kaopass snapshot'));

-- name: snapshot-spoil
SELECT pg_advisory_xact_lock_shared(hashtext('kaopass snapshot'));

-- name: snapshot-key-add
INSERT INTO snapshot_key (snapshot, wrapped, made_at) VALUES ($1, $2, $3);

-- name: snapshot-key-read
SELECT wrapped FROM snapshot_key WHERE snapshot = $1;

-- name: snapshot-key-drop
DELETE FROM snapshot_key WHERE snapshot = $1;

-- name: snapshot-key-drop-all
DELETE FROM snapshot_key;

-- name: snapshot-key-sweep
DELETE FROM snapshot_key WHERE made_at <= $1;

-- name: snapshot-newest
SELECT coalesce(max(seq), 0) FROM event
WHERE kind IN ('template.added', 'template.grown', 'template.removed') AND purpose = 'payment';

-- name: snapshot-anchor
SELECT coalesce((SELECT id FROM event WHERE seq = $1), '');

-- name: snapshot-changed
SELECT c.subject AS enrolment, coalesce(e.visitor, '') AS visitor, $1::text AS purpose, t.sealed, k.wrapped
FROM (
    SELECT DISTINCT subject FROM event
    WHERE kind IN ('template.added', 'template.grown', 'template.removed') AND seq > $2 AND purpose = $1
) c
LEFT JOIN enrolment e ON e.id = c.subject
LEFT JOIN template t ON t.enrolment = c.subject AND t.purpose = $1
LEFT JOIN person_key k ON k.visitor = e.visitor;
