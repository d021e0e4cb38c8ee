-- The venue itself, and the two things that every verb writes: its event and the outcome of its key.

-- +goose Up
CREATE TABLE venue (
    one            boolean NOT NULL DEFAULT true CONSTRAINT there_is_one_venue PRIMARY KEY,
    key_check      bytea,                       -- proves that the keys in the folder are those that sealed what is here
    numbers_behind bigint NOT NULL DEFAULT 0,   -- added to transaction ids after a restore into a younger cluster
    CONSTRAINT there_is_no_second_venue CHECK (one)
);
INSERT INTO venue DEFAULT VALUES;

-- An event's number is its transaction's id and its place in the transaction. So numbers are unique without a sequence,
-- and a reader may go by number alone as long as it stays below the oldest running transaction: whatever commits late
-- has a number above that.
-- +goose StatementBegin
CREATE FUNCTION event_number(place integer) RETURNS bigint
    LANGUAGE sql VOLATILE
    RETURN ((pg_current_xact_id()::text::bigint + (SELECT numbers_behind FROM venue)) << 16) | place;
-- +goose StatementEnd

-- Every event below the horizon is there to be read, or never will be.
-- +goose StatementBegin
CREATE FUNCTION event_horizon() RETURNS bigint
    LANGUAGE sql STABLE
    RETURN (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (SELECT numbers_behind FROM venue)) << 16;
-- +goose StatementEnd

CREATE TABLE event (
    seq      bigint NOT NULL CONSTRAINT an_event_number_is_given_once PRIMARY KEY,
    xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id       text NOT NULL,
    at       timestamptz NOT NULL,
    kind     text NOT NULL CONSTRAINT an_event_says_what_happened CHECK (kind ~ '^[a-z]+\.[a-z_]+$'),
    actor    text NOT NULL CONSTRAINT an_event_says_who_did_it CHECK (actor <> ''),
    visitor  text NOT NULL,
    device   text NOT NULL,
    place    text NOT NULL,
    zone     text NOT NULL,
    subject  text NOT NULL,
    purpose  text NOT NULL,
    decision text NOT NULL,
    status   text NOT NULL,
    reason   text NOT NULL,
    currency text NOT NULL,
    amount   bigint NOT NULL,
    took_us  bigint NOT NULL,
    CONSTRAINT an_event_number_lies_in_its_transaction CHECK (seq & 65535 BETWEEN 1 AND 65535)
);
CREATE UNIQUE INDEX an_event_id_is_given_once ON event (id);
CREATE INDEX event_by_moment ON event (at);
CREATE INDEX event_of_visitor ON event (visitor, seq) WHERE visitor <> '';
CREATE INDEX event_of_device ON event (device, seq) WHERE device <> '';
CREATE INDEX event_of_subject ON event (subject, seq) WHERE subject <> '';

-- +goose StatementBegin
CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER events_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE event ENABLE ALWAYS TRIGGER events_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON event FROM PUBLIC, CURRENT_USER;

-- The outcome of each request that a client named (Idempotency-Key).
CREATE TABLE request_key (
    owner   text NOT NULL,
    name    text NOT NULL,
    body    bytea NOT NULL CONSTRAINT a_request_body_is_a_hash CHECK (length(body) = 32),
    outcome jsonb NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT a_request_key_has_one_outcome PRIMARY KEY (owner, name)
);
CREATE INDEX request_key_by_moment ON request_key (at);
