-- What a real card company knows our visitors and charges by, what it still has to forget, and what it told us by itself.

-- +goose Up

-- One name a visitor, made when the first card is saved; gone with the consent to payment.
CREATE TABLE card_customer (
    visitor text NOT NULL CONSTRAINT a_visitor_is_one_customer PRIMARY KEY,
    ref     text NOT NULL CONSTRAINT a_customer_has_a_name CHECK (ref <> ''),
    form    text NOT NULL DEFAULT '',            -- the company's form that was opened last and whose outcome was not asked yet
    made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX a_customer_is_one_visitor ON card_customer (ref);

-- A charge as the company knows it. The row is there before the first call, and the company's name for the charge (ref)
-- before the call that moves money; so a charge without one was never carried out, and never will be once it is barred.
CREATE TABLE card_intent (
    charge   text NOT NULL CONSTRAINT a_charge_is_one_intent PRIMARY KEY,
    token    text NOT NULL,
    currency text NOT NULL,
    amount   bigint NOT NULL,
    ref      text NOT NULL DEFAULT '',
    barred   boolean NOT NULL DEFAULT false,
    made_at  timestamptz NOT NULL,
    CONSTRAINT a_barred_intent_was_never_named CHECK (NOT barred OR ref = '')
);
CREATE UNIQUE INDEX an_intent_is_of_one_charge ON card_intent (ref) WHERE ref <> '';

-- Cards to be detached and customers to be deleted there: decided here, carried out until it is done.
CREATE TABLE card_farewell (
    seq     bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_farewell_number_is_given_once PRIMARY KEY,
    visitor text NOT NULL,
    kind    text NOT NULL CONSTRAINT a_card_or_a_customer_is_forgotten CHECK (kind IN ('card', 'customer')),
    ref     text NOT NULL CONSTRAINT a_farewell_is_said_once UNIQUE CHECK (ref <> ''),
    tries   integer NOT NULL DEFAULT 0,
    due_at  timestamptz NOT NULL
);
CREATE INDEX card_farewell_due ON card_farewell (due_at);

-- What the company told us by itself: its number, so that a message that comes again changes nothing.
CREATE TABLE card_notice (
    id          text NOT NULL CONSTRAINT a_notice_is_taken_once PRIMARY KEY,
    kind        text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX card_notice_received ON card_notice (received_at);

-- A payer's complaint to the bank about a charge.
CREATE TABLE card_dispute (
    id        text NOT NULL CONSTRAINT a_dispute_is_noted_once PRIMARY KEY,   -- the company's
    charge    text NOT NULL CONSTRAINT a_dispute_is_of_a_charge REFERENCES card_charge (id),
    currency  text NOT NULL,
    amount    bigint NOT NULL,
    reason    text NOT NULL,                     -- the company's word
    status    text NOT NULL CONSTRAINT a_dispute_is_open_won_or_lost CHECK (status IN ('open', 'won', 'lost')),
    opened_at timestamptz NOT NULL,
    ended_at  timestamptz,
    CONSTRAINT an_open_dispute_has_not_ended CHECK ((status = 'open') = (ended_at IS NULL))
);
CREATE INDEX card_dispute_of_charge ON card_dispute (charge);

-- +goose StatementBegin
CREATE FUNCTION dispute_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'open' OR NEW.id <> OLD.id OR NEW.charge <> OLD.charge OR NEW.amount <> OLD.amount THEN
        RAISE EXCEPTION 'a dispute that has ended stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER a_dispute_only_ends BEFORE UPDATE ON card_dispute FOR EACH ROW EXECUTE FUNCTION dispute_only_ends();
