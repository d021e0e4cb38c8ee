-- Faces that were not taken for living ones are counted where they were shown, and so are captures that ended badly.

-- +goose Up
ALTER TABLE admission ADD COLUMN unlooked boolean NOT NULL DEFAULT false; -- refused without looking at the face
CREATE INDEX admission_not_live ON admission (device, decided_at) WHERE reason = 'not_live';
CREATE INDEX event_not_live ON event (device, at) WHERE reason = 'not_live';
CREATE INDEX event_enrolment_refused ON event (visitor, at) WHERE kind = 'enrolment.refused';
