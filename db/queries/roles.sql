-- name: role-is
SELECT current_user;

-- name: role-grant
SELECT grant_to_server($1);
