-- name: fee-add
INSERT INTO store_fee (store, points, from_day, set_at, set_by) VALUES ($1, $2, $3::date, $4, $5);

-- name: fee-history
-- Every rate that was ever set, the newest first.
SELECT store, points, from_day::text AS from_day, set_at, set_by FROM store_fee ORDER BY seq DESC LIMIT $1;

-- name: fee-stores
-- Whoever sells, sold, or will pay a fee, with the rate of a day.
SELECT s.store, fee_points(s.store, $1::date) AS points
FROM (
    SELECT zone AS store FROM device WHERE role = 'till' AND revoked_at IS NULL
    UNION SELECT owner FROM account WHERE kind = 'store'
    UNION SELECT store FROM store_fee
) s WHERE s.store <> '' ORDER BY s.store;
