-- name: intent-begin
INSERT INTO card_intent (charge, token, currency, amount, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT a_charge_is_one_intent DO NOTHING;

-- name: intent-read
SELECT charge, token, currency, amount, ref, barred FROM card_intent WHERE charge = $1;

-- name: intent-name
UPDATE card_intent SET ref = $2 WHERE charge = $1 AND ref = '' AND NOT barred;

-- name: intent-bar
INSERT INTO card_intent (charge, token, currency, amount, barred, made_at) VALUES ($1, '', '', 0, true, $2)
ON CONFLICT ON CONSTRAINT a_charge_is_one_intent DO UPDATE SET barred = true WHERE card_intent.ref = '';

-- name: intent-any
SELECT EXISTS (SELECT FROM card_intent WHERE ref <> '') OR EXISTS (SELECT FROM card_customer);

-- name: customer-read
SELECT coalesce(k.ref, '') AS ref, c.id AS consent, coalesce((
        SELECT f.id FROM card_form f WHERE f.visitor = $1 AND f.ended_at IS NULL ORDER BY f.opened_at DESC, f.id LIMIT 1), '') AS form
FROM (SELECT id, withdrawn_at FROM consent WHERE visitor = $1 AND purpose = 'payment' ORDER BY id DESC LIMIT 1) c
LEFT JOIN card_customer k ON k.visitor = $1
WHERE c.withdrawn_at IS NULL;

-- name: customer-newest
SELECT ref FROM card_customer ORDER BY made_at DESC LIMIT 1;

-- name: customer-keep
INSERT INTO card_customer (visitor, ref, made_at) VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT a_visitor_is_one_customer DO NOTHING;

-- name: form-open
INSERT INTO card_form (id, visitor, method, opened_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT a_form_ends_once DO NOTHING;

-- name: form-end
UPDATE card_form SET ended_at = $3 WHERE id = $1 AND visitor = $2 AND ended_at IS NULL RETURNING method;

-- name: form-read
SELECT f.id, f.method, f.ended_at IS NOT NULL AS ended, coalesce(m.token, '') AS token
FROM card_form f LEFT JOIN method m ON m.id = f.method AND m.removed_at IS NULL WHERE f.id = $1 AND f.visitor = $2;

-- name: form-sweep
DELETE FROM card_form WHERE opened_at < $1;

-- name: form-drop
DELETE FROM card_form WHERE visitor = $1;

-- name: owner-ask
INSERT INTO card_owner (method, visitor, charge, asked_at, due_at)
SELECT m.id, m.visitor, $2, $3, $3 FROM method m
WHERE m.id = $1 AND m.removed_at IS NULL AND NOT EXISTS (SELECT FROM card_form f WHERE f.method = $1 AND f.ended_at >= $4)
ON CONFLICT ON CONSTRAINT a_card_is_asked_about_once DO NOTHING;

-- name: owner-answer
DELETE FROM card_owner WHERE method = $1 AND visitor = $2;

-- name: owner-drop
DELETE FROM card_owner WHERE visitor = $1;

-- name: owner-renew
UPDATE method SET token = $3, label = $4 WHERE id = $1 AND visitor = $2 AND kind = 'card' AND removed_at IS NULL;

-- name: owner-letter-take
UPDATE card_owner SET tries = tries + 1, due_at = $1::timestamptz + make_interval(secs => least($2 * power(2, least(tries, 20)), $3))
WHERE method = (
    SELECT method FROM card_owner WHERE told_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING method, visitor, tries, (SELECT label FROM method m WHERE m.id = card_owner.method) AS label;

-- name: owner-letter-done
UPDATE card_owner SET told_at = $2 WHERE method = $1;

-- name: customer-of
SELECT visitor FROM card_customer WHERE ref = $1;

-- name: farewell-card
INSERT INTO card_farewell (visitor, kind, ref, due_at)
SELECT visitor, 'card', $2, $3 FROM card_customer WHERE visitor = $1
ON CONFLICT ON CONSTRAINT a_farewell_is_said_once DO NOTHING;

-- name: farewell-customer
WITH gone AS (DELETE FROM card_customer WHERE visitor = $1 RETURNING visitor, ref)
INSERT INTO card_farewell (visitor, kind, ref, due_at) SELECT visitor, 'customer', ref, $2 FROM gone
ON CONFLICT ON CONSTRAINT a_farewell_is_said_once DO NOTHING;

-- name: farewell-stray
INSERT INTO card_farewell (visitor, kind, ref, due_at) VALUES ($1, 'customer', $2, $3)
ON CONFLICT ON CONSTRAINT a_farewell_is_said_once DO NOTHING;

-- name: farewell-take
UPDATE card_farewell SET tries = tries + 1, due_at = $1::timestamptz + interval '10 seconds' * power(2, least(tries, 9))
WHERE seq = (
    SELECT seq FROM card_farewell f
    WHERE due_at <= $1
        AND NOT EXISTS (SELECT FROM card_charge c WHERE c.visitor = f.visitor AND c.state = 'unknown')
        AND NOT EXISTS (SELECT FROM card_task k JOIN card_charge c ON c.id = k.charge WHERE k.state = 'open' AND c.visitor = f.visitor)
        AND NOT EXISTS (SELECT FROM payment p WHERE p.payer = f.visitor AND p.payer <> '' AND p.status = 'authorised' AND p.method_kind = 'card')
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING seq, kind, ref;

-- name: farewell-end
DELETE FROM card_farewell WHERE seq = $1;

-- name: company-waiting
SELECT (SELECT count(*) FROM card_charge WHERE state = 'unknown') AS unknown,
    (SELECT count(*) FROM card_task WHERE state = 'open') AS tasks,
    (SELECT count(*) FROM card_farewell) AS farewells;

-- name: notice-add
INSERT INTO card_notice (id, kind, received_at) VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT a_notice_is_taken_once DO NOTHING;

-- name: notice-sweep
DELETE FROM card_notice WHERE received_at < $1;

-- name: charge-of-intent
SELECT c.id, c.visitor, c.payment FROM card_intent i JOIN card_charge c ON c.id = i.charge WHERE i.ref = $1;

-- name: dispute-open
INSERT INTO card_dispute (id, charge, currency, amount, reason, status, opened_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)
ON CONFLICT ON CONSTRAINT a_dispute_is_noted_once DO NOTHING;

-- name: dispute-end
UPDATE card_dispute SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'open';
