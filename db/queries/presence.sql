-- name: presence-all
SELECT DISTINCT e.id
FROM ticket k JOIN enrolment e ON e.visitor = k.holder JOIN template t ON t.enrolment = e.id AND t.purpose = 'payment'
WHERE k.inside;

-- name: presence-of
SELECT e.id AS enrolment, EXISTS (SELECT FROM ticket k WHERE k.holder = e.visitor AND k.inside) AS on_site
FROM enrolment e JOIN template t ON t.enrolment = e.id AND t.purpose = 'payment'
WHERE e.visitor = $1;

-- name: presence-day-ended
SELECT EXISTS (SELECT FROM event WHERE kind COLLATE "C" = 'day.ended' AND at >= $1);

-- name: presence-end-day
UPDATE ticket SET inside = false, inside_zone = ''
WHERE inside AND NOT EXISTS (
    SELECT FROM admission a
    WHERE a.ticket = ticket.id AND a.decided_at >= $1::timestamptz - interval '1 minute' AND a.passed_at >= $1
);
