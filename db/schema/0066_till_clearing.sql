-- Why a locked till was let go on, by whom, and what it was locked for.

-- +goose Up
CREATE TABLE till_clearing (
    seq    bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_clearing_number_is_given_once PRIMARY KEY,
    till   text NOT NULL CONSTRAINT a_clearing_is_of_a_device REFERENCES device (id),
    staff  text NOT NULL CONSTRAINT a_clearing_says_who_did_it CHECK (staff <> ''),
    reason text NOT NULL,                        -- what was counted: code_wrong or not_live
    tries  integer NOT NULL CONSTRAINT a_clearing_is_of_a_till_with_tries CHECK (tries > 0),
    why    text NOT NULL CONSTRAINT a_clearing_says_why CHECK (why <> ''),
    at     timestamptz NOT NULL
);
CREATE INDEX till_clearing_of_till ON till_clearing (till, seq DESC);
CREATE TRIGGER till_clearings_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON till_clearing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
ALTER TABLE till_clearing ENABLE ALWAYS TRIGGER till_clearings_are_only_appended;
REVOKE UPDATE, DELETE, TRUNCATE ON till_clearing FROM PUBLIC, CURRENT_USER;
