-- Everything that is kept of one visitor and that no other verb reads for the export, as one JSON object. What is sealed or
-- hashed is not in it, nor what would tell of somebody else. Each list ends at $2 rows, the newest first.
-- name: export-kept
SELECT jsonb_build_object(
    'consents', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT purpose, text_version, text_hash AS text_sha256, language, method, signed_at, withdrawn_at
        FROM consent WHERE visitor = $1 ORDER BY id DESC LIMIT $2) x),
    'face', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT e.id, e.model, e.frames, e.created, e.made_by, (SELECT jsonb_agg(to_jsonb(y)) FROM (
            SELECT t.purpose, coalesce(t.model, e.model) AS model, t.grown_at, t.compared_at,
                EXISTS (SELECT FROM look_alike l WHERE l.purpose = t.purpose AND (l.older = e.id OR l.newer = e.id)) AS resembles_somebody
            FROM template t WHERE t.enrolment = e.id ORDER BY t.purpose) y) AS used_for
        FROM enrolment e WHERE e.visitor = $1) x),
    'admissions', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT a.id, a.decided_at, a.gate_name AS gate, a.zone, a.direction, a.decision, a.reason, a.passed_at, a.undone_at, a.undone_why
        FROM event e JOIN admission a ON a.id = e.subject
        WHERE e.visitor = $1 AND e.kind = 'admission.decided' ORDER BY e.seq DESC LIMIT $2) x),
    'methods', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT m.id, m.kind, m.label, m.first AS offered_first, m.added_at, m.removed_at, o.asked_at AS bank_asks_since, o.told_at
        FROM method m LEFT JOIN card_owner o ON o.method = m.id
        WHERE m.visitor = $1 ORDER BY m.added_at DESC LIMIT $2) x),
    'payment_code', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT issued_at, tries AS wrong_in_practice, tried_at FROM payment_code WHERE visitor = $1) x),
    'own_limit', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT day AS yen_a_day, next AS next_yen_a_day, next_from FROM own_limit WHERE visitor = $1) x),
    'payments', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT p.id, p.created_at, p.decided_at, p.store, p.till_name AS till, p.status, p.reason, p.currency, p.amount, p.authorised,
            p.captured, p.refunded, p.order_ref, p.method, p.method_kind, p.coded AS by_code, p.codes AS wrong_codes,
            (SELECT jsonb_agg(to_jsonb(y)) FROM (SELECT rate, gross, tax FROM payment_tax WHERE payment = p.id ORDER BY rate) y) AS tax,
            (SELECT jsonb_agg(r.at ORDER BY r.at) FROM receipt_printed r WHERE r.payment = p.id) AS receipts_printed
        FROM payment p WHERE p.payer = $1 ORDER BY p.created_at DESC LIMIT $2) x),
    'card_charges', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT c.id, c.payment, c.method, c.currency, c.amount, c.state, c.asked_at, c.settled_at,
            (SELECT jsonb_agg(to_jsonb(y)) FROM (
                SELECT verb, refund, amount, state FROM card_task WHERE charge = c.id ORDER BY seq) y) AS told,
            (SELECT jsonb_agg(to_jsonb(y)) FROM (
                SELECT currency, amount, reason, status, opened_at, ended_at FROM card_dispute WHERE charge = c.id ORDER BY opened_at) y) AS bank,
            (SELECT jsonb_agg(to_jsonb(y)) FROM (
                SELECT u.amount, u.why, u.found_at, coalesce(e.settled_at, u.settled_at) AS settled_at, coalesce(e.answer, u.answer) AS answer, e.became
                FROM card_uncollected u LEFT JOIN uncollected_end e ON e.charge = u.charge
                WHERE u.charge = c.id ORDER BY e.settled_at) y) AS uncollected
        FROM card_charge c WHERE c.visitor = $1 ORDER BY c.asked_at DESC LIMIT $2) x),
    'refunds_owed', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT d.refund, d.payment, d.why, d.currency, d.amount, d.at, p.at AS paid_at, p.receipt
        FROM refund_due d LEFT JOIN refund_paid p ON p.refund = d.refund
        WHERE d.visitor = $1 ORDER BY d.seq DESC LIMIT $2) x),
    'card_company', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT ref AS number_there, made_at FROM card_customer WHERE visitor = $1) x),
    'card_company_forgets', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT kind, due_at FROM card_farewell WHERE visitor = $1 ORDER BY seq LIMIT $2) x),
    'card_company_pages', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT opened_at, ended_at FROM card_form WHERE visitor = $1 ORDER BY opened_at DESC LIMIT $2) x),
    'cases', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT id, state, event, kind, payment, currency, amount, place, at, opened_at, due_at, assigned <> '' AS with_staff, decided_at,
            answer, refund
        FROM dispute WHERE visitor = $1 ORDER BY seq DESC LIMIT $2) x),
    'passkeys', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT name, created FROM passkey WHERE visitor = $1 ORDER BY created DESC LIMIT $2) x),
    'sign_ins', (SELECT jsonb_agg(to_jsonb(x)) FROM (
        SELECT created, used_at, helper <> '' AS at_a_kiosk FROM session WHERE visitor = $1 ORDER BY created DESC LIMIT $2) x)
);

-- How each consent was signed, sealed with the person's key.
-- name: export-marks
SELECT purpose, signed_at AS at, mark FROM consent WHERE visitor = $1 ORDER BY id DESC LIMIT $2;

-- Every event about a visitor, also those that their page leaves out.
-- name: export-events
SELECT seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason, direction,
    currency, amount, took_us
FROM event WHERE visitor = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3;
