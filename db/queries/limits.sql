-- name: limits-in-force
SELECT payment, code_from, hour_count, hour_sum, day_count, day_sum, till_minute, till_hour, at, actor
FROM pay_limits ORDER BY seq DESC LIMIT 1;

-- name: limits-set
INSERT INTO pay_limits (at, actor, payment, code_from, hour_count, hour_sum, day_count, day_sum, till_minute, till_hour)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: limits-own
SELECT day, next, next_from FROM own_limit WHERE visitor = $1;

-- name: limits-own-set
INSERT INTO own_limit (visitor, day, next, next_from) VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT a_visitor_has_one_limit_of_their_own
DO UPDATE SET day = excluded.day, next = excluded.next, next_from = excluded.next_from;

-- name: limits-own-drop
DELETE FROM own_limit WHERE visitor = $1;
