-- name: audit-counts
SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM transfer) AS transfers,
    (SELECT count(*) FROM payment) AS payments, (SELECT count(*) FROM request_key) AS keys;

-- name: audit-legs
SELECT format('transfer %s of %s %s, from %s to %s: %s', t.id, t.currency, t.amount, t.debit, t.credit, CASE
        WHEN t.amount <= 0 THEN 'it moves nothing'
        WHEN t.debit = t.credit THEN 'both legs are one account'
        WHEN d.id IS NULL THEN 'the debit leg is no account of that currency'
        ELSE 'the credit leg is no account of that currency' END) AS says,
    ARRAY[audit_row(t)] || ARRAY(SELECT audit_row(a) FROM account a WHERE a.id IN (t.debit, t.credit) ORDER BY a.id LIMIT $2) AS rows
FROM transfer t
LEFT JOIN account d ON d.id = t.debit AND d.currency = t.currency
LEFT JOIN account c ON c.id = t.credit AND c.currency = t.currency
WHERE t.amount <= 0 OR t.debit = t.credit OR d.id IS NULL OR c.id IS NULL
ORDER BY t.seq LIMIT $1;

-- name: audit-sum
SELECT format('the accounts in %s add up to %s, not to zero', s.currency, s.sum) AS says,
    ARRAY(
        SELECT format('%s account(s) of kind %s: in %s, out %s', count(DISTINCT a.id), a.kind,
            sum(t.amount) FILTER (WHERE t.credit = a.id), sum(t.amount) FILTER (WHERE t.debit = a.id))
        FROM account a JOIN transfer t ON t.state = 'posted' AND a.id IN (t.debit, t.credit)
        WHERE a.currency = s.currency GROUP BY a.kind ORDER BY a.kind LIMIT $2
    ) || ARRAY(
        SELECT audit_row(t) FROM transfer t LEFT JOIN account d ON d.id = t.debit LEFT JOIN account c ON c.id = t.credit
        WHERE t.state = 'posted' AND d.currency IS DISTINCT FROM c.currency AND s.currency IN (d.currency, c.currency)
        ORDER BY t.seq LIMIT $2
    ) AS rows
FROM (
    SELECT currency, sum(amount)
    FROM (
        SELECT a.currency, t.amount FROM account a JOIN transfer t ON t.credit = a.id WHERE t.state = 'posted'
        UNION ALL
        SELECT a.currency, -t.amount FROM account a JOIN transfer t ON t.debit = a.id WHERE t.state = 'posted'
    ) leg
    GROUP BY currency
) s
WHERE s.sum <> 0 ORDER BY s.currency LIMIT $1;

-- name: audit-wallets
SELECT format('wallet %s of %s says balance %s and held %s; its transfers say balance %s and held %s%s', a.id, a.owner,
        a.balance, a.held, book.balance, book.held, CASE WHEN a.balance < a.held THEN ': below zero' ELSE '' END) AS says,
    ARRAY[audit_row(a), audit_side(a.id)]
        || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.visitor = a.owner AND a.id IN (t.debit, t.credit) ORDER BY t.seq DESC LIMIT $2)
        AS rows
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
        ELSE 'it is of another payment or of other accounts' END) AS says,
    ARRAY(SELECT audit_row(s) FROM transfer s WHERE s.id = r.resolves OR s.resolves = r.resolves ORDER BY s.seq LIMIT $2) AS rows
FROM transfer r
LEFT JOIN transfer p ON p.id = r.resolves
CROSS JOIN LATERAL (SELECT count(*) AS n FROM transfer s WHERE s.resolves = r.resolves) twin
WHERE r.resolves IS NOT NULL AND (p.id IS NULL OR p.state <> 'pending' OR twin.n > 1 OR r.amount > p.amount
    OR (p.debit, p.credit, p.payment) IS DISTINCT FROM (r.debit, r.credit, r.payment))
ORDER BY r.seq LIMIT $1;

-- name: audit-payments
SELECT format('payment %s is %s with authorised %s, captured %s, refunded %s; its transfers hold %s, posted %s, gave back %s',
        p.id, p.status, p.authorised, p.captured, p.refunded, book.held, book.posted, book.back) AS says,
    ARRAY[audit_row(p)] || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.payment = p.id AND t.payment <> '' ORDER BY t.seq LIMIT $2)
        || ARRAY(SELECT audit_row(e) FROM event e WHERE e.subject = p.id AND e.subject <> '' ORDER BY e.seq LIMIT $2) AS rows
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
        ELSE format('but of visitor %s and till %s, not %s and %s', t.visitor, t.device, p.payer, p.till) END) AS says,
    ARRAY[audit_row(t)] || ARRAY(SELECT audit_row(q) FROM payment q WHERE q.id = t.payment)
        || ARRAY(SELECT audit_row(e) FROM event e WHERE e.subject = t.payment AND e.subject <> '' ORDER BY e.seq LIMIT $2) AS rows
FROM transfer t LEFT JOIN payment p ON p.id = t.payment
WHERE t.payment <> '' AND (p.id IS NULL OR p.payer <> t.visitor OR p.till <> t.device AND t.kind IN ('payment', 'refund'))
ORDER BY t.seq LIMIT $1;

-- name: audit-keys
SELECT format('key %s of %s has %s outcomes', name, owner, count(*)) AS says,
    ARRAY(SELECT audit_row(k) FROM request_key k WHERE (k.owner, k.name) = (r.owner, r.name) ORDER BY k.at LIMIT $2) AS rows
FROM request_key r GROUP BY owner, name HAVING count(*) > 1
UNION ALL
SELECT format('key %s of %s was answered with payment %s, %s', k.name, k.owner, coalesce(k.captured, k.outcome ->> 'ID'),
        CASE WHEN p.id IS NULL THEN 'which does not exist' ELSE format('captured, but it is %s', p.status) END),
    ARRAY[audit_row(k)] || CASE WHEN p.id IS NULL THEN '{}' ELSE ARRAY[audit_row(p)] END
        || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.payment = coalesce(k.captured, k.outcome ->> 'ID') AND t.payment <> '' ORDER BY t.seq LIMIT $2)
FROM request_key k LEFT JOIN payment p ON p.id = coalesce(k.captured, k.outcome ->> 'ID')
WHERE (k.captured IS NOT NULL OR starts_with(k.outcome ->> 'ID', 'pay_'))
    AND (p.id IS NULL OR (k.captured IS NOT NULL OR k.outcome ->> 'Status' = 'captured') AND p.captured = 0)
LIMIT $1;

-- name: audit-charges
SELECT format('charge %s of %s %s is %s, and %s', c.id, c.currency, c.amount, c.state, CASE
        WHEN c.state = 'unknown' THEN 'was asked about for an hour without an answer'
        WHEN booked.n > 0 THEN 'was booked all the same'
        ELSE 'was neither booked nor given back' END) AS says,
    ARRAY[audit_row(c)] || ARRAY(SELECT audit_row(p) FROM payment p WHERE p.id = c.payment)
        || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.charge = c.id AND t.charge <> ''
            OR t.payment = c.payment AND t.payment <> '' ORDER BY t.seq LIMIT $2)
        || ARRAY(SELECT audit_row(k) FROM card_task k WHERE k.charge = c.id ORDER BY k.seq LIMIT $2) AS rows
FROM card_charge c
CROSS JOIN LATERAL (SELECT count(*) AS n FROM transfer t WHERE t.charge = c.id AND t.charge <> '') booked
WHERE (c.state = 'unknown' AND c.asked_at < $3)
    OR (c.state IN ('declined', 'unreachable') AND booked.n > 0)
    OR (c.state = 'approved' AND booked.n = 0
        AND NOT EXISTS (SELECT FROM card_task k WHERE k.charge = c.id AND k.verb = 'release'))
ORDER BY c.id LIMIT $1;

-- name: audit-untold
-- What was taken or given back by a card is a charge that there is, and its company has been told so or will be.
SELECT format('transfer %s (%s) is of charge %s, %s', t.id, t.kind, t.charge, CASE WHEN c.id IS NULL THEN 'which does not exist'
        ELSE 'whose card company is not to be told of it' END) AS says,
    ARRAY[audit_row(t)] || ARRAY(SELECT audit_row(p) FROM payment p WHERE p.id = t.payment)
        || CASE WHEN c.id IS NULL THEN '{}' ELSE ARRAY[audit_row(c)] END
        || ARRAY(SELECT audit_row(k) FROM card_task k WHERE k.charge = t.charge ORDER BY k.seq LIMIT $2) AS rows
FROM transfer t LEFT JOIN card_charge c ON c.id = t.charge
WHERE t.charge <> '' AND (c.id IS NULL OR t.state = 'posted' AND t.kind IN ('payment', 'topup', 'refund', 'topup_refund') AND NOT EXISTS (
    SELECT FROM card_task k WHERE k.charge = t.charge AND k.verb = CASE WHEN t.refund = '' THEN 'capture' ELSE 'refund' END AND k.refund = t.refund))
ORDER BY t.seq LIMIT $1;

-- name: audit-tasks
SELECT format('the card company refused to %s charge %s%s: settle %s %s by hand', k.verb, k.charge,
        CASE WHEN k.refund = '' THEN '' ELSE ' (' || k.refund || ')' END, k.currency, k.amount) AS says,
    ARRAY[audit_row(k)] || ARRAY(SELECT audit_row(c) FROM card_charge c WHERE c.id = k.charge)
        || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.charge = k.charge AND t.charge <> '' ORDER BY t.seq LIMIT $2) AS rows
FROM card_task k WHERE k.state = 'refused' AND k.why <> 'uncollected' AND NOT EXISTS (SELECT FROM refund_due d WHERE d.refund = k.refund)
    AND NOT EXISTS (SELECT FROM uncollected_end e WHERE e.charge = k.charge AND k.verb = 'capture')
ORDER BY k.seq LIMIT $1;

-- name: audit-due
-- What is owed, and what was paid of it, each by the transfer that was made for it, and no other touches that account.
SELECT s.says, ARRAY(SELECT audit_row(d) FROM refund_due d WHERE d.refund = s.refund)
    || ARRAY(SELECT audit_row(o) FROM refund_paid o WHERE o.refund = s.refund)
    || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.id = s.transfer LIMIT $2) AS rows
FROM (
    SELECT d.refund, d.transfer, format('refund %s of %s %s is owed, and transfer %s does not say so', d.refund, d.currency, d.amount, d.transfer) AS says
    FROM refund_due d LEFT JOIN transfer t ON t.id = d.transfer LEFT JOIN account a ON a.id = t.credit
    WHERE t.id IS NULL OR a.kind IS DISTINCT FROM 'due' OR (t.currency, t.amount, t.visitor) <> (d.currency, d.amount, d.visitor) OR t.payment NOT IN ('', d.payment)
    UNION ALL
    SELECT o.refund, o.transfer, format('refund %s was paid out by %s, and transfer %s does not say so', o.refund, o.paid_by, o.transfer)
    FROM refund_paid o LEFT JOIN refund_due d ON d.refund = o.refund LEFT JOIN transfer t ON t.id = o.transfer LEFT JOIN account a ON a.id = t.debit
    WHERE d.refund IS NULL OR t.id IS NULL OR a.kind IS DISTINCT FROM 'due' OR (t.currency, t.amount) <> (d.currency, d.amount)
    UNION ALL
    SELECT NULL, t.id, format('transfer %s of %s %s moves what is due, and no refund is owed or paid by it', t.id, t.currency, t.amount)
    FROM account a JOIN transfer t ON a.id IN (t.debit, t.credit)
    WHERE a.kind = 'due' AND NOT EXISTS (SELECT FROM refund_due d WHERE d.transfer = t.id AND t.credit = a.id)
        AND NOT EXISTS (SELECT FROM refund_paid o WHERE o.transfer = t.id AND t.debit = a.id)
) s ORDER BY s.transfer LIMIT $1;

-- name: audit-returns
-- What went back of top-ups goes the way it came, and no more of it than was put in.
SELECT s.says, ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.id IN (s.topup, s.transfer))
    || ARRAY(SELECT audit_row(g) FROM topup_refund g WHERE g.topup = s.topup ORDER BY g.refund LIMIT $2) AS rows
FROM (
    SELECT g.topup, g.transfer, format('refund %s of top-up %s is of %s, and transfer %s does not say so', g.refund, g.topup, g.amount, g.transfer) AS says
    FROM topup_refund g LEFT JOIN transfer i ON i.id = g.topup LEFT JOIN transfer t ON t.id = g.transfer
    WHERE i.id IS NULL OR t.id IS NULL OR (t.kind, t.refund, t.amount, t.debit, t.credit, t.visitor, t.charge)
        IS DISTINCT FROM ('topup_refund', g.refund, g.amount, i.credit, i.debit, i.visitor, i.charge)
    UNION ALL
    SELECT i.id, NULL, format('top-up %s is of %s, and %s of it went back', i.id, i.amount, sum(g.amount))
    FROM topup_refund g JOIN transfer i ON i.id = g.topup GROUP BY i.id, i.amount HAVING sum(g.amount) > i.amount
    UNION ALL
    SELECT NULL, t.id, format('transfer %s of %s %s gives a top-up back, and nothing says which', t.id, t.currency, t.amount)
    FROM transfer t WHERE t.kind = 'topup_refund' AND NOT EXISTS (SELECT FROM topup_refund g WHERE g.transfer = t.id)
) s ORDER BY s.topup, s.transfer LIMIT $1;

-- name: audit-fees
-- Each settlement's fee is the transfer that it names, from its store to the venue or back, at the rate in force; nothing else
-- touches the account of fees. What the rate makes of a day's lines is compared where the day is reconciled.
SELECT s.says, ARRAY(SELECT audit_row(m) FROM settlement m WHERE m.id = s.settlement)
    || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.id = s.transfer)
    || ARRAY(SELECT audit_row(f) FROM settlement m JOIN store_fee f ON f.store = m.store WHERE m.id = s.settlement ORDER BY f.seq DESC LIMIT $2) AS rows
FROM (
    SELECT m.id AS settlement, m.fee_transfer AS transfer, format('settlement %s of %s on %s has fees of %s %s, and %s', m.id, m.store,
        m.day, m.currency, m.fees, CASE
            WHEN m.fees <> fee_of(m.fee_base) THEN 'its base makes ' || fee_of(m.fee_base)
            WHEN m.fee_points <> fee_points(m.store, m.day) THEN format('is at %s points, not at %s', m.fee_points, fee_points(m.store, m.day))
            ELSE 'no transfer booked them' END) AS says
    FROM settlement m
    LEFT JOIN account a ON a.kind = 'store' AND a.owner = m.store AND a.currency = m.currency
    LEFT JOIN account f ON f.kind = 'fees' AND f.currency = m.currency
    LEFT JOIN transfer t ON t.id = m.fee_transfer AND t.kind = 'fee' AND t.state = 'posted' AND t.amount = abs(m.fees)
        AND (t.debit, t.credit) = (CASE WHEN m.fees > 0 THEN a.id ELSE f.id END, CASE WHEN m.fees > 0 THEN f.id ELSE a.id END)
    WHERE m.fees <> fee_of(m.fee_base) OR m.fee_points <> fee_points(m.store, m.day) OR (m.fees <> 0) <> (t.id IS NOT NULL)
    UNION ALL
    SELECT NULL, t.id, format('transfer %s of %s %s moves fees, and no settlement names it', t.id, t.currency, t.amount)
    FROM account a JOIN transfer t ON a.id IN (t.debit, t.credit)
    WHERE a.kind = 'fees' AND NOT EXISTS (SELECT FROM settlement m WHERE m.fee_transfer = t.id AND t.kind = 'fee')
) s ORDER BY s.settlement, s.transfer LIMIT $1;

-- name: audit-losses
-- What was never paid and settled as a loss or as collected is booked by one transfer, of that sum, between those accounts, and
-- the card company's account has nothing of it any more. Refunds that came since are lessened a moment later, while they are told.
WITH lost AS (
    SELECT u.*, c.debit AS clearing, c.amount AS booked, e.became, coalesce(sum(r.amount) FILTER (WHERE l.seq < r.seq AND k.state = 'open'), 0) AS under_way
    FROM card_uncollected u
    LEFT JOIN transfer c ON c.charge = u.charge AND c.charge <> '' AND c.kind IN ('payment', 'topup') AND c.state = 'posted'
    LEFT JOIN LATERAL (SELECT * FROM uncollected_end e WHERE e.charge = u.charge ORDER BY e.regained DESC LIMIT 1) e ON true
    LEFT JOIN transfer l ON l.id = e.transfer
    LEFT JOIN transfer r ON r.charge = u.charge AND r.charge <> '' AND r.refund <> ''
    LEFT JOIN card_task k ON k.charge = r.charge AND k.refund = r.refund AND k.verb = 'refund'
    GROUP BY u.charge, c.debit, c.amount, e.became
)
SELECT s.says, ARRAY(SELECT audit_row(u) FROM card_uncollected u WHERE u.charge = s.charge)
    || ARRAY(SELECT audit_row(e) FROM uncollected_end e WHERE e.charge = s.charge ORDER BY e.regained)
    || ARRAY(SELECT audit_row(t) FROM transfer t WHERE t.id = s.transfer OR t.charge = s.charge AND t.charge <> '' ORDER BY t.seq LIMIT $2) AS rows
FROM (
    SELECT e.charge, e.transfer, format('charge %s was settled as %s with %s, and %s does not say so', e.charge, e.became, e.amount,
        coalesce('transfer ' || e.transfer, 'no transfer')) AS says
    FROM uncollected_end e LEFT JOIN uncollected_end f ON f.charge = e.charge AND NOT f.regained
    LEFT JOIN lost u ON u.charge = e.charge LEFT JOIN transfer t ON t.id = e.transfer
    LEFT JOIN account d ON d.id = t.debit LEFT JOIN account r ON r.id = t.credit
    WHERE u.charge IS NULL OR (e.amount > 0) <> (t.id IS NOT NULL) OR t.id IS NOT NULL AND (
        (t.state, t.charge, t.currency, t.amount) IS DISTINCT FROM ('posted', e.charge, u.currency, e.amount)
        OR t.kind <> CASE 'cash' WHEN e.became THEN 'made_good' WHEN f.became THEN 'made_good' ELSE 'loss' END
        OR CASE e.became WHEN 'loss' THEN d.kind = 'loss' WHEN 'cash' THEN d.kind = 'desk' ELSE d.id = u.clearing END IS NOT TRUE
        OR CASE WHEN NOT e.regained THEN r.id = u.clearing WHEN f.became = 'cash' THEN r.kind = 'desk' ELSE r.kind = 'loss' END IS NOT TRUE)
    UNION ALL
    SELECT t.charge, t.id, format('transfer %s of %s %s moves a loss or makes one good, and nothing was settled so', t.id, t.currency, t.amount)
    FROM transfer t
    WHERE (t.kind IN ('loss', 'made_good') OR t.debit IN (SELECT id FROM account WHERE kind = 'loss') OR t.credit IN (SELECT id FROM account WHERE kind = 'loss'))
        AND NOT EXISTS (SELECT FROM uncollected_end e WHERE e.transfer = t.id)
        AND NOT (t.kind = 'loss' AND EXISTS (SELECT FROM transfer g JOIN account a ON a.id = t.credit AND a.kind = 'loss'
                WHERE g.refund = t.why AND g.refund <> '' AND g.kind IN ('refund', 'topup_refund') AND (g.charge, g.amount, g.credit) = (t.charge, t.amount, t.debit))
            AND NOT EXISTS (SELECT FROM transfer o WHERE o.charge = t.charge AND o.charge <> '' AND o.kind = 'loss' AND o.why = t.why AND o.seq < t.seq))
    UNION ALL
    SELECT u.charge, NULL, format('charge %s was settled as %s, and the account of the card company has %s %s of it', u.charge, u.became,
        u.currency, book.left_over)
    FROM lost u CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE u.clearing WHEN t.credit THEN t.amount ELSE -t.amount END), 0) AS left_over
        FROM transfer t WHERE t.charge = u.charge AND t.charge <> '' AND t.state = 'posted' AND u.clearing IN (t.debit, t.credit)
    ) book
    WHERE u.became IN ('loss', 'cash', 'refunded') AND book.left_over <> u.under_way
    UNION ALL
    SELECT u.charge, NULL, format('charge %s was paid after all, and %s %s of what was borne or collected was not taken back', u.charge, u.currency, book.left_over)
    FROM lost u CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE u.clearing WHEN t.credit THEN t.amount ELSE -t.amount END), 0) AS left_over
        FROM transfer t WHERE t.charge = u.charge AND t.charge <> '' AND t.kind IN ('loss', 'made_good') AND u.clearing IN (t.debit, t.credit)
    ) book
    WHERE u.became = 'paid' AND book.left_over <> 0
    UNION ALL
    SELECT u.charge, NULL, format('charge %s was never paid with %s, and %s of it was booked', u.charge, u.amount, coalesce(u.booked, 0))
    FROM lost u WHERE u.amount IS DISTINCT FROM u.booked
) s ORDER BY s.charge, s.transfer LIMIT $1;

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
        coalesce(n.balance, 0), n.below, coalesce(b.sum, 0)) AS says,
    ARRAY[audit_row(a), audit_side(a.id)] || ARRAY(
        -- the newest points, each beside what the transfers said then
        SELECT format('checkpoint below %s at %s: %s; its transfers up to there: %s', p.below, outcome_moment(p.at), p.balance,
            coalesce(b.sum, 0) - coalesce(sum(p.since) OVER (ORDER BY p.below DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))
        FROM (
            SELECT c.below, k.at, c.balance, (
                SELECT coalesce(sum(CASE t.credit WHEN a.id THEN t.amount ELSE -t.amount END), 0) FROM transfer t
                WHERE t.state = 'posted' AND a.id IN (t.debit, t.credit) AND t.number < c.below
                    AND t.number >= coalesce((SELECT max(o.below) FROM account_checkpoint o WHERE o.account = a.id AND o.below < c.below), 0)
            ) AS since
            FROM account_checkpoint c JOIN checkpoint k ON k.below = c.below
            WHERE c.account = a.id ORDER BY c.below DESC LIMIT $2
        ) p ORDER BY p.below DESC
    ) AS rows
FROM account a LEFT JOIN newest n ON n.account = a.id LEFT JOIN book b ON b.account = a.id
WHERE a.kind <> 'wallet' AND coalesce(n.balance, 0) <> coalesce(b.sum, 0)
ORDER BY a.id LIMIT $1;

-- name: audit-settlements
-- What each settlement has is what its transfers say: those of its own day whose number it reaches, and those of an earlier one
-- that came too late for that. One pass; only what is late looks further.
WITH book AS (
    SELECT coalesce(own.id, late.id) AS settlement, sum(l.amount) FILTER (WHERE l.came) AS captured, sum(l.amount) FILTER (WHERE NOT l.came) AS refunded,
        count(*) FILTER (WHERE l.came) AS captures, count(*) FILTER (WHERE NOT l.came) AS refunds
    FROM (
        SELECT a.owner, a.currency, trade_day(t.at) AS day, t.number, t.amount, t.kind = 'payment' AS came
        FROM transfer t JOIN account a ON a.id = CASE t.kind WHEN 'payment' THEN t.credit ELSE t.debit END AND a.kind = 'store'
        WHERE t.state = 'posted' AND t.kind IN ('payment', 'refund') AND t.at < (SELECT max(until) FROM settlement)
    ) l
    LEFT JOIN settlement own ON (own.store, own.currency, own.day) = (l.owner, l.currency, l.day) AND l.number < own.upto
    LEFT JOIN LATERAL (
        SELECT s.id FROM settlement s
        WHERE own.id IS NULL AND s.store = l.owner AND s.currency = l.currency AND s.day > l.day AND s.upto > l.number ORDER BY s.day LIMIT 1
    ) late ON true
    GROUP BY coalesce(own.id, late.id)
)
SELECT format('settlement %s of %s on %s has %s captured and %s refunded; its transfers say %s (%s) and %s (%s)', s.id, s.store, s.day,
        s.captured, s.refunded, coalesce(b.captured, 0), coalesce(b.captures, 0), coalesce(b.refunded, 0), coalesce(b.refunds, 0)) AS says,
    ARRAY(SELECT audit_row(n) FROM settlement n WHERE (n.store, n.currency) = (s.store, s.currency) AND n.day <= s.day ORDER BY n.day DESC LIMIT $2) AS rows
FROM settlement s LEFT JOIN book b ON b.settlement = s.id
WHERE (s.captured, s.refunded, s.captures, s.refunds)
    <> (coalesce(b.captured, 0), coalesce(b.refunded, 0), coalesce(b.captures, 0), coalesce(b.refunds, 0))
ORDER BY s.day, s.store LIMIT $1;
