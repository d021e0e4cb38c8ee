-- What was held for seven days is not taken afterwards, also where the timer has not come to it: the server was down, or it is
-- busy. A card company has let go of it by then, and the payer may count on it.

-- +goose Up

-- As in 0041, and: a hold whose time is over ends, as it does by the timer.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payment_capture(ask payment_ask, asked bigint, asked_currency text) RETURNS payment_answer LANGUAGE plpgsql AS $$
DECLARE
    begun record;
    a payment_answer;
    p payment;
    take bigint;
    charge text;
BEGIN
    begun := payment_begin(ask);
    a := begun.a;
    p := begun.p;
    IF a.problem IS NOT NULL THEN
        RETURN a;
    END IF;
    take := CASE asked WHEN 0 THEN p.authorised ELSE asked END;
    IF p.status <> 'authorised' THEN
        a.problem := 'state';
        a.status := p.status;
        RETURN a;
    ELSIF ask.at >= p.expires_at THEN
        RETURN payment_release(ask, p, 'expired', 'expired', 'payment_expired', '');
    ELSIF take < 0 OR take > p.authorised OR asked <> 0 AND asked_currency <> p.currency THEN
        a.problem := 'amount';
        RETURN a;
    END IF;
    charge := payment_resolve(ask, p, 'posted', take);
    UPDATE payment SET status = 'captured', reason = '', captured = take, decided_at = ask.at WHERE id = p.id RETURNING * INTO p;
    PERFORM card_task_add(charge, 'capture', '', p.currency, take, ask.at);
    PERFORM payment_says(ask, p, 'payment.captured', take);
    RETURN payment_done(ask, p, '', '', charge);
END $$;
-- +goose StatementEnd
