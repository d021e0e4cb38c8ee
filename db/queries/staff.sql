-- name: staff-by-login
SELECT id, login, name, role, language, password FROM staff WHERE login = $1;

-- name: staff-lock-login
SELECT id, login, name, role, language, password FROM staff WHERE login = $1 FOR UPDATE;

-- name: staff-add
INSERT INTO staff (id, login, name, role, language, password, created) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT a_login_belongs_to_one_person DO NOTHING;

-- name: staff-set
UPDATE staff SET name = $2, role = $3, language = $4, password = $5 WHERE id = $1;

-- name: staff-list
SELECT id, login, name, role, language, '' AS password FROM staff ORDER BY login;

-- name: staff-misses
SELECT count(*) FROM staff_miss WHERE login_hash = $1 AND at > $2;

-- name: staff-miss
INSERT INTO staff_miss (login_hash, at) VALUES ($1, $2);

-- name: staff-miss-sweep
DELETE FROM staff_miss WHERE at <= $1;

-- name: staff-session-add
INSERT INTO staff_session (token_hash, staff, created) VALUES ($1, $2, $3);

-- name: staff-session-read
SELECT f.id, f.login, f.name, f.role, f.language, '' AS password
FROM staff_session s JOIN staff f ON f.id = s.staff WHERE s.token_hash = $1 AND s.created > $2;

-- name: staff-session-end
DELETE FROM staff_session WHERE token_hash = $1;

-- name: staff-session-end-all
DELETE FROM staff_session WHERE staff = $1;

-- name: staff-session-sweep
DELETE FROM staff_session WHERE created <= $1;
