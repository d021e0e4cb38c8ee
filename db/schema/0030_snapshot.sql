-- The keys of the gallery's snapshot files. Withdrawing or erasing deletes every row here in its own transaction: what
-- is left in the data folder, and in copies of it, is noise from that moment on.

-- +goose Up
CREATE TABLE snapshot_key (
    snapshot text NOT NULL CONSTRAINT a_snapshot_has_one_key PRIMARY KEY,
    wrapped  bytea NOT NULL,
    made_at  timestamptz NOT NULL
);
CREATE INDEX event_of_template ON event (seq)
    WHERE kind IN ('template.added', 'template.grown', 'template.removed');

-- A template of three frames is a little longer than what a row keeps in place: read from beside the table, a million of
-- them cost two look-ups each.
ALTER TABLE template SET (toast_tuple_target = 8160);
