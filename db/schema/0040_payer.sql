-- What the rules look at in a person who is about to pay, read in one place, and the rule itself for those verbs that are
-- one statement. The rule is the root's, Payer.Refusal; here it is said again, with the root's own limits as arguments,
-- and a test lets both decide about people at random. Lock the visitor first, in a statement of its own.

-- +goose Up

-- There is always one row, also of somebody who was erased a moment ago.
-- +goose StatementBegin
CREATE FUNCTION payer_of(visitor text, at timestamptz)
    RETURNS TABLE (signed_at timestamptz, withdrawn_at timestamptz, frozen boolean, alike boolean, today bigint)
    LANGUAGE sql STABLE AS $$
    SELECT newest.signed_at, newest.withdrawn_at,
        EXISTS (SELECT FROM visitor v WHERE v.id = $1 AND v.frozen AND v.erased_at IS NULL),
        EXISTS (SELECT FROM enrolment e JOIN look_alike l ON l.older = e.id WHERE e.visitor = $1)
            OR EXISTS (SELECT FROM enrolment e JOIN look_alike l ON l.newer = e.id WHERE e.visitor = $1),
        coalesce((
            SELECT sum(CASE p.status WHEN 'authorised' THEN p.authorised ELSE p.captured - p.refunded END) FROM payment p
            WHERE p.payer = $1 AND p.payer <> '' AND p.created_at >= day.starts AND p.created_at < day.starts + interval '1 day'
                AND p.status IN ('authorised', 'captured', 'partially_refunded')
        ), 0)::bigint + coalesce((
            SELECT sum(c.amount) FROM card_charge c WHERE c.visitor = $1 AND c.state = 'unknown' AND c.payment <> ''
        ), 0)::bigint
    FROM (SELECT date_trunc('day', $2 AT TIME ZONE interval '9 hours') AT TIME ZONE interval '9 hours' AS starts) day
    LEFT JOIN LATERAL (
        SELECT c.signed_at, c.withdrawn_at FROM consent c WHERE c.visitor = $1 AND c.purpose = 'payment' ORDER BY c.id DESC LIMIT 1
    ) newest ON true
$$;
-- +goose StatementEnd

-- Why this person may not pay the amount now; empty where they may. limits are kaopass's, by name.
-- +goose StatementBegin
CREATE FUNCTION payer_refusal(visitor text, at timestamptz, amount bigint, limits jsonb) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    who record;
BEGIN
    SELECT * INTO who FROM payer_of(visitor, at);
    RETURN CASE
        WHEN who.signed_at IS NULL THEN 'consent_missing'
        WHEN who.withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
        WHEN who.frozen THEN 'payer_frozen'
        WHEN amount > (limits ->> 'payment')::bigint OR who.today > (limits ->> 'day')::bigint - amount THEN 'limit_exceeded'
        ELSE '' END;
END $$;
-- +goose StatementEnd
