-- A capture that can never be done: the card company said so when it was asked. The sale stands in the book as the till was
-- told; the payment's reason says that its money did not come, and staff have it on their list until they settled it.

-- +goose Up
ALTER TABLE card_task
    ADD COLUMN why text NOT NULL DEFAULT '',     -- the company's final answer, where it would not
    ADD COLUMN given_at timestamptz;             -- when it was first due; null until it was told once

CREATE TABLE card_uncollected (
    charge     text NOT NULL CONSTRAINT a_charge_is_uncollected_once PRIMARY KEY REFERENCES card_charge (id),
    payment    text NOT NULL,                    -- empty: a top-up
    visitor    text NOT NULL,
    currency   text NOT NULL,
    amount     bigint NOT NULL CONSTRAINT something_is_uncollected CHECK (amount > 0),
    why        text NOT NULL CONSTRAINT what_is_uncollected_says_why CHECK (why IN ('declined', 'hold_expired', 'hold_cancelled',
        'hold_short', 'taken_other', 'unanswered')),
    found_at   timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by text NOT NULL DEFAULT '',
    answer     text NOT NULL DEFAULT '' CONSTRAINT an_answer_is_short CHECK (octet_length(answer) <= 400),
    CONSTRAINT what_is_settled_says_how_and_by_whom CHECK ((settled_at IS NULL) = (settled_by = '') AND (settled_at IS NULL) = (answer = ''))
);
CREATE INDEX card_uncollected_open ON card_uncollected (found_at) WHERE settled_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION uncollected_only_settles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.settled_at IS NOT NULL
        OR (NEW.charge, NEW.payment, NEW.visitor, NEW.currency, NEW.amount, NEW.why, NEW.found_at)
        IS DISTINCT FROM (OLD.charge, OLD.payment, OLD.visitor, OLD.currency, OLD.amount, OLD.why, OLD.found_at) THEN
        PERFORM refuse_row('what_was_not_collected_is_only_settled', 'card_uncollected', OLD.charge);
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER what_was_not_collected_is_only_settled BEFORE UPDATE OR DELETE ON card_uncollected
    FOR EACH ROW EXECUTE FUNCTION uncollected_only_settles();
