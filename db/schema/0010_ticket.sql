-- The book of tickets, and every attempt to go through a gate.

-- +goose Up
CREATE TABLE ticket (
    id          text NOT NULL CONSTRAINT a_ticket_id_is_given_once PRIMARY KEY,
    number      text NOT NULL
        CONSTRAINT a_ticket_number_is_given_once UNIQUE
        CONSTRAINT a_ticket_number_is_thirteen_digits CHECK (number ~ '^[0-9]{13}$'),
    kind        text NOT NULL CONSTRAINT a_ticket_is_season_summer_or_day CHECK (kind IN ('season', 'summer', 'day')),
    zones       text[] NOT NULL,                 -- empty: every zone
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    entries_max integer NOT NULL CONSTRAINT entries_are_not_negative CHECK (entries_max >= 0),
    entries     integer NOT NULL DEFAULT 0,
    holder      text NOT NULL DEFAULT '',
    bound_at    timestamptz,
    issued_at   timestamptz NOT NULL,
    revoked_at  timestamptz,
    inside      boolean NOT NULL DEFAULT false,
    inside_zone text NOT NULL DEFAULT '',
    pending     text NOT NULL DEFAULT '',        -- the admission that holds the ticket until pending_until
    pending_gate  text NOT NULL DEFAULT '',
    pending_until timestamptz,
    CONSTRAINT a_ticket_ends_after_it_begins CHECK (valid_until > valid_from),
    CONSTRAINT a_ticket_is_not_used_more_often_than_sold CHECK (entries >= 0 AND (entries_max = 0 OR entries <= entries_max)),
    CONSTRAINT a_bound_ticket_has_a_holder CHECK ((holder <> '') = (bound_at IS NOT NULL)),
    CONSTRAINT a_pending_admission_has_an_end CHECK ((pending <> '') = (pending_until IS NOT NULL))
);
CREATE INDEX ticket_of_holder ON ticket (holder) WHERE holder <> '';
CREATE INDEX ticket_inside ON ticket (inside_zone) WHERE inside;

CREATE TABLE admission (
    id          text NOT NULL CONSTRAINT an_admission_id_is_given_once PRIMARY KEY,
    device      text NOT NULL,
    gate_name   text NOT NULL,                   -- as it was then
    zone        text NOT NULL,
    direction   text NOT NULL CONSTRAINT a_gate_leads_in_or_out CHECK (direction IN ('entry', 'exit')),
    decision    text NOT NULL CONSTRAINT a_gate_admits_refuses_or_asks CHECK (decision IN ('admit', 'refuse', 'ask_staff')),
    reason      text NOT NULL CONSTRAINT a_verdict_has_a_reason CHECK (reason <> ''),
    ticket      text NOT NULL,                   -- empty where the QR code named none of ours
    holder      text NOT NULL,
    captured_at timestamptz,                     -- by the device's clock: kept, never trusted
    skew_ms     bigint,                          -- how far that clock is ahead of ours
    decided_at  timestamptz NOT NULL,
    took_us     bigint NOT NULL,
    pass_by     timestamptz,
    passed_at   timestamptz,
    undone_at   timestamptz,
    undone_why  text NOT NULL DEFAULT '' CONSTRAINT a_reason_to_undo_is_a_sentence CHECK (octet_length(undone_why) <= 200),
    CONSTRAINT only_an_admitted_guest_passes CHECK (decision = 'admit' OR (passed_at IS NULL AND undone_at IS NULL)),
    CONSTRAINT an_admission_has_an_end CHECK ((decision = 'admit') = (pass_by IS NOT NULL))
);
CREATE INDEX admission_of_gate ON admission (device, decided_at DESC);
CREATE INDEX admission_of_ticket ON admission (ticket, decided_at DESC) WHERE ticket <> '';
CREATE INDEX admission_passed ON admission (device, passed_at DESC) WHERE passed_at IS NOT NULL;

-- What was decided stays decided: only passing and taking back are written later, and each once.
-- +goose StatementBegin
CREATE FUNCTION a_verdict_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'admission % was decided at %', OLD.id, OLD.decided_at USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER verdicts_are_never_changed BEFORE UPDATE ON admission FOR EACH ROW
    WHEN ((OLD.device, OLD.direction, OLD.decision, OLD.reason, OLD.ticket, OLD.holder, OLD.decided_at, OLD.pass_by)
        IS DISTINCT FROM
        (NEW.device, NEW.direction, NEW.decision, NEW.reason, NEW.ticket, NEW.holder, NEW.decided_at, NEW.pass_by)
        OR OLD.passed_at <> NEW.passed_at OR OLD.undone_at <> NEW.undone_at)
    EXECUTE FUNCTION a_verdict_is_never_changed();
CREATE TRIGGER admissions_are_never_deleted BEFORE DELETE OR TRUNCATE ON admission
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
