-- People: who they are, how they sign in, what they agreed to.

-- +goose Up
CREATE TABLE visitor (
    id           text CONSTRAINT a_visitor_id_is_given_once PRIMARY KEY,
    name         bytea,                -- sealed with the venue's key
    contact      bytea,                -- sealed with the venue's key; none at a kiosk, and after erasure
    contact_hash bytea CONSTRAINT a_contact_belongs_to_one_visitor UNIQUE, -- keyed
    language     text NOT NULL,
    created      timestamptz NOT NULL,
    frozen       boolean NOT NULL DEFAULT false,
    erased_at    timestamptz,
    CONSTRAINT a_contact_is_found_by_its_hash CHECK ((contact IS NULL) = (contact_hash IS NULL)),
    CONSTRAINT an_erased_visitor_is_bare CHECK (erased_at IS NULL OR (name IS NULL AND contact IS NULL))
);

-- The person's data key, wrapped with the venue's. Deleting this row is what erases a face.
CREATE TABLE person_key (
    visitor text CONSTRAINT a_person_has_one_key PRIMARY KEY REFERENCES visitor,
    wrapped bytea NOT NULL
);

CREATE TABLE sign_in_code (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_hash bytea NOT NULL,
    code_hash    bytea NOT NULL,
    created      timestamptz NOT NULL,
    tries        integer NOT NULL DEFAULT 0,
    spent        boolean NOT NULL DEFAULT false
);
CREATE INDEX sign_in_code_of_contact ON sign_in_code (contact_hash, created);
CREATE INDEX sign_in_code_by_moment ON sign_in_code (created);

CREATE TABLE session (
    token_hash bytea CONSTRAINT a_session_token_is_given_once PRIMARY KEY,
    visitor    text NOT NULL REFERENCES visitor,
    helper     text NOT NULL,          -- the member of staff at a kiosk; empty for the visitor's own
    created    timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
);
CREATE INDEX session_of_visitor ON session (visitor);
CREATE INDEX session_by_use ON session (used_at);

CREATE TABLE passkey (
    id      bytea CONSTRAINT a_passkey_belongs_to_one_visitor PRIMARY KEY,
    visitor text NOT NULL REFERENCES visitor,
    name    text NOT NULL,
    data    bytea NOT NULL,            -- the credential record; a public key and a counter
    created timestamptz NOT NULL
);
CREATE INDEX passkey_of_visitor ON passkey (visitor, created);

CREATE TABLE ceremony (
    name_hash bytea CONSTRAINT a_ceremony_name_is_given_once PRIMARY KEY,
    data      bytea NOT NULL,
    created   timestamptz NOT NULL
);
CREATE INDEX ceremony_by_moment ON ceremony (created);

CREATE TABLE consent (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    visitor      text NOT NULL REFERENCES visitor,
    purpose      text NOT NULL CONSTRAINT a_consent_is_for_admission_or_payment CHECK (purpose IN ('admission', 'payment')),
    text_version text NOT NULL,
    text_hash    text NOT NULL,
    language     text NOT NULL,
    method       text NOT NULL,
    mark         bytea NOT NULL,       -- sealed with the person's key
    signed_at    timestamptz NOT NULL,
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_consent_stands_for_a_purpose ON consent (visitor, purpose) WHERE withdrawn_at IS NULL;
CREATE INDEX consent_of_visitor ON consent (visitor, purpose, id);
