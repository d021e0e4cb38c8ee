-- Faces: one enrolment a visitor, one sealed template for each purpose that is consented to.

-- +goose Up
CREATE TABLE enrolment (
    id      text CONSTRAINT an_enrolment_id_is_given_once PRIMARY KEY,
    visitor text NOT NULL CONSTRAINT a_visitor_has_one_enrolment UNIQUE REFERENCES visitor,
    model   text NOT NULL,
    frames  integer NOT NULL,
    created timestamptz NOT NULL,
    made_by text NOT NULL
);

CREATE TABLE template (
    enrolment text NOT NULL REFERENCES enrolment,
    purpose   text NOT NULL CONSTRAINT a_template_is_for_admission_or_payment CHECK (purpose IN ('admission', 'payment')),
    sealed    bytea NOT NULL,          -- with the person's key, for this purpose
    CONSTRAINT an_enrolment_has_one_template_a_purpose PRIMARY KEY (enrolment, purpose)
);
ALTER TABLE template ALTER COLUMN sealed SET STORAGE EXTERNAL; -- noise does not compress
CREATE INDEX template_for_purpose ON template (purpose);
