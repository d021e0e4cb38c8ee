-- How an audit writes a row down, so that a breach shows both of its sides: ids, sums, states and moments. No name of a
-- person or a till, nothing of a face, no code and no token is among them.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION audit_row(t transfer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('transfer %s at %s: %s %s, %s %s from %s to %s, of visitor %s', t.id, outcome_moment(t.at), t.state, t.kind,
        t.currency, t.amount, t.debit, t.credit, t.visitor)
        || CASE WHEN t.resolves IS NULL THEN '' ELSE ', resolves ' || t.resolves END
        || CASE t.payment WHEN '' THEN '' ELSE ', payment ' || t.payment END
        || CASE t.refund WHEN '' THEN '' ELSE ', refund ' || t.refund END
        || CASE t.charge WHEN '' THEN '' ELSE ', charge ' || t.charge END
        || CASE t.device WHEN '' THEN '' ELSE ', till ' || t.device END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(p payment) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('payment %s created at %s: %s, of %s %s; authorised %s, captured %s, refunded %s; payer %s, till %s', p.id,
        outcome_moment(p.created_at), p.status || CASE p.reason WHEN '' THEN '' ELSE ' (' || p.reason || ')' END, p.currency,
        p.amount, p.authorised, p.captured, p.refunded, coalesce(nullif(p.payer, ''), 'nobody'), p.till)
        || CASE WHEN p.decided_at IS NULL THEN '' ELSE ', decided at ' || outcome_moment(p.decided_at) END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(a account) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('account %s, %s of %s in %s, opened at %s', a.id, a.kind, coalesce(nullif(a.owner, ''), 'the venue'), a.currency,
        outcome_moment(a.opened_at))
        || CASE WHEN a.balance IS NULL THEN '' ELSE format(': balance %s, held %s', a.balance, a.held) END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(c card_charge) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('charge %s asked at %s: %s, of %s %s, visitor %s', c.id, outcome_moment(c.asked_at), c.state, c.currency, c.amount,
        c.visitor)
        || CASE c.payment WHEN '' THEN ', a top-up' ELSE ', payment ' || c.payment END
        || CASE WHEN c.settled_at IS NULL THEN '' ELSE ', settled at ' || outcome_moment(c.settled_at) END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(k card_task) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('task %s due at %s: %s, %s %s of charge %s%s after %s tries', k.seq, outcome_moment(k.due_at), k.state, k.currency,
        k.amount, k.charge, ' to ' || k.verb || CASE k.refund WHEN '' THEN '' ELSE ' as ' || k.refund END, k.tries)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(e event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('event %s at %s: %s of %s %s, by %s', e.id, outcome_moment(e.at), e.kind || CASE e.status WHEN '' THEN '' ELSE
        ' (' || e.status || ')' END, e.currency, e.amount, e.actor)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_row(k request_key) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('key %s of %s kept at %s: payment %s, %s, captured %s, refunded %s', k.name, k.owner, outcome_moment(k.at),
        coalesce(k.outcome ->> 'ID', 'none'), coalesce(k.outcome ->> 'Status', 'of no status'),
        coalesce(k.outcome -> 'Captured' ->> 'value', '0'), coalesce(k.outcome -> 'Refunded' ->> 'value', '0'))
$$;
-- +goose StatementEnd

-- What one account's transfers come to, as a line: the other side of every sum.
-- +goose StatementBegin
CREATE FUNCTION audit_side(account text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('transfers of %s: %s posted in, together %s; %s posted out, together %s; %s held, together %s', $1,
        count(*) FILTER (WHERE t.state = 'posted' AND t.credit = $1), coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.credit = $1), 0),
        count(*) FILTER (WHERE t.state = 'posted' AND t.debit = $1), coalesce(sum(t.amount) FILTER (WHERE t.state = 'posted' AND t.debit = $1), 0),
        count(*) FILTER (WHERE t.held), coalesce(sum(t.amount) FILTER (WHERE t.held), 0))
    FROM (
        SELECT t.*, t.state = 'pending' AND NOT EXISTS (SELECT FROM transfer r WHERE r.resolves = t.id) AS held
        FROM transfer t WHERE $1 IN (t.debit, t.credit)
    ) t
$$;
-- +goose StatementEnd
