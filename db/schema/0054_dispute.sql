-- "That wasn't me": who stopped a visitor's payments, and the case that staff answer. A case holds nothing of a face and
-- no words of the visitor's; what staff answered goes when the account does.

-- +goose Up
ALTER TABLE visitor
    ADD COLUMN frozen_by text NOT NULL DEFAULT ''
        CONSTRAINT payments_are_stopped_by_somebody_known CHECK (frozen_by IN ('', 'visitor', 'staff', 'dispute')),
    ADD COLUMN frozen_at timestamptz;
UPDATE visitor SET frozen_by = 'visitor', frozen_at = now() WHERE frozen;
CREATE TABLE dispute (
    id          text NOT NULL CONSTRAINT a_case_id_is_given_once PRIMARY KEY,
    seq         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_case_number_is_given_once UNIQUE,
    visitor     text NOT NULL CONSTRAINT a_case_is_somebodys REFERENCES visitor,
    state       text NOT NULL DEFAULT 'open'
        CONSTRAINT a_case_is_of_a_known_state CHECK (state IN ('open', 'refunded', 'rejected', 'withdrawn', 'erased')),
    event       text NOT NULL,                   -- what they pointed at
    kind        text NOT NULL,                   -- of that event
    payment     text NOT NULL,                   -- empty where it was no payment
    currency    text NOT NULL,
    amount      bigint NOT NULL CONSTRAINT a_case_is_about_no_less_than_nothing CHECK (amount >= 0),
    place       text NOT NULL,
    at          timestamptz NOT NULL,            -- of that event
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    assigned    text NOT NULL DEFAULT '',        -- stf_…
    decided_at  timestamptz,
    decided_by  text NOT NULL DEFAULT '',
    answer      text NOT NULL DEFAULT '' CONSTRAINT an_answer_is_short CHECK (octet_length(answer) <= 500),
    refund      text NOT NULL DEFAULT '',
    CONSTRAINT a_case_that_ended_has_a_moment CHECK ((state = 'open') = (decided_at IS NULL)),
    CONSTRAINT a_case_that_staff_ended_names_them CHECK (state NOT IN ('refunded', 'rejected') OR decided_by <> ''),
    CONSTRAINT a_rejected_case_says_why CHECK (state <> 'rejected' OR answer <> ''),
    CONSTRAINT an_erased_case_is_bare CHECK (state <> 'erased' OR (answer = '' AND decided_by = ''))
);
CREATE UNIQUE INDEX a_payment_has_one_open_case ON dispute (payment) WHERE state = 'open' AND payment <> '';
CREATE UNIQUE INDEX an_event_has_one_open_case ON dispute (event) WHERE state = 'open';
CREATE INDEX dispute_of_visitor ON dispute (visitor, seq);
CREATE INDEX dispute_open ON dispute (due_at, seq) WHERE state = 'open';

-- A case ends once; afterwards only an erased account takes words out of it.
-- +goose StatementBegin
CREATE FUNCTION dispute_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'open' OR OLD.state = NEW.state OR NEW.state = 'erased' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'case % cannot go from % to %', NEW.id, OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_case_ends_once';
END $$;
-- +goose StatementEnd
CREATE TRIGGER cases_end_once BEFORE UPDATE ON dispute FOR EACH ROW EXECUTE FUNCTION dispute_moves();
CREATE TRIGGER cases_are_never_deleted BEFORE DELETE OR TRUNCATE ON dispute
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
