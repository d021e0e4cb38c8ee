-- name: audit-counts
SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM transfer) AS transfers,
    (SELECT count(*) FROM payment) AS payments, (SELECT count(*) FROM request_key) AS keys;

-- name: audit-legs
SELECT format('transfer %s of %s %s, from %s to %s: %s', t.id, t.currency, t.amount, t.debit, t.credit, CASE
        WHEN t.amount <= 0 THEN 'it moves nothing'
        WHEN t.debit = t.credit THEN 'both legs are one account'
        WHEN d.id IS NULL THEN 'the debit leg is no account of that currency'
        ELSE 'the credit leg is no account of that currency' END)
FROM transfer t
LEFT JOIN account d ON d.id = t.debit AND d.currency = t.currency
LEFT JOIN account c ON c.id = t.credit AND c.currency = t.currency
WHERE t.amount <= 0 OR t.debit = t.credit OR d.id IS NULL OR c.id IS NULL
ORDER BY t.seq LIMIT $1;

-- name: audit-sum
SELECT format('the accounts in %s add up to %s, not to zero', currency, sum(amount))
FROM (
    SELECT a.currency, t.amount FROM account a JOIN transfer t ON t.credit = a.id WHERE t.state = 'posted'
    UNION ALL
    SELECT a.currency, -t.amount FROM account a JOIN transfer t ON t.debit = a.id WHERE t.state = 'posted'
) leg
GROUP BY currency HAVING sum(amount) <> 0 LIMIT $1;

-- name: audit-wallets
SELECT format('wallet %s of %s says balance %s and held %s; its transfers say balance %s and held %s%s', a.id, a.owner,
        a.balance, a.held, book.balance, book.held, CASE WHEN a.balance < a.held THEN ': below zero' ELSE '' END)
FROM account a
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(CASE WHEN t.state <> 'posted' THEN 0 WHEN t.credit = a.id THEN t.amount ELSE -t.amount END), 0) AS balance,
        coalesce(sum(t.amount) FILTER (WHERE t.state = 'pending' AND t.debit = a.id
            AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id)), 0) AS held
    FROM transfer t WHERE t.visitor = a.owner AND a.id IN (t.debit, t.credit)
) book
WHERE a.kind = 'wallet' AND (a.balance <> book.balance OR a.held <> book.held OR a.balance < a.held)
ORDER BY a.id LIMIT $1;

-- name: audit-pending
SELECT format('transfer %s (%s) does not resolve %s: %s', r.id, r.state, r.resolves, CASE
        WHEN p.id IS NULL THEN 'there is no such transfer'
        WHEN p.state <> 'pending' THEN 'that one is not pending'
        WHEN twin.n > 1 THEN 'another one has'
        WHEN r.amount > p.amount THEN 'it moves more than was held'
        ELSE 'it is of another payment or of other accounts' END)
FROM transfer r
LEFT JOIN transfer p ON p.id = r.resolves
CROSS JOIN LATERAL (SELECT count(*) AS n FROM transfer s WHERE s.resolves = r.resolves) twin
WHERE r.resolves IS NOT NULL AND (p.id IS NULL OR p.state <> 'pending' OR twin.n > 1 OR r.amount > p.amount
    OR (p.debit, p.credit, p.payment) IS DISTINCT FROM (r.debit, r.credit, r.payment))
ORDER BY r.seq LIMIT $1;

-- name: audit-payments
SELECT format('payment %s is %s with authorised %s, captured %s, refunded %s; its transfers hold %s, posted %s, gave back %s',
        p.id, p.status, p.authorised, p.captured, p.refunded, book.held, book.posted, book.back)
FROM payment p
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(t.amount) FILTER (WHERE t.kind = 'payment' AND t.state = 'posted'), 0) AS posted,
        coalesce(sum(t.amount) FILTER (WHERE t.kind = 'refund'), 0) AS back,
        coalesce(sum(t.amount) FILTER (WHERE t.state = 'pending'
            AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id)), 0) AS held
    FROM transfer t WHERE t.payment = p.id AND t.payment <> ''
) book
WHERE p.captured <> book.posted OR p.refunded <> book.back
    OR book.held <> CASE p.status WHEN 'authorised' THEN p.authorised ELSE 0 END
ORDER BY p.seq LIMIT $1;

-- name: audit-strays
SELECT format('transfer %s is of payment %s, %s', t.id, t.payment, CASE
        WHEN p.id IS NULL THEN 'which does not exist'
        ELSE format('but of visitor %s and till %s, not %s and %s', t.visitor, t.device, p.payer, p.till) END)
FROM transfer t LEFT JOIN payment p ON p.id = t.payment
WHERE t.payment <> '' AND (p.id IS NULL OR p.payer <> t.visitor OR p.till <> t.device)
ORDER BY t.seq LIMIT $1;

-- name: audit-keys
SELECT format('key %s of %s has %s outcomes', name, owner, count(*))
FROM request_key GROUP BY owner, name HAVING count(*) > 1
UNION ALL
SELECT format('key %s of %s was answered with payment %s, %s', k.name, k.owner, k.outcome ->> 'ID',
        CASE WHEN p.id IS NULL THEN 'which does not exist' ELSE format('captured, but it is %s', p.status) END)
FROM request_key k LEFT JOIN payment p ON p.id = k.outcome ->> 'ID'
WHERE starts_with(k.outcome ->> 'ID', 'pay_') AND (p.id IS NULL OR k.outcome ->> 'Status' = 'captured' AND p.captured = 0)
LIMIT $1;

-- name: audit-charges
SELECT format('charge %s of %s %s is %s, and %s', c.id, c.currency, c.amount, c.state, CASE
        WHEN c.state = 'unknown' THEN 'was asked about for an hour without an answer'
        WHEN booked.n > 0 THEN 'was booked all the same'
        ELSE 'was neither booked nor given back' END)
FROM card_charge c
CROSS JOIN LATERAL (SELECT count(*) AS n FROM transfer t WHERE t.charge = c.id AND t.charge <> '') booked
WHERE (c.state = 'unknown' AND c.asked_at < $2)
    OR (c.state IN ('declined', 'unreachable') AND booked.n > 0)
    OR (c.state = 'approved' AND booked.n = 0
        AND NOT EXISTS (SELECT FROM card_task k WHERE k.charge = c.id AND k.verb = 'release'))
ORDER BY c.id LIMIT $1;

-- name: audit-tasks
SELECT format('the card company refused to %s charge %s%s: settle %s %s by hand', verb, charge,
        CASE WHEN refund = '' THEN '' ELSE ' (' || refund || ')' END, currency, amount)
FROM card_task WHERE state = 'refused' ORDER BY seq LIMIT $1;

-- name: audit-checkpoints
WITH book AS (
    SELECT leg.account, sum(leg.amount) AS sum
    FROM (
        SELECT credit AS account, number, amount FROM transfer WHERE state = 'posted'
        UNION ALL SELECT debit, number, -amount FROM transfer WHERE state = 'posted'
    ) leg
    WHERE leg.number < (SELECT max(below) FROM checkpoint)
    GROUP BY leg.account
), newest AS (
    SELECT DISTINCT ON (account) account, below, balance FROM account_checkpoint ORDER BY account, below DESC
)
SELECT format('account %s (%s %s) has %s in the checkpoint below %s; its transfers up to there say %s', a.id, a.kind, a.owner,
        coalesce(n.balance, 0), n.below, coalesce(b.sum, 0))
FROM account a LEFT JOIN newest n ON n.account = a.id LEFT JOIN book b ON b.account = a.id
WHERE a.kind <> 'wallet' AND coalesce(n.balance, 0) <> coalesce(b.sum, 0)
ORDER BY a.id LIMIT $1;
