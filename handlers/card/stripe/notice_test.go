package stripe

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// signed is a message as Stripe sends it.
func signed(kind, id, object, with string, at time.Time) (body []byte, signature string) {
	body = fmt.Appendf(nil, `{"id":%q,"object":"event","type":%q,"created":%d,"data":{"object":%s}}`, id, kind, at.Unix(), object)
	s := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: with, Timestamp: at})
	return s.Payload, s.Header
}

// post sends a message and answers the status.
func (v *venue) post(body []byte, signature string) int {
	v.Helper()
	app := fiber.New()
	v.desk.Routes(app)
	req := httptest.NewRequest(http.MethodPost, "/v1/webhooks/stripe", strings.NewReader(string(body)))
	req.Header.Set("Stripe-Signature", signature)
	res, err := app.Test(req, 10_000)
	v.ok(err)
	_ = res.Body.Close()
	return res.StatusCode
}

func (v *venue) tell(kind, id, object string) {
	v.Helper()
	body, signature := signed(kind, id, object, secret, time.Now())
	if status := v.post(body, signature); status != http.StatusNoContent {
		v.Errorf("%s: %d", kind, status)
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	v := open(t)
	now := time.Now()
	for name, c := range map[string]struct {
		with string
		at   time.Time
		want error
	}{
		"the new secret":  {secret, now, nil},
		"the old secret":  {older, now, nil},
		"another secret":  {"whsec_other", now, ErrSignature},
		"too old":         {secret, now.Add(-noticeWithin - time.Minute), ErrSignature},
		"a moment ago":    {secret, now.Add(-noticeWithin + time.Minute), nil},
		"no secret known": {"", now, ErrSignature},
	} {
		body, signature := signed("charge.succeeded", "evt_"+name, `{}`, c.with, c.at)
		if err := v.desk.Take(t.Context(), body, signature); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want == nil {
			body[len(body)-3] = ' '
			if err := v.desk.Take(t.Context(), body, signature); !errors.Is(err, ErrSignature) {
				t.Errorf("%s, changed on its way: %v", name, err)
			}
		}
	}
	body, signature := signed("charge.succeeded", "evt_big", `"`+strings.Repeat("x", NoticeMax)+`"`, secret, now)
	if status := v.post(body, signature); status != http.StatusRequestEntityTooLarge {
		t.Error("a body without a limit:", status)
	}
	for _, junk := range []string{"", "t=1", "v1=00", "t=x,v1=zz", signature + "x"} {
		if err := v.desk.Take(t.Context(), body, junk); !errors.Is(err, ErrSignature) {
			t.Error(junk, err)
		}
	}
	v.desk.secrets = nil
	if status := v.post(body, signature); status != http.StatusNotFound {
		t.Error("not configured:", status)
	}
}

const complaint = `{"id":"dp_1","object":"dispute","amount":%d,"currency":"jpy","reason":"fraudulent","status":%q,"payment_intent":%q}`

// Messages come twice and in any order; a dispute is opened once and ends once, and staff see both.
func TestDisputes(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]string{"in order": {"created", "updated", "closed"}, "turned round": {"closed", "created"},
		"again and again": {"created", "created", "closed", "closed", "created"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			out, err := s.db.TopUp(t.Context(), s.desk, db.TopUp{Key: s.key("x"), Visitor: s.me, Method: s.cards[0], Amount: yen(900)})
			if err != nil || out.Reason != "" {
				t.Fatal(out.Reason, err)
			}
			for intent := range s.fake.Intents {
				for i, kind := range order {
					status := map[string]string{"created": "needs_response", "updated": "under_review", "closed": "lost"}[kind]
					object := fmt.Sprintf(complaint, 900, status, intent)
					s.tell("charge.dispute."+kind, fmt.Sprintf("evt_%d", i), object)
					s.tell("charge.dispute."+kind, fmt.Sprintf("evt_%d", i), object) // the same message again
				}
			}
			if got := s.disputes(); got != "dp_1 900 fraudulent lost" {
				t.Error(got)
			}
			if got := s.events("card."); got != "card.disputed,card.dispute_ended" {
				t.Error(got)
			}
		})
	}
}

func (v *venue) disputes() (out string) {
	v.Helper()
	v.ok(v.query(`SELECT concat_ws(' ', id, amount, reason, status) FROM card_dispute`, func(rows *sql.Rows) error { return rows.Scan(&out) }))
	return out
}

// events are the kinds with a prefix, oldest first.
func (v *venue) events(prefix string) string {
	v.Helper()
	var kinds []string
	v.ok(v.query(`SELECT kind FROM event WHERE starts_with(kind, $1) ORDER BY seq`, func(rows *sql.Rows) error {
		var k string
		err := rows.Scan(&k)
		kinds = append(kinds, k)
		return err
	}, prefix))
	return strings.Join(kinds, ",")
}

func TestMessagesAboutOthers(t *testing.T) {
	t.Parallel()
	v := open(t)
	v.tell("charge.dispute.created", "evt_1", fmt.Sprintf(complaint, 5, "needs_response", "pi_of_another_shop"))
	v.tell("refund.failed", "evt_2", `{"id":"re_1","object":"refund","amount":5,"currency":"jpy","payment_intent":"pi_of_another_shop"}`)
	v.tell("checkout.session.completed", "evt_3", `{"id":"cs_1","object":"checkout.session","mode":"setup","customer":"cus_of_another_shop"}`)
	v.tell("payment_intent.succeeded", "evt_4", `{"id":"pi_1","object":"payment_intent","status":"succeeded"}`)
	if v.disputes() != "" || v.events("card.") != "" {
		t.Error("another shop's trouble is ours")
	}
}

func TestARefundThatDidNotArrive(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if _, err := s.db.TopUp(t.Context(), s.desk, db.TopUp{Key: s.key("x"), Visitor: s.me, Method: s.cards[0], Amount: yen(900)}); err != nil {
		t.Fatal(err)
	}
	for intent := range s.fake.Intents {
		object := fmt.Sprintf(`{"id":"re_1","object":"refund","amount":500,"currency":"jpy","status":"failed","payment_intent":%q}`, intent)
		s.tell("refund.failed", "evt_1", object)
		s.tell("refund.failed", "evt_1", object)
	}
	if got := s.events("card."); got != "card.refund_failed" {
		t.Error(got)
	}
}

// The visitor fills the form in and closes the page: the message has us ask, and the card is there. What a message says
// about a charge changes nothing.
func TestAMessageIsAReasonToAsk(t *testing.T) {
	t.Parallel()
	v := open(t)
	form := v.form()
	customer := v.fake.Forms[form].Customer
	said := fmt.Sprintf(`{"id":%q,"object":"checkout.session","mode":"setup","status":"complete","customer":%q}`, form, customer)
	v.tell("checkout.session.completed", "evt_early", said) // a lie, or too early
	if len(v.methods()) != 1 {
		t.Error("a message was believed")
	}
	v.fake.Fill(form, stripetest.Pays)
	v.tell("checkout.session.completed", "evt_1", said)
	v.tell("checkout.session.completed", "evt_1", said)
	if m := v.methods(); len(m) != 2 || m[1].Kind != kaopass.Card {
		t.Errorf("%+v", m)
	}
	if saved, err := v.desk.Saved(t.Context(), v.me); err != nil || saved {
		t.Error("saved twice", err)
	}
	said = strings.Replace(said, form, v.form(), 1)
	v.fails(func() stripetest.Fault { return stripetest.Down })
	body, signature := signed("checkout.session.completed", "evt_2", said, secret, time.Now())
	if status := v.post(body, signature); status < 500 {
		t.Error("answered as stored, and was not:", status)
	}
}
