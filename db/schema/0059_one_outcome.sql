-- The outcome of a verb is written in one place: payment_outcome, for one payment as for a group.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_done(ask payment_ask, p payment, refund text, did text, charge text) RETURNS payment_answer
    LANGUAGE plpgsql AS $$
DECLARE
    a payment_answer;
BEGIN
    a.problem := '';
    a.replayed := false;
    a.charge := charge;
    a.outcome := payment_outcome(p, refund, did);
    IF p.payer <> '' THEN
        SELECT v.name INTO a.name FROM visitor v WHERE v.id = p.payer AND v.erased_at IS NULL;
    END IF;
    IF ask.key_name <> '' THEN
        INSERT INTO request_key AS k (owner, name, body, outcome, at)
        VALUES (ask.key_owner, ask.key_name, ask.key_body, a.outcome, ask.at)
        ON CONFLICT ON CONSTRAINT a_request_key_has_one_outcome
            DO UPDATE SET body = excluded.body, outcome = excluded.outcome, at = excluded.at WHERE k.at <= ask.key_since;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'another request with this key was first' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    RETURN a;
END $$;
-- +goose StatementEnd
