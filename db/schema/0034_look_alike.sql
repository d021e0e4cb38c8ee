-- People who resemble each other so much that a till asks both for the code.

-- +goose Up
CREATE TABLE look_alike (
    older    text NOT NULL,                    -- of two enrolments; their ids sort by time
    newer    text NOT NULL,
    purpose  text NOT NULL DEFAULT 'payment' CONSTRAINT look_alikes_are_those_who_pay CHECK (purpose = 'payment'),
    since    timestamptz NOT NULL,
    same     boolean NOT NULL,                 -- so near that it is most likely one person, enrolled twice
    answered boolean NOT NULL DEFAULT false,   -- the newer said that they had not enrolled before
    CONSTRAINT two_look_alikes_are_noted_once PRIMARY KEY (older, newer),
    CONSTRAINT nobody_is_their_own_look_alike CHECK (older COLLATE "C" < newer COLLATE "C"),
    CONSTRAINT the_older_look_alike_can_be_found FOREIGN KEY (older, purpose) REFERENCES template (enrolment, purpose),
    CONSTRAINT the_newer_look_alike_can_be_found FOREIGN KEY (newer, purpose) REFERENCES template (enrolment, purpose)
);
CREATE INDEX look_alike_of_newer ON look_alike (newer);

-- Which templates were compared with everyone's. What is there already is compared at the next start.
ALTER TABLE template ADD COLUMN compared_at timestamptz;
CREATE INDEX template_to_compare ON template (enrolment) WHERE compared_at IS NULL AND purpose = 'payment';

-- +goose StatementBegin
CREATE FUNCTION template_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.compared_at := NULL;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER a_template_that_changed_is_compared_again BEFORE UPDATE OF sealed ON template
    FOR EACH ROW EXECUTE FUNCTION template_is_new();
