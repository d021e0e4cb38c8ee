-- The seal on the log: each link covers the events up to a number and the link before it.

-- +goose Up
CREATE TABLE event_link (
    n       bigint CONSTRAINT a_link_has_one_place PRIMARY KEY CONSTRAINT links_are_counted_from_one CHECK (n > 0),
    upto    bigint NOT NULL CONSTRAINT a_link_ends_after_the_one_before UNIQUE,
    events  bigint NOT NULL CONSTRAINT a_link_covers_something CHECK (events > 0),
    seal    bytea NOT NULL CONSTRAINT a_link_is_sealed CHECK (length(seal) = 32),
    at      timestamptz NOT NULL
);
CREATE TRIGGER links_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON event_link
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE event_link ENABLE ALWAYS TRIGGER links_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON event_link FROM PUBLIC, CURRENT_USER;
