-- What the harness asks of the server. %s is a quoted identifier, because
-- PostgreSQL takes no parameter for the name of a database.

-- name: copy
-- As files: 37 ms, where writing the copy to the log takes 118.
CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY

-- name: drop
DROP DATABASE IF EXISTS %s WITH (FORCE)

-- name: rename
ALTER DATABASE %s RENAME TO %s

-- name: exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)

-- name: tests
SELECT datname FROM pg_database WHERE datname LIKE 'test\_%'

-- name: lock
SELECT pg_advisory_lock(hashtext($1))

-- name: unlock
SELECT pg_advisory_unlock(hashtext($1))
