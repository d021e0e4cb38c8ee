-- name: ticket-issue
INSERT INTO ticket (id, number, kind, zones, valid_from, valid_until, entries_max, issued_at)
SELECT id, number, $3, $4, $5, $6, $7, $8 FROM unnest($1::text[], $2::text[]) AS new (id, number)
ON CONFLICT ON CONSTRAINT a_ticket_number_is_given_once DO NOTHING
RETURNING id;

-- name: ticket-lock
SELECT id, number, kind, zones, valid_from, valid_until, entries_max, entries, holder, revoked_at, inside, inside_zone,
    pending, pending_gate, pending_until
FROM ticket WHERE id = $1 FOR UPDATE;

-- name: ticket-lock-number
SELECT id, number, kind, zones, valid_from, valid_until, entries_max, entries, holder, revoked_at, inside, inside_zone,
    pending, pending_gate, pending_until
FROM ticket WHERE number = $1 FOR UPDATE;

-- name: ticket-held
SELECT id, number, kind, zones, valid_from, valid_until, entries_max, entries, holder, revoked_at, inside, inside_zone,
    pending, pending_gate, pending_until
FROM ticket WHERE holder = $1 ORDER BY bound_at DESC, id;

-- name: ticket-issued
SELECT id, number, kind, zones, valid_from, valid_until, entries_max, entries, holder, revoked_at, inside, inside_zone,
    pending, pending_gate, pending_until
FROM ticket WHERE id = ANY ($1) ORDER BY id;

-- name: ticket-holders
SELECT DISTINCT holder FROM ticket WHERE (id = $1 OR number = $2) AND holder <> '';

-- name: ticket-bind
UPDATE ticket SET holder = $2, bound_at = $3 WHERE id = $1;

-- name: ticket-free
UPDATE ticket SET holder = '', bound_at = NULL, inside = false, inside_zone = '', pending = '', pending_gate = '',
    pending_until = NULL
WHERE holder = $1;

-- name: ticket-revoke
UPDATE ticket SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1;

-- name: ticket-move
UPDATE ticket SET entries = $2, inside = $3, inside_zone = $4, pending = $5, pending_gate = $6, pending_until = $7
WHERE id = $1;

-- name: ticket-guesses
SELECT count(*) FROM event
WHERE visitor = $1 AND at > $2 AND kind = 'ticket.bind_refused'
    AND reason IN ('ticket_unknown', 'ticket_forged', 'ticket_taken');

-- name: ticket-inside
SELECT count(*) FROM ticket WHERE inside AND ($1 = '' OR inside_zone = $1);
