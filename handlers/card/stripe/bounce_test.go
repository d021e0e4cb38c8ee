package stripe

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// returned is a shop that sold something by card and gave a part back; and Stripe's refund.
func returned(t *testing.T) (s *shop, there *stripetest.Refund) {
	t.Helper()
	s = openShop(t)
	out := s.sells(1000)
	if out.Status != kaopass.Captured {
		t.Fatal(out.Status)
	}
	_, err := s.db.RefundPayment(t.Context(), s.desk, s.key(string(s.till)), s.till, out.ID, yen(400), "wrong dish")
	if s.ok(err); len(s.fake.Refunds) != 1 {
		t.Fatal("not given back")
	}
	return s, s.fake.Refunds[0]
}

// sells takes an amount from the first card.
func (s *shop) sells(amount int64) db.Outcome {
	s.Helper()
	p, err := s.db.CreatePayment(s.Context(), db.NewPayment{Key: s.key(string(s.till)), Till: s.till, Amount: yen(amount)})
	s.ok(err)
	_, err = s.db.PaymentFace(s.Context(), db.PaymentFace{Key: s.key(string(s.till)), Till: s.till, Payment: p.ID, Started: time.Now(),
		Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{s.enr}}})
	s.ok(err)
	out, err := s.db.ConfirmPayment(s.Context(), s.desk, s.key(string(s.till)), s.till, p.ID, s.cards[0])
	s.ok(err)
	return out
}

// owes is what is owed: the sum and why.
func (s *shop) owes() (out string) {
	s.Helper()
	s.ok(s.query(`SELECT count(*) || ' ' || coalesce(sum(amount), 0) || ' ' || coalesce(min(why), '') FROM refund_due`,
		func(rows *sql.Rows) error { return rows.Scan(&out) }))
	return out
}

func refundSaid(r *stripetest.Refund, status string) string {
	return fmt.Sprintf(`{"id":%q,"object":"refund","amount":%d,"currency":"jpy","status":%q,"payment_intent":%q,"metadata":{"kaopass_refund":%q}}`,
		r.ID, r.Amount, status, r.Intent, r.Metadata[ofRefund])
}

// A refund that came back is owed, once, whoever hears of it and in whatever order: by any of Stripe's messages, by asking,
// or by both again and again.
func TestARefundThatCameBackIsOwed(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]func(s *shop, r *stripetest.Refund){
		"refund.failed":         func(s *shop, r *stripetest.Refund) { s.tell("refund.failed", "evt_1", refundSaid(r, "failed")) },
		"charge.refund.updated": func(s *shop, r *stripetest.Refund) { s.tell("charge.refund.updated", "evt_1", refundSaid(r, "failed")) },
		"refund.updated, canceled": func(s *shop, r *stripetest.Refund) {
			r.Status = "canceled"
			s.tell("refund.updated", "evt_1", refundSaid(r, "canceled"))
		},
		"asked": func(s *shop, _ *stripetest.Refund) { s.ok(s.desk.Bounces(s.Context())) },
		"all of them, twice": func(s *shop, r *stripetest.Refund) {
			for i := range 2 {
				for _, kind := range []string{"charge.refund.updated", "refund.failed", "refund.updated"} {
					s.tell(kind, "evt_"+kind, refundSaid(r, "failed"))
					s.tell(kind, fmt.Sprintf("evt_%s_%d", kind, i), refundSaid(r, "failed"))
				}
				s.ok(s.desk.Bounces(s.Context()))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, r := returned(t)
			s.fake.Bounce(r.ID)
			hears(s, r)
			if got := s.owes(); got != "1 400 refund_failed" {
				t.Error(got)
			}
			if got := s.events("refund."); got != "refund.owed" {
				t.Error(got)
			}
			today := kaopass.TradeDayOf(time.Now())
			day, err := s.db.Reconcile(t.Context(), s.desk, today, "", "venue")
			s.ok(err)
			if captured, refunded := day.Unexplained(); captured != 0 || refunded != 0 || day.DifferencesFound != 1 || day.Differences[0].Kind != kaopass.RefundIsOwed {
				t.Errorf("%+v", day.Differences)
			}
			audit, err := s.db.AuditLedger(t.Context())
			if s.ok(err); !audit.OK {
				t.Errorf("%+v", audit.Breaches)
			}
		})
	}
}

// A message alone moves nothing: Stripe is asked, and where it says that the refund stands, it stands. Where Stripe cannot
// be asked the message comes again.
func TestARefundThatIsOnlySaidToHaveComeBack(t *testing.T) {
	t.Parallel()
	s, r := returned(t)
	s.tell("refund.failed", "evt_1", refundSaid(r, "failed"))
	s.tell("refund.updated", "evt_2", refundSaid(r, "succeeded"))
	other := *r
	other.ID = "re_of_another_shop"
	s.tell("refund.failed", "evt_3", refundSaid(&other, "failed"))
	if got := s.owes(); got != "0 0 " {
		t.Error(got)
	}
	s.fake.Bounce(r.ID)
	s.fails(func() stripetest.Fault { return stripetest.Down })
	body, signature := signed("refund.failed", "evt_4", refundSaid(r, "failed"), secret, time.Now())
	if status := s.post(body, signature); status < 500 {
		t.Error("answered as stored, and was not:", status)
	}
	s.fails(nil)
	s.desk = s.newDesk()
	s.tell("refund.failed", "evt_4", refundSaid(r, "failed"))
	if got := s.owes(); got != "1 400 refund_failed" {
		t.Error(got)
	}
}

// The refund was carried out, its answer was lost, and it came back before it was told again: it failed, and both books
// have it.
func TestARefundThatCameBackBeforeItWasAnswered(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	out := s.sells(1000)
	calls := 0
	s.fails(func() stripetest.Fault {
		if calls++; calls == 1 {
			return stripetest.None // the list
		}
		return stripetest.CutAfter
	})
	_, err := s.db.RefundPayment(t.Context(), s.desk, s.key(string(s.till)), s.till, out.ID, yen(400), "")
	s.ok(err)
	s.fake.Bounce(s.fake.Refunds[0].ID)
	s.rest()
	if got := s.owes(); got != "1 400 refund_failed" || len(s.fake.Refunds) != 1 {
		t.Error(got, s.fake.Refunds)
	}
}

// The bank has let go of a hold, or holds less: Stripe says so when it is asked, and the capture ends with that.
func TestACaptureThatStripeEnds(t *testing.T) {
	t.Parallel()
	for want, does := range map[db.CardAnswer]func(s *shop, intent string){
		db.CardHoldExpired:   func(s *shop, intent string) { s.fake.Expire(intent) },
		db.CardHoldShort:     func(s *shop, intent string) { s.fake.Shrink(intent, 500) },
		db.CardHoldCancelled: func(s *shop, intent string) { _, err := s.desk.cancel(s.Context(), intent); s.ok(err) },
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			p := s.holds(1000)
			for intent := range s.fake.Intents {
				does(s, intent)
			}
			out, err := s.db.CapturePayment(t.Context(), s.desk, s.key(string(s.till)), s.till, p, yen(900))
			if s.ok(err); out.Status != kaopass.Captured || out.Reason != kaopass.CardUncollected {
				t.Error(out.Status, out.Reason)
			}
			work, err := s.db.CardWork(t.Context())
			if s.ok(err); len(work.Open) != 1 || work.Open[0].Why != want || work.Open[0].Amount != yen(900) {
				t.Errorf("%+v", work.Open)
			}
			before := len(s.fake.Requests)
			s.late.Add(int64(48 * time.Hour))
			if _, err := s.db.Expire(t.Context(), s.desk); err != nil || len(s.fake.Requests) != before {
				t.Error("it is tried again", err)
			}
			day, err := s.db.Reconcile(t.Context(), s.desk, kaopass.TradeDayOf(time.Now()), "", "venue")
			if s.ok(err); day.DifferencesFound != 1 || day.Differences[0].Kind != kaopass.RefusedByProvider || day.Differences[0].Payment != p {
				t.Errorf("%+v", day.Differences)
			}
		})
	}
}

// holds is sells, with capture as a step of its own.
func (s *shop) holds(amount int64) kaopass.PaymentID {
	s.Helper()
	p, err := s.db.CreatePayment(s.Context(), db.NewPayment{Key: s.key(string(s.till)), Till: s.till, Amount: yen(amount), Manual: true})
	s.ok(err)
	_, err = s.db.PaymentFace(s.Context(), db.PaymentFace{Key: s.key(string(s.till)), Till: s.till, Payment: p.ID, Started: time.Now(),
		Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{s.enr}}})
	s.ok(err)
	out, err := s.db.ConfirmPayment(s.Context(), s.desk, s.key(string(s.till)), s.till, p.ID, s.cards[0])
	if s.ok(err); out.Status != kaopass.Authorised {
		s.Fatal(out.Status)
	}
	return p.ID
}
