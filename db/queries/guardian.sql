-- name: guardian-read
SELECT visitor, name, contact, day, week, card, since, changed FROM guardian WHERE visitor = $1;

-- name: guardian-set
INSERT INTO guardian (visitor, name, contact, contact_hash, day, week, card, since, changed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
ON CONFLICT ON CONSTRAINT a_minor_has_one_guardian DO UPDATE SET name = excluded.name, contact = excluded.contact,
    contact_hash = excluded.contact_hash, day = excluded.day, week = excluded.week, card = excluded.card,
    changed = excluded.changed;

-- name: guardian-allow
UPDATE guardian SET day = $2, week = $3, card = $4, changed = $5 WHERE visitor = $1;

-- name: guardian-drop
DELETE FROM guardian WHERE visitor = $1;

-- name: guardian-wards
SELECT g.visitor, g.since FROM guardian g JOIN visitor me ON me.contact_hash = g.contact_hash AND me.id <> g.visitor
WHERE me.id = $1 AND me.erased_at IS NULL
ORDER BY g.since, g.visitor LIMIT $2;

-- name: guardian-is
SELECT EXISTS (
    SELECT FROM guardian g JOIN visitor me ON me.contact_hash = g.contact_hash AND me.id <> g.visitor
    WHERE me.id = $1 AND me.erased_at IS NULL AND g.visitor = $2
);
