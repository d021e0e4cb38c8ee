-- Fewer index entries a payment. A confirmation wrote 21 of them, which was a fifth of its time: one index says now what
-- three said, what is rarely asked for is read from the index of its visitor, and a payment's change stays on its page (no
-- index looks at what changes), where a new version costs no index an entry.

-- +goose Up

-- A payment holds once, captures once, and ends its hold once; its refunds have ids of their own.
CREATE UNIQUE INDEX a_payment_is_held_once_and_captured_once ON transfer (payment, kind, state, refund) WHERE payment <> '';
DROP INDEX a_payment_is_held_once, a_payment_is_captured_once, transfer_of_payment;
ALTER TABLE transfer DROP CONSTRAINT a_pending_transfer_ends_once;
CREATE UNIQUE INDEX a_pending_transfer_ends_once ON transfer (resolves) WHERE resolves IS NOT NULL;
ALTER TABLE transfer DROP CONSTRAINT a_transfer_number_is_given_once; -- generated always, and nobody looks one up

-- Of an event, its number is the key. Tries of a till are counted from one index; a visitor's own few are counted from theirs.
DROP INDEX an_event_id_is_given_once, event_code_wrong, event_not_live, event_bind_refused, event_enrolment_refused;
CREATE INDEX event_of_try ON event (device, at) WHERE reason IN ('code_wrong', 'not_live');

-- Forgotten a day's worth at a time.
DROP INDEX request_key_by_moment;
CREATE INDEX request_key_by_moment ON request_key USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

-- Whatever waits is found by the end of its time, from where the last look ended: whether it waits stands in no index.
DROP INDEX payment_that_waits;
CREATE INDEX payment_by_expiry ON payment (expires_at);
ALTER TABLE payment SET (fillfactor = 70);
CREATE TABLE payment_sweep (
    one  boolean NOT NULL DEFAULT true CONSTRAINT there_is_one_sweep PRIMARY KEY CHECK (one),
    upto timestamptz NOT NULL                    -- nothing waits whose time ended before
);
INSERT INTO payment_sweep (upto) VALUES ('-infinity');
