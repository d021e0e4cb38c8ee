-- name: fill-pay-limits
INSERT INTO pay_limits (at, actor, payment, code_from, hour_count, hour_sum, day_count, day_sum, till_minute, till_hour)
VALUES ($1, 'fill', 0, 0, 1000000, 0, 1000000, 0, 1000000000, 1000000000);

-- name: fill-pay-visitors
INSERT INTO visitor (id, language, created) SELECT 'vis_fill' || k, 'ja', $2 FROM generate_series(1, $1) k;

-- name: fill-pay-consents
INSERT INTO consent (visitor, purpose, text_version, text_hash, language, method, mark, signed_at)
SELECT 'vis_fill' || k, 'payment', 'fill', repeat('0', 64), 'ja', 'paper', 'fill', $2 FROM generate_series(1, $1) k;

-- name: fill-pay-methods
INSERT INTO method (id, visitor, kind, label, token, first, added_at)
SELECT 'pm_fill' || k, 'vis_fill' || k, 'emoney', 'fill', '', true, $2 FROM generate_series(1, $1) k;

-- name: fill-pay-wallets
INSERT INTO account (id, kind, owner, currency, balance, held, opened_at)
SELECT 'acc_fillw' || k, 'wallet', 'vis_fill' || k, 'JPY', 0, 0, $2::timestamptz FROM generate_series(1, $1) k
UNION ALL SELECT 'acc_fillt', 'topup', '', 'JPY', NULL, NULL, $2::timestamptz;

-- name: fill-pay-top-ups
INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
SELECT 'trf_00t' || k, $2, 'topup', 'posted', 'acc_fillt', 'acc_fillw' || k, 'JPY', $3, 'vis_fill' || k, '', '', '', '', ''
FROM generate_series(1, $1) k;

-- name: fill-pay-tills
INSERT INTO device (id, role, name, zone, created, claimed_at, seen_at, token_hash)
SELECT 'dev_fill' || k, 'till', 'Till ' || k, 'store-' || k, $2, $2, $2, sha256(('dev_fill' || k)::bytea) FROM generate_series(1, $1) k;

-- name: fill-pay-stores
INSERT INTO account (id, kind, owner, currency, opened_at)
SELECT 'acc_fills' || k, 'store', 'store-' || k, 'JPY', $2 FROM generate_series(1, $1) k;

-- name: fill-pay-awaiting
INSERT INTO payment (id, till, till_name, store, status, currency, amount, order_ref, manual, payer, created_at, expires_at)
SELECT 'pay_' || $1::text || k, 'dev_fill' || till, 'Till ' || till, 'store-' || till, 'awaiting_confirmation', 'JPY', 1, '', false,
    'vis_fill' || (1 + mod(k * 7919, $5)), $6, $6::timestamptz + interval '1 day'
FROM (SELECT k, 1 + mod(k * 104729, $4) AS till FROM generate_series($2::bigint, $3::bigint) k) n
RETURNING id, till, 'pm_fill' || substr(payer, 9) AS method;

-- name: fill-pay-past-payments
INSERT INTO payment (id, till, till_name, store, status, currency, amount, authorised, captured, order_ref, manual, payer, method,
    method_kind, created_at, expires_at, decided_at)
SELECT 'pay_00' || lpad(k::text, 24, '0'), 'dev_fill' || till, 'Till ' || till, 'store-' || till, 'captured', 'JPY', 1, 1, 1, '', false,
    'vis_fill' || payer, 'pm_fill' || payer, 'emoney', at, at + interval '3 minutes', at
FROM (
    SELECT k, 1 + mod(k * 104729, $3) AS till, 1 + mod(k * 7919, $4) AS payer, $5::timestamptz - (($6::bigint - k) * $7::bigint + 172800000000) * interval '1 microsecond' AS at
    FROM generate_series($1::bigint, $2::bigint) k
) n;

-- name: fill-pay-past-transfers
INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
SELECT 'trf_00' || lpad(k::text, 24, '0'), at, 'payment', 'posted', 'acc_fillw' || payer, 'acc_fills' || till, 'JPY', 1, 'vis_fill' || payer,
    'dev_fill' || till, 'pay_00' || lpad(k::text, 24, '0'), '', '', ''
FROM (
    SELECT k, 1 + mod(k * 104729, $3) AS till, 1 + mod(k * 7919, $4) AS payer, $5::timestamptz - (($6::bigint - k) * $7::bigint + 172800000000) * interval '1 microsecond' AS at
    FROM generate_series($1::bigint, $2::bigint) k
) n;

-- name: fill-pay-balances
UPDATE account a SET balance = balance - spent.sum
FROM (SELECT debit, sum(amount) AS sum FROM transfer WHERE kind = 'payment' AND state = 'posted' GROUP BY debit) spent
WHERE a.id = spent.debit AND a.kind = 'wallet';

-- name: fill-pay-patient
-- Ten million rows take longer than a verb may.
SET statement_timeout = 0;

-- name: fill-pay-impatient
RESET statement_timeout;

-- name: fill-pay-vacuum
VACUUM (ANALYZE) account, payment, transfer, visitor, consent, method, device, request_key;

-- name: tpcb-make
CREATE TABLE pgbench_branches (bid int NOT NULL, bbalance int, filler char(88)) WITH (fillfactor = 100);
CREATE TABLE pgbench_tellers (tid int NOT NULL, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
INSERT INTO pgbench_branches SELECT b, 0, '' FROM generate_series(1, 10) b;
INSERT INTO pgbench_tellers SELECT t, (t - 1) / 10 + 1, 0, '' FROM generate_series(1, 100) t;
INSERT INTO pgbench_accounts SELECT a, (a - 1) / 100000 + 1, 0, '' FROM generate_series(1, 1000000) a;
ALTER TABLE pgbench_branches ADD PRIMARY KEY (bid);
ALTER TABLE pgbench_tellers ADD PRIMARY KEY (tid);
ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid);
ANALYZE pgbench_branches, pgbench_tellers, pgbench_accounts;

-- name: tpcb-account
UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2;

-- name: tpcb-read
SELECT abalance FROM pgbench_accounts WHERE aid = $1;

-- name: tpcb-teller
UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2;

-- name: tpcb-branch
UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2;

-- name: tpcb-history
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP);
