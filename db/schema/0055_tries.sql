-- Who sees which try: a wrong code after a face was named is told to whoever was named, staff can let a locked till go on,
-- and a payment remembers whether its code was asked.

-- +goose Up
ALTER TABLE payment
    ADD COLUMN named text NOT NULL DEFAULT '',           -- whom the face alone named while the code is awaited
    ADD COLUMN coded boolean NOT NULL DEFAULT false;     -- the code was right
ALTER TABLE device ADD COLUMN cleared_at timestamptz;    -- tries before this moment count no more

-- Whoever was named is forgotten as soon as the code is not awaited any more.
-- +goose StatementBegin
CREATE FUNCTION payment_forgets_whom_it_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.named := '';
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER a_payment_forgets_whom_it_named BEFORE UPDATE ON payment
    FOR EACH ROW WHEN (NEW.status <> 'awaiting_code' AND NEW.named <> '') EXECUTE FUNCTION payment_forgets_whom_it_named();

-- As in 0041, and in the name of a member of staff where one asks: what is set for the transaction.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_says(ask payment_ask, p payment, kind text, amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event (seq, id, at, kind, actor, visitor, device, place, zone, subject, purpose, decision, status, reason,
        direction, currency, amount, took_us)
    VALUES (event_number(ask.place), ask.event, ask.at, kind, coalesce(nullif(current_setting('kaopass.actor', true), ''), p.till),
        p.payer, p.till, p.till_name, p.store, p.id, 'payment', '', p.status, p.reason, '', p.currency, amount, 0);
END $$;
-- +goose StatementEnd
