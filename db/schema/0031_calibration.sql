-- What the gallery's faces say about scores: one measurement a row, of which one a model is in force.

-- +goose Up
CREATE TABLE calibration (
    id         text CONSTRAINT a_calibration_id_is_given_once PRIMARY KEY,
    made_at    timestamptz NOT NULL,
    made_by    text NOT NULL,
    model      text NOT NULL,
    people     integer NOT NULL,
    strangers  integer NOT NULL,
    twice      integer NOT NULL,
    loosens    double precision NOT NULL,
    state      text NOT NULL CONSTRAINT a_calibration_waits_stands_or_is_over CHECK (state IN ('waiting', 'in_force', 'past', 'dropped')),
    decided_at timestamptz,
    decided_by text NOT NULL DEFAULT '',
    body       bytea NOT NULL CONSTRAINT a_calibration_is_small CHECK (length(body) <= 1048576)
);
CREATE UNIQUE INDEX one_calibration_of_a_model_is_in_force ON calibration (model) WHERE state = 'in_force';
CREATE UNIQUE INDEX one_calibration_of_a_model_waits ON calibration (model) WHERE state = 'waiting';
CREATE INDEX calibration_by_time ON calibration (made_at DESC);
