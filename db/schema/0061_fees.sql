-- What a store pays the venue of its trade. A rate is in force from a day to come, for good or until another one is; so no day
-- that has begun ever changes, and the history of rates is all there is to know. The fee of a day is booked with its
-- settlement, in the same transaction, by one transfer that the settlement names.

-- +goose Up

-- The day of trade of a moment, kaopass.TradeDayOf: from four to four in Japan.
-- +goose StatementBegin
CREATE FUNCTION trade_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((at AT TIME ZONE 'UTC') + interval '5 hours')::date;
-- +goose StatementEnd

-- One rounding a settlement, kaopass.FeeBase.Fee: half a yen is rounded away from zero, so that what a day took and another
-- day gives back of it are the same.
-- +goose StatementBegin
CREATE FUNCTION fee_of(base bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(base)::bigint * ((abs(base) + 5000) / 10000);
-- +goose StatementEnd

CREATE TABLE store_fee (
    seq      bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_fee_has_one_number PRIMARY KEY,
    store    text NOT NULL CONSTRAINT a_fee_is_of_a_store CHECK (store <> ''),
    points   integer NOT NULL CONSTRAINT a_fee_is_between_nothing_and_thirty_percent CHECK (points BETWEEN 0 AND 3000),
    from_day date NOT NULL,
    set_at   timestamptz NOT NULL,
    set_by   text NOT NULL CONSTRAINT a_fee_says_who_set_it CHECK (set_by <> ''),
    CONSTRAINT a_fee_begins_on_a_day_to_come CHECK (from_day > trade_day(set_at))
);
CREATE INDEX store_fee_in_force ON store_fee (store, from_day DESC, seq DESC);
CREATE TRIGGER fees_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON store_fee
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE store_fee ENABLE ALWAYS TRIGGER fees_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON store_fee FROM PUBLIC, CURRENT_USER;

-- Of several rates for one day the last that was set before it began; 0 where there was never any.
-- +goose StatementBegin
CREATE FUNCTION fee_points(store text, day date) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.points FROM store_fee f WHERE f.store = $1 AND f.from_day <= $2 ORDER BY f.from_day DESC, f.seq DESC LIMIT 1), 0)
$$;
-- +goose StatementEnd

-- A moment that was made up does not help either.
-- +goose StatementBegin
CREATE FUNCTION fee_comes_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM settlement s WHERE s.store = NEW.store AND s.day >= NEW.from_day) THEN
        PERFORM refuse_row('a_settled_day_keeps_its_fee', 'store_fee', NEW.store);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER fees_come_in_time BEFORE INSERT ON store_fee FOR EACH ROW EXECUTE FUNCTION fee_comes_in_time();

ALTER TABLE settlement
    ADD COLUMN fee_points integer NOT NULL DEFAULT 0,    -- the rate of its own day
    ADD COLUMN fee_base bigint NOT NULL DEFAULT 0,       -- yen times basis points, over all its lines
    ADD COLUMN fee_transfer text CONSTRAINT a_fee_is_booked_once UNIQUE
        CONSTRAINT a_fee_was_booked REFERENCES transfer (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT a_fee_is_what_the_rate_makes_of_the_trade CHECK (fees = fee_of(fee_base)) NOT VALID,
    ADD CONSTRAINT a_fee_is_a_transfer CHECK ((fees = 0) = (fee_transfer IS NULL)) NOT VALID;

-- As before, and: the rate is the one in force.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION settlement_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last settlement%ROWTYPE;
BEGIN
    SELECT * INTO last FROM settlement WHERE store = NEW.store AND currency = NEW.currency ORDER BY day DESC LIMIT 1;
    IF FOUND AND (NEW.after <> last.upto OR NEW.since <> last.until OR NEW.day <= last.day) THEN
        RAISE EXCEPTION 'the settlement of % on % does not follow that of %', NEW.store, NEW.day, last.day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_settlement_goes_on_from_the_one_before';
    ELSIF NEW.fee_points <> fee_points(NEW.store, NEW.day) THEN
        PERFORM refuse_row('a_settlement_takes_the_rate_in_force', 'settlement', NEW.id);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- What an audit says of a row.
-- +goose StatementBegin
CREATE FUNCTION audit_row(s settlement) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('settlement %s of %s on %s closed at %s: %s captured %s, refunded %s, fees %s (base %s at %s points) by transfer %s, net %s',
        s.id, s.store, s.day, outcome_moment(s.closed_at), s.currency, s.captured, s.refunded, s.fees, s.fee_base, s.fee_points,
        coalesce(s.fee_transfer, 'none'), s.net)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_row(f store_fee) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('fee of %s from %s: %s points, set at %s by %s', f.store, f.from_day, f.points, outcome_moment(f.set_at), f.set_by)
$$;
-- +goose StatementEnd
