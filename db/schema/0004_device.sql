-- Terminals and the people who work with them.

-- +goose Up
CREATE TABLE device (
    id          text CONSTRAINT a_device_id_is_given_once PRIMARY KEY,
    role        text NOT NULL CONSTRAINT a_device_is_a_gate_a_till_or_a_kiosk CHECK (role IN ('gate', 'till', 'kiosk')),
    name        text NOT NULL CONSTRAINT a_device_has_a_name CHECK (name <> ''),
    zone        text NOT NULL,
    hardware    text NOT NULL DEFAULT '',
    software    text NOT NULL DEFAULT '',
    created     timestamptz NOT NULL,
    claimed_at  timestamptz,
    revoked_at  timestamptz,
    seen_at     timestamptz,
    token_hash  bytea CONSTRAINT a_device_token_is_given_once UNIQUE,
    claim_hash  bytea CONSTRAINT a_claim_code_is_given_once UNIQUE, -- keyed
    claim_until timestamptz,
    CONSTRAINT a_claimed_device_has_a_token CHECK ((claimed_at IS NULL) = (token_hash IS NULL))
);

CREATE TABLE staff (
    id       text CONSTRAINT a_staff_id_is_given_once PRIMARY KEY,
    login    text NOT NULL CONSTRAINT a_login_belongs_to_one_person UNIQUE,
    name     text NOT NULL,
    role     text NOT NULL,
    language text NOT NULL,
    password text NOT NULL,            -- argon2id, in the PHC string format
    created  timestamptz NOT NULL,
    CONSTRAINT a_login_is_in_lower_case CHECK (login = lower(login) AND login <> '')
);

CREATE TABLE staff_session (
    token_hash bytea CONSTRAINT a_staff_session_token_is_given_once PRIMARY KEY,
    staff      text NOT NULL REFERENCES staff,
    created    timestamptz NOT NULL
);
CREATE INDEX staff_session_of_staff ON staff_session (staff);
CREATE INDEX staff_session_by_moment ON staff_session (created);

-- Wrong passwords, by what was typed as the login (hashed: people type passwords there).
CREATE TABLE staff_miss (
    login_hash bytea NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX staff_miss_of_login ON staff_miss (login_hash, at);
