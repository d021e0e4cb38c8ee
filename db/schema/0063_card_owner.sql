-- A bank that wants to hear from a card's owner (strong customer authentication): the card pays again once they have
-- answered on the card company's own page. And each page that was opened there, so that its outcome is taken once.

-- +goose Up

-- A card that is asked about: nobody asks its bank again before the owner has answered. The row goes with the answer.
CREATE TABLE card_owner (
    method   text NOT NULL CONSTRAINT a_card_is_asked_about_once PRIMARY KEY REFERENCES method (id),
    visitor  text NOT NULL,
    charge   text NOT NULL CONSTRAINT a_bank_asks_because_of_a_charge REFERENCES card_charge (id),
    asked_at timestamptz NOT NULL,
    tries    integer NOT NULL DEFAULT 0,         -- to write to the owner
    due_at   timestamptz NOT NULL,
    told_at  timestamptz                         -- when the letter was taken by the gateway, or given up
);
CREATE INDEX card_owner_untold ON card_owner (due_at) WHERE told_at IS NULL;
CREATE INDEX card_owner_of_visitor ON card_owner (visitor);

-- A page of the card company that a visitor was sent to. It ends once, whoever hears of it first and however often.
CREATE TABLE card_form (
    id        text NOT NULL CONSTRAINT a_form_ends_once PRIMARY KEY,
    visitor   text NOT NULL,
    method    text NOT NULL,                     -- the card whose owner answers; empty: a card to be added
    opened_at timestamptz NOT NULL,
    ended_at  timestamptz
);
CREATE INDEX card_form_of_visitor ON card_form (visitor);
INSERT INTO card_form (id, visitor, method, opened_at) SELECT form, visitor, '', made_at FROM card_customer WHERE form <> '';
ALTER TABLE card_customer DROP COLUMN form;
