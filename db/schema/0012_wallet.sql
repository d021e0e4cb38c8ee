-- How a visitor pays: methods, the four-digit code, and what a card company was asked.

-- +goose Up
CREATE TABLE method (
    id         text NOT NULL CONSTRAINT a_method_id_is_given_once PRIMARY KEY,
    visitor    text NOT NULL CONSTRAINT a_method_is_somebodys CHECK (visitor <> ''),
    kind       text NOT NULL CONSTRAINT a_method_is_emoney_or_card CHECK (kind IN ('emoney', 'card')),
    label      text NOT NULL CONSTRAINT a_label_is_short CHECK (octet_length(label) BETWEEN 1 AND 80),
    token      text NOT NULL,                    -- the card company's name for the card; never shown
    first      boolean NOT NULL,                 -- the one that a till offers first
    added_at   timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT a_card_has_a_token CHECK ((kind = 'card') = (token <> '')),
    CONSTRAINT a_wallet_is_not_removed CHECK (kind = 'card' OR removed_at IS NULL),
    CONSTRAINT a_removed_method_is_not_first CHECK (removed_at IS NULL OR NOT first)
);
CREATE UNIQUE INDEX a_visitor_has_one_wallet ON method (visitor) WHERE kind = 'emoney';
CREATE UNIQUE INDEX a_visitor_has_one_first_method ON method (visitor) WHERE first;
CREATE INDEX method_of_visitor ON method (visitor) WHERE removed_at IS NULL;

CREATE TABLE payment_code (
    visitor   text NOT NULL CONSTRAINT a_visitor_has_one_code PRIMARY KEY,
    hash      bytea NOT NULL CONSTRAINT a_code_is_kept_as_a_hash CHECK (length(hash) = 32),
    issued_at timestamptz NOT NULL,
    tries     smallint NOT NULL DEFAULT 0,       -- wrong ones of practice, since tried_at
    tried_at  timestamptz
);
CREATE INDEX payment_code_holders ON payment_code (hash);

-- What we asked a card company for. The call itself happens between two transactions, so the row is there before it.
CREATE TABLE card_charge (
    id        text NOT NULL CONSTRAINT a_charge_id_is_given_once PRIMARY KEY,
    visitor   text NOT NULL,
    method    text NOT NULL,
    payment   text NOT NULL,                     -- empty: a top-up
    currency  text NOT NULL,
    amount    bigint NOT NULL CONSTRAINT a_charge_is_of_something CHECK (amount > 0),
    state     text NOT NULL CONSTRAINT a_charge_is_of_a_known_state CHECK (state IN ('unknown', 'approved', 'declined', 'unreachable')),
    asked_at  timestamptz NOT NULL,
    settled_at timestamptz,
    key_owner text NOT NULL,                     -- the request that asked, so that whoever settles keeps its outcome
    key_name  text NOT NULL,
    key_body  bytea NOT NULL,
    CONSTRAINT a_settled_charge_is_known CHECK ((state = 'unknown') = (settled_at IS NULL))
);
CREATE UNIQUE INDEX a_payment_is_charged_once ON card_charge (payment) WHERE payment <> '';
CREATE UNIQUE INDEX a_top_up_is_charged_once ON card_charge (key_owner, key_name)
    WHERE payment = '' AND key_name <> '' AND state = 'unknown';
CREATE INDEX card_charge_unknown ON card_charge (asked_at) WHERE state = 'unknown';
CREATE INDEX card_charge_of_visitor ON card_charge (visitor) WHERE state = 'unknown';

-- What we still have to tell a card company: decided and booked here, carried out until it is done.
CREATE TABLE card_task (
    seq      bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_task_number_is_given_once PRIMARY KEY,
    charge   text NOT NULL CONSTRAINT a_task_is_of_a_charge REFERENCES card_charge (id),
    verb     text NOT NULL CONSTRAINT a_task_captures_releases_or_refunds CHECK (verb IN ('capture', 'release', 'refund')),
    refund   text NOT NULL,
    currency text NOT NULL,
    amount   bigint NOT NULL,
    state    text NOT NULL DEFAULT 'open' CONSTRAINT a_task_is_open_done_or_refused CHECK (state IN ('open', 'done', 'refused')),
    tries    integer NOT NULL DEFAULT 0,
    due_at   timestamptz NOT NULL,
    CONSTRAINT a_refund_task_names_its_refund CHECK ((verb = 'refund') = (refund <> ''))
);
CREATE UNIQUE INDEX a_task_is_given_once ON card_task (charge, verb, refund);
CREATE INDEX card_task_due ON card_task (due_at) WHERE state = 'open';
