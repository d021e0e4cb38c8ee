-- What the live board reads, so that it stays quick with a million people and 300,000 events a day.

-- +goose Up
ALTER TABLE event ADD COLUMN direction text NOT NULL DEFAULT '';

-- How many people gave a face, counted as they come and go. Each connection counts in a slot of its own, so that two
-- enrolments seldom wait for each other; the sum over the slots is the number.
CREATE TABLE head_count (
    slot   integer CONSTRAINT a_slot_is_counted_once PRIMARY KEY,
    people bigint NOT NULL,
    payers bigint NOT NULL
);
INSERT INTO head_count SELECT slot, 0, 0 FROM generate_series(0, 15) slot;
UPDATE head_count SET people = (SELECT count(*) FROM enrolment),
    payers = (SELECT count(*) FROM template WHERE purpose = 'payment') WHERE slot = 0;

-- +goose StatementBegin
CREATE FUNCTION count_heads() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    UPDATE head_count SET people = people + change * (TG_TABLE_NAME = 'enrolment')::integer,
        payers = payers + change * (TG_TABLE_NAME = 'template')::integer
    WHERE slot = pg_backend_pid() % 16;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER people_are_counted AFTER INSERT OR DELETE ON enrolment FOR EACH ROW EXECUTE FUNCTION count_heads();
CREATE TRIGGER payers_are_counted_in AFTER INSERT ON template FOR EACH ROW WHEN (NEW.purpose = 'payment')
    EXECUTE FUNCTION count_heads();
CREATE TRIGGER payers_are_counted_out AFTER DELETE ON template FOR EACH ROW WHEN (OLD.purpose = 'payment')
    EXECUTE FUNCTION count_heads();
