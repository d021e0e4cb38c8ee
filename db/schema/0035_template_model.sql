-- Two embedding models may stand side by side: a template says which one made it, so that it is known without opening
-- any whether the former one is still needed.

-- +goose Up
ALTER TABLE template ADD COLUMN model text;
UPDATE template t SET model = e.model FROM enrolment e WHERE e.id = t.enrolment;
ALTER TABLE template ALTER COLUMN model SET NOT NULL;
