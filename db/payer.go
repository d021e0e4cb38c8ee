package db

import (
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// paymentVerb does something with a till's payment, once for a key, under the payment's lock. A payment whose time is
// over ends here, and the verb does not come to it; do saves what it made of the row and appends the event.
func (d *DB) paymentVerb(ctx context.Context, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID,
	do func(*tx, *paymentRow, *Outcome) (done bool, err error)) (out Outcome, err error) {
	err = d.tx(ctx, func(t *tx) (err error) {
		out = Outcome{}
		out.Replayed, err = onceDone(t, key, &out, func() (done bool, err error) {
			if _, err := t.liveDevice(till, kaopass.Till); err != nil {
				return false, err
			}
			p, err := t.lockPayment(till, id)
			if err != nil {
				return false, err
			}
			over, err := t.expireOpen(&p)
			if err == nil && !over {
				done, err = do(t, &p, &out)
			}
			if err != nil {
				return false, err
			}
			out.Payment, err = t.show(p)
			return done || over, err
		})
		if err == nil && out.Replayed {
			err = t.dress(&out.Payment)
		}
		return err
	})
	return out, err
}

// always is a step that is final as soon as it is done.
func always(do func(*tx, *paymentRow, *Outcome) error) func(*tx, *paymentRow, *Outcome) (bool, error) {
	return func(t *tx, p *paymentRow, out *Outcome) (bool, error) { return true, do(t, p, out) }
}

// expireOpen ends a payment that waits for somebody and whose time is over, unless a card company is just being asked.
func (t *tx) expireOpen(p *paymentRow) (over bool, err error) {
	if !p.payment().Open() || t.now.Before(p.ExpiresAt) {
		return false, nil
	}
	var c charge
	if asked, err := t.find(&c, t.q.Card.OfPayment, p.ID); err != nil || asked {
		return false, err
	}
	if p.Status == kaopass.Refused {
		p.Retry = false // it stays refused: no other face came
	} else {
		p.end(kaopass.Expired, kaopass.PaymentExpired, t.now)
	}
	if err := t.savePayment(*p); err != nil {
		return false, err
	}
	return true, t.paymentEvent(kaopass.PaymentEnded, *p, p.Amount, 0)
}

// PaymentFace is a face shown for a payment, already searched.
type PaymentFace struct {
	Key            kaopass.Key
	Till           kaopass.DeviceID
	Payment        kaopass.PaymentID
	Identification kaopass.Identification
	Started        time.Time
}

// PaymentFace applies [kaopass.FaceVerdict] with consent, freeze and limits re-read. A face that was refused may be
// shown again while Retry is set. Where a till saw many faces lately that were not living ones no face pays for a while.
func (d *DB) PaymentFace(ctx context.Context, in PaymentFace) (Outcome, error) {
	return d.paymentVerb(ctx, in.Key, in.Till, in.Payment, always(func(t *tx, p *paymentRow, _ *Outcome) error {
		if !p.payment().May(kaopass.ShowFace) {
			return &StateError{Status: string(p.Status)}
		}
		blocked, err := t.tooManyLiveless(in.Till)
		if err != nil {
			return err
		}
		if blocked {
			in.Identification = kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.TooManyTries}
		}
		named, first, err := t.firstPayer(&in.Identification)
		if err != nil {
			return err
		}
		status, reason := kaopass.FaceVerdict(in.Identification, p.money(p.Amount), first)
		p.Faces++
		p.Status, p.Reason, p.Retry, p.Payer, p.Named, p.Coded = status, reason, false, "", "", false
		kind := kaopass.PaymentFaced
		switch status {
		case kaopass.AwaitingCode:
			p.ShortList, p.Named = texts(in.Identification.Candidates()), named
		case kaopass.AwaitingConfirmation:
			p.Payer = named
		case kaopass.Refused:
			if reason.OfFace() && p.Faces < kaopass.FaceTries {
				p.Retry = true
				break
			}
			p.end(status, reason, t.now)
			kind = kaopass.PaymentEnded
		}
		if err := t.savePayment(*p); err != nil {
			return err
		}
		var took time.Duration
		if !in.Started.IsZero() {
			took = max(t.clock().Sub(in.Started), 0)
		}
		told := *p
		told.Payer = named // also where they are refused: whose face was used is told
		return t.paymentEvent(kind, told, p.Amount, took)
	}))
}

// tooManyLiveless reports whether somebody has been holding pictures to the till's camera. What is refused for this is
// not counted again.
func (t *tx) tooManyLiveless(till kaopass.DeviceID) (bool, error) {
	shown, err := t.tries(t.q.Payment.Liveless, till, kaopass.LivelessWithin)
	return shown >= kaopass.LivelessTill, err
}

// tries counts what a till tried lately, and keeps its other tries waiting until this one is counted too: those that are sent
// at once would all be the last one that is allowed.
func (t *tx) tries(count *sqlx.Stmt, till kaopass.DeviceID, within time.Duration) (n int, err error) {
	if _, err := t.do(t.q.Payment.TillTurn, till); err != nil {
		return 0, err
	}
	return n, t.get(&n, count, till, t.now.Add(-within))
}

func texts(ids []kaopass.EnrolmentID) pq.StringArray {
	out := make(pq.StringArray, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// firstPayer finds the visitor whom the face names, locked, where the face alone names one; one with look-alikes is not
// named by the face alone. An enrolment that was erased since the search makes the face unknown.
func (t *tx) firstPayer(id *kaopass.Identification) (kaopass.VisitorID, kaopass.Payer, error) {
	candidates := id.Candidates()
	if id.Identity != kaopass.Enough || len(candidates) == 0 {
		limits, err := t.limits()
		return "", kaopass.Payer{Limits: limits}, err
	}
	var visitor kaopass.VisitorID
	found, err := t.find(&visitor, t.q.Payment.PayerOf, candidates[0])
	if err != nil {
		return "", kaopass.Payer{}, err
	}
	if !found {
		*id = kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}
		return "", kaopass.Payer{}, nil
	}
	payer, err := t.payer(visitor)
	*id = id.Doubted(payer)
	return visitor, payer, err
}

// payerRow is what payer_of reads (schema/0040_payer.sql).
type payerRow struct {
	SignedAt    stamp `db:"signed_at"`
	WithdrawnAt stamp `db:"withdrawn_at"`
	Frozen      bool
	Alike       bool
	Today       int64
	HourSum     int64 `db:"hour_sum"`
	HourCount   int   `db:"hour_count"`
	DayCount    int   `db:"day_count"`
	WeekSum     int64 `db:"week_sum"`
	Own         int64
	Minor       bool
	AllowDay    int64 `db:"allow_day"`
	AllowWeek   int64 `db:"allow_week"`
	AllowCard   bool  `db:"allow_card"`

	LimitPayment   int64 `db:"limit_payment"`
	LimitCode      int64 `db:"limit_code"`
	LimitHourCount int   `db:"limit_hour_count"`
	LimitHourSum   int64 `db:"limit_hour_sum"`
	LimitDayCount  int   `db:"limit_day_count"`
	LimitDaySum    int64 `db:"limit_day_sum"`
}

func (r payerRow) payer() kaopass.Payer {
	return kaopass.Payer{Frozen: r.Frozen, Alike: r.Alike, Today: kaopass.Yen(r.Today), Own: r.Own, Minor: r.Minor,
		Consent:   kaopass.Consent{Purpose: kaopass.ForPayment, SignedAt: r.SignedAt.Time, WithdrawnAt: r.WithdrawnAt.Time},
		Spent:     kaopass.Spent{Hour: r.HourSum, HourCount: r.HourCount, DayCount: r.DayCount, Week: r.WeekSum},
		Allowance: kaopass.Allowance{Day: r.AllowDay, Week: r.AllowWeek, Card: r.AllowCard},
		Limits: kaopass.Limits{Payment: r.LimitPayment, CodeFrom: r.LimitCode, HourCount: r.LimitHourCount,
			HourSum: r.LimitHourSum, DayCount: r.LimitDayCount, DaySum: r.LimitDaySum}}
}

// payer locks a visitor and reads what the till's rules look at. Of one who was erased a moment ago, the consents are
// left: taken back.
func (t *tx) payer(id kaopass.VisitorID) (kaopass.Payer, error) {
	if _, err := t.lockVisitor(id); err != nil && !errors.Is(err, ErrNotFound) {
		return kaopass.Payer{}, err
	}
	return t.readPayer(id)
}

// readPayer reads what the till's rules look at, without a lock.
func (t *tx) readPayer(id kaopass.VisitorID) (kaopass.Payer, error) {
	var row payerRow
	err := t.get(&row, t.q.Payment.Payer, id, t.now)
	return row.payer(), err
}

// PaymentCode compares a four-digit code within the payment's short list: exactly one match, or CodeWrong. A wrong code
// counts against this payment and this till, never against a person; where the face alone had named somebody they are
// told, and nobody else on the list is.
func (d *DB) PaymentCode(ctx context.Context, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, code string) (Outcome, error) {
	return d.paymentVerb(ctx, key, till, id, always(func(t *tx, p *paymentRow, _ *Outcome) error {
		if !p.payment().May(kaopass.EnterCode) {
			return &StateError{Status: string(p.Status)}
		}
		kind, named := kaopass.PaymentCoded, p.Named
		blocked, err := t.tooManyCodes(till)
		switch {
		case err != nil:
			return err
		case blocked:
			p.end(kaopass.Refused, kaopass.TooManyTries, t.now)
		default:
			if err := t.enterCode(p, code); err != nil {
				return err
			}
		}
		if p.Status == kaopass.Refused {
			kind = kaopass.PaymentEnded
		}
		if err := t.savePayment(*p); err != nil {
			return err
		}
		if err := t.paymentEvent(kind, *p, p.Amount, 0); err != nil || p.Reason != kaopass.CodeWrong || named == "" {
			return err
		}
		missed := *p // without the reason, which is counted by till
		missed.Payer, missed.Reason = named, ""
		return t.paymentEvent(kaopass.PaymentMissed, missed, p.Amount, 0)
	}))
}

// tooManyCodes reports whether the till has seen so many wrong codes lately that somebody is guessing.
func (t *tx) tooManyCodes(till kaopass.DeviceID) (bool, error) {
	misses, err := t.tries(t.q.Payment.TillMisses, till, kaopass.CodeTillWithin)
	return misses >= kaopass.CodeTillTries, err
}

// enterCode applies [kaopass.CodeVerdict].
func (t *tx) enterCode(p *paymentRow, code string) error {
	var matches []kaopass.VisitorID
	if kaopass.IsPaymentCode(code) {
		hash, err := t.keys.Hash(useCode, code)
		if err != nil {
			return err
		}
		if err := t.list(&matches, t.q.Wallet.CodeMatches, p.ShortList, hash); err != nil {
			return err
		}
	}
	var payer kaopass.Payer
	if len(matches) == 1 {
		var err error
		if payer, err = t.payer(matches[0]); err != nil {
			return err
		}
	}
	status, reason := kaopass.CodeVerdict(len(matches), p.Codes, p.money(p.Amount), payer)
	if reason == kaopass.CodeWrong {
		p.Codes++
	}
	switch status {
	case kaopass.Refused:
		p.end(status, reason, t.now)
	case kaopass.AwaitingConfirmation:
		p.Payer, p.ShortList, p.Status, p.Reason, p.Named, p.Coded = matches[0], nil, status, "", "", true
	default:
		p.Reason = reason
	}
	return nil
}
