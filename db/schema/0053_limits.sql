-- How much may be paid, and how fast: the venue's limits, a visitor's own, a guardian's allowance, and the pace of a till.

-- +goose Up

-- The venue's limits: the newest row is in force, and an earlier one is never changed. 0: the standard, which is the
-- program's. What no venue may go beyond is said here too.
CREATE TABLE pay_limits (
    seq         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT limits_are_numbered PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL CONSTRAINT somebody_sets_the_limits CHECK (actor <> ''),
    payment     bigint NOT NULL CONSTRAINT a_payment_is_at_most_50000_yen CHECK (payment BETWEEN 0 AND 50000),
    code_from   bigint NOT NULL CONSTRAINT the_code_is_asked_from_10000_yen_at_the_latest CHECK (code_from BETWEEN 0 AND 10000),
    hour_count  integer NOT NULL CONSTRAINT payments_an_hour_are_counted CHECK (hour_count >= 0),
    hour_sum    bigint NOT NULL CONSTRAINT an_hour_is_at_most_200000_yen CHECK (hour_sum BETWEEN 0 AND 200000),
    day_count   integer NOT NULL CONSTRAINT payments_a_day_are_counted CHECK (day_count >= 0),
    day_sum     bigint NOT NULL CONSTRAINT a_day_is_at_most_200000_yen CHECK (day_sum BETWEEN 0 AND 200000),
    till_minute integer NOT NULL CONSTRAINT payments_of_a_till_a_minute_are_counted CHECK (till_minute >= 0),
    till_hour   integer NOT NULL CONSTRAINT payments_of_a_till_an_hour_are_counted CHECK (till_hour >= 0)
);
CREATE TRIGGER limits_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON pay_limits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- What somebody allows themselves a day. A higher limit, or none (NULL), waits until next_from.
CREATE TABLE own_limit (
    visitor   text CONSTRAINT a_visitor_has_one_limit_of_their_own PRIMARY KEY REFERENCES visitor,
    day       bigint NOT NULL CONSTRAINT an_own_limit_is_something CHECK (day > 0),
    next      bigint NOT NULL DEFAULT 0 CONSTRAINT a_limit_to_come_is_not_negative CHECK (next >= 0), -- 0: none any more
    next_from timestamptz,
    CONSTRAINT a_limit_to_come_has_a_moment CHECK (next = 0 OR next_from IS NOT NULL)
);

-- The grown-up who signed for a minor. Name and contact are sealed with the venue's key.
CREATE TABLE guardian (
    visitor      text CONSTRAINT a_minor_has_one_guardian PRIMARY KEY REFERENCES visitor,
    name         bytea NOT NULL,
    contact      bytea,
    contact_hash bytea,
    day          bigint NOT NULL CONSTRAINT an_allowance_a_day_is_at_most_50000_yen CHECK (day BETWEEN 0 AND 50000),
    week         bigint NOT NULL CONSTRAINT an_allowance_a_week_is_at_most_50000_yen CHECK (week BETWEEN 0 AND 50000),
    card         boolean NOT NULL,
    since        timestamptz NOT NULL,
    changed      timestamptz NOT NULL,
    CONSTRAINT a_guardian_is_found_by_the_hash CHECK ((contact IS NULL) = (contact_hash IS NULL))
);
CREATE INDEX guardian_by_contact ON guardian (contact_hash) WHERE contact_hash IS NOT NULL;

-- How many payments a till has opened in this minute and hour of the clock: one small row, whose lock is also what keeps
-- two requests from passing the limit together.
CREATE TABLE till_pace (
    till     text CONSTRAINT a_till_has_one_pace PRIMARY KEY,
    minute   timestamptz NOT NULL,
    minute_n integer NOT NULL,
    hour     timestamptz NOT NULL,
    hour_n   integer NOT NULL
) WITH (fillfactor = 50);

-- +goose StatementBegin
CREATE FUNCTION payment_keeps_pace() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most record;
    pace till_pace;
BEGIN
    INSERT INTO till_pace AS p (till, minute, minute_n, hour, hour_n)
    VALUES (NEW.till, date_trunc('minute', NEW.created_at), 1, date_trunc('hour', NEW.created_at), 1)
    ON CONFLICT ON CONSTRAINT a_till_has_one_pace DO UPDATE SET
        minute_n = CASE WHEN p.minute >= excluded.minute THEN p.minute_n + 1 ELSE 1 END,
        minute = greatest(p.minute, excluded.minute),
        hour_n = CASE WHEN p.hour >= excluded.hour THEN p.hour_n + 1 ELSE 1 END,
        hour = greatest(p.hour, excluded.hour)
    RETURNING * INTO pace;
    SELECT till_minute, till_hour INTO most FROM pay_limits ORDER BY seq DESC LIMIT 1;
    -- the standard is kaopass.StandardLimits; a test compares
    IF pace.minute_n > coalesce(nullif(most.till_minute, 0), 200) OR pace.hour_n > coalesce(nullif(most.till_hour, 0), 6000) THEN
        NEW.status := 'refused';
        NEW.reason := 'limit_exceeded';
        NEW.decided_at := NEW.created_at;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- Whoever opens a payment faster than a till may gets one that is refused already.
CREATE TRIGGER a_till_keeps_its_pace BEFORE INSERT ON payment
    FOR EACH ROW WHEN (NEW.status = 'awaiting_face') EXECUTE FUNCTION payment_keeps_pace();

-- As in 0040, and how fast, whose guardian allows what, what they allow themselves, and the venue's limits (0: standard).
DROP FUNCTION payer_of(text, timestamptz);
-- +goose StatementBegin
CREATE FUNCTION payer_of(visitor text, at timestamptz)
    RETURNS TABLE (signed_at timestamptz, withdrawn_at timestamptz, frozen boolean, alike boolean, today bigint,
        hour_sum bigint, hour_count integer, day_count integer, week_sum bigint, own bigint,
        minor boolean, allow_day bigint, allow_week bigint, allow_card boolean,
        limit_payment bigint, limit_code bigint, limit_hour_count integer, limit_hour_sum bigint, limit_day_count integer,
        limit_day_sum bigint)
    LANGUAGE sql STABLE AS $$
    SELECT newest.signed_at, newest.withdrawn_at,
        EXISTS (SELECT FROM visitor v WHERE v.id = $1 AND v.frozen AND v.erased_at IS NULL),
        EXISTS (SELECT FROM enrolment e JOIN look_alike l ON l.older = e.id WHERE e.visitor = $1)
            OR EXISTS (SELECT FROM enrolment e JOIN look_alike l ON l.newer = e.id WHERE e.visitor = $1),
        paid.today + asked.yen, paid.hour_sum + asked.yen, (paid.hour_count + asked.n)::integer,
        (paid.day_count + asked.n)::integer, paid.week_sum + asked.yen,
        coalesce((SELECT CASE WHEN o.next_from <= $2 THEN o.next ELSE o.day END FROM own_limit o WHERE o.visitor = $1), 0),
        g.visitor IS NOT NULL, coalesce(g.day, 0), coalesce(g.week, 0), coalesce(g.card, false),
        coalesce(l.payment, 0), coalesce(l.code_from, 0), coalesce(l.hour_count, 0), coalesce(l.hour_sum, 0),
        coalesce(l.day_count, 0), coalesce(l.day_sum, 0)
    FROM (SELECT date_trunc('day', $2 AT TIME ZONE interval '9 hours') AT TIME ZONE interval '9 hours' AS starts,
            date_trunc('week', $2 AT TIME ZONE interval '9 hours') AT TIME ZONE interval '9 hours' AS week) day
    LEFT JOIN guardian g ON g.visitor = $1
    LEFT JOIN (SELECT * FROM pay_limits ORDER BY seq DESC LIMIT 1) l ON true
    LEFT JOIN LATERAL (
        SELECT c.signed_at, c.withdrawn_at FROM consent c WHERE c.visitor = $1 AND c.purpose = 'payment' ORDER BY c.id DESC LIMIT 1
    ) newest ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.yen) FILTER (WHERE p.of_day), 0)::bigint AS today,
            coalesce(sum(p.yen) FILTER (WHERE p.of_hour), 0)::bigint AS hour_sum,
            count(*) FILTER (WHERE p.of_day) AS day_count, count(*) FILTER (WHERE p.of_hour) AS hour_count,
            coalesce(sum(p.yen) FILTER (WHERE p.created_at >= day.week AND p.created_at < day.starts + interval '1 day'), 0)::bigint AS week_sum
        FROM (
            SELECT created_at, CASE status WHEN 'authorised' THEN authorised ELSE captured - refunded END AS yen,
                created_at >= day.starts AND created_at < day.starts + interval '1 day' AS of_day,
                created_at > $2 - interval '1 hour' AND created_at <= $2 AS of_hour
            FROM payment
            WHERE payer = $1 AND payer <> '' AND status IN ('authorised', 'captured', 'partially_refunded', 'refunded')
                AND created_at >= CASE WHEN g.visitor IS NOT NULL THEN least(day.week, day.starts, $2 - interval '1 hour')
                    ELSE least(day.starts, $2 - interval '1 hour') END
        ) p
    ) paid
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.amount), 0)::bigint AS yen, count(*) AS n FROM card_charge c
        WHERE c.visitor = $1 AND c.state = 'unknown' AND c.payment <> ''
    ) asked
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payer_refusal(visitor text, at timestamptz, amount bigint, limits jsonb) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    who record;
BEGIN
    SELECT * INTO who FROM payer_of($1, $2);
    RETURN CASE
        WHEN who.signed_at IS NULL THEN 'consent_missing'
        WHEN who.withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
        WHEN who.frozen THEN 'payer_frozen'
        WHEN amount > coalesce(nullif(who.limit_payment, 0), (limits ->> 'payment')::bigint)
            OR who.today > coalesce(nullif(who.limit_day_sum, 0), (limits ->> 'day')::bigint) - amount
            OR who.hour_sum > coalesce(nullif(who.limit_hour_sum, 0), (limits ->> 'hour_sum')::bigint) - amount
            OR who.hour_count >= coalesce(nullif(who.limit_hour_count, 0), (limits ->> 'hour_count')::integer)
            OR who.day_count >= coalesce(nullif(who.limit_day_count, 0), (limits ->> 'day_count')::integer)
            OR who.own > 0 AND who.today > who.own - amount
            OR who.minor AND (who.today > who.allow_day - amount OR who.week_sum > who.allow_week - amount)
            THEN 'limit_exceeded'
        -- asked at a confirmation, of somebody whose look-alike was found since their face alone named them
        WHEN who.alike AND EXISTS (
            SELECT FROM payment p WHERE p.payer = $1 AND p.payer <> '' AND p.status = 'awaiting_confirmation' AND NOT p.coded
        ) THEN 'code_needed'
        ELSE '' END;
END $$;
-- +goose StatementEnd
