-- What tills believe to have sold: held against the ledger when a day is reconciled.

-- +goose Up
CREATE TABLE till_total (
    seq      bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_report_number_is_given_once PRIMARY KEY,
    till     text NOT NULL CONSTRAINT totals_are_of_a_till CHECK (till <> ''),
    day      date NOT NULL,
    currency text NOT NULL,
    captures integer NOT NULL CONSTRAINT a_till_counts_its_captures_from_zero CHECK (captures >= 0),
    captured bigint NOT NULL CONSTRAINT a_till_sums_its_captures_from_zero CHECK (captured >= 0),
    refunds  integer NOT NULL CONSTRAINT a_till_counts_its_refunds_from_zero CHECK (refunds >= 0),
    refunded bigint NOT NULL CONSTRAINT a_till_sums_its_refunds_from_zero CHECK (refunded >= 0),
    at       timestamptz NOT NULL
);
CREATE INDEX till_total_of_day ON till_total (day, till, seq DESC);
CREATE TRIGGER till_totals_are_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON till_total
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
