-- A template may learn: a frame joins it after a payment that the code confirmed, once a day at most.

-- +goose Up
ALTER TABLE template ADD COLUMN grown_at timestamptz; -- when it last did
