-- What the venue owes each store for each day, and how it is known which transfers are in it.

-- +goose Up

-- A transfer's number is its transaction's, as an event's is: whatever commits late has a number at or above the
-- horizon, so everything below the horizon is there, for good. What was booked before numbers existed is below all.
ALTER TABLE transfer ADD COLUMN number bigint NOT NULL DEFAULT 0;
ALTER TABLE transfer ALTER COLUMN number SET DEFAULT event_number(0);
-- Moments and numbers lie on disk in about the order in which they were given: a few pages index years.
CREATE INDEX transfer_by_moment_and_number ON transfer USING brin (at, number) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX transfer_of_charge ON transfer (charge) WHERE charge <> '';

CREATE TABLE settlement (
    id        text NOT NULL CONSTRAINT a_settlement_id_is_given_once PRIMARY KEY,
    store     text NOT NULL,
    day       date NOT NULL,
    currency  text NOT NULL,
    captured  bigint NOT NULL CONSTRAINT captured_is_not_negative CHECK (captured >= 0),
    refunded  bigint NOT NULL CONSTRAINT refunded_is_not_negative CHECK (refunded >= 0),
    fees      bigint NOT NULL,
    net       bigint NOT NULL,
    captures  integer NOT NULL,
    refunds   integer NOT NULL,
    late      integer NOT NULL,
    after     bigint NOT NULL,                   -- the settlement before reached up to this number,
    since     timestamptz NOT NULL,              -- and this moment: the end of its day
    upto      bigint NOT NULL,                   -- this one, up to this number: below the horizon when it was closed
    until     timestamptz NOT NULL,              -- and the end of its own day
    closed_at timestamptz NOT NULL,
    closed_by text NOT NULL CONSTRAINT a_settlement_says_who_closed_it CHECK (closed_by <> ''),
    CONSTRAINT a_store_and_day_is_settled_once UNIQUE (store, currency, day),
    CONSTRAINT net_is_captured_less_refunds_and_fees CHECK (net = captured - refunded - fees),
    CONSTRAINT a_settlement_is_of_a_day_that_is_over CHECK (closed_at >= until),
    CONSTRAINT a_settlement_goes_on_from_the_one_before CHECK (upto >= after AND until > since)
);
CREATE INDEX settlement_of_day ON settlement (day, store);

-- The sets of transfers are nested, each in the next, so that what is in one is in no other: only in a row without gaps.
-- +goose StatementBegin
CREATE FUNCTION settlement_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last settlement%ROWTYPE;
BEGIN
    SELECT * INTO last FROM settlement WHERE store = NEW.store AND currency = NEW.currency ORDER BY day DESC LIMIT 1;
    IF FOUND AND (NEW.after <> last.upto OR NEW.since <> last.until OR NEW.day <= last.day) THEN
        RAISE EXCEPTION 'the settlement of % on % does not follow that of %', NEW.store, NEW.day, last.day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_settlement_goes_on_from_the_one_before';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER settlements_follow_each_other BEFORE INSERT ON settlement FOR EACH ROW EXECUTE FUNCTION settlement_follows();
CREATE TRIGGER settlements_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE settlement ENABLE ALWAYS TRIGGER settlements_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON settlement FROM PUBLIC, CURRENT_USER;
