package till_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/till"
)

// payment is what these tests read of an answer.
type payment struct {
	ID         string
	Status     kaopass.PaymentStatus
	Reason     kaopass.Reason
	Message    string
	Retry      bool
	Amount     kaopass.Money
	Authorised kaopass.Money
	Captured   kaopass.Money
	Refunded   kaopass.Money
	OrderRef   string `json:"order_ref"`
	Capture    string
	Payer      *struct {
		DisplayName string `json:"display_name"`
		Language    kaopass.Language
	}
	Methods []struct {
		ID, Kind, Label string
		Default, Covers bool
		Reason          kaopass.Reason
	}
	Did       string
	Refund    string    `json:"refund_id"`
	ExpiresAt time.Time `json:"expires_at"`
}

// counter is a venue with a till and a visitor with 5,000 yen.
type counter struct {
	*apitest.Venue
	till   *apitest.Client
	person apitest.Person
	face   apitest.Ask // later photos of the person
}

func open(t *testing.T) counter {
	t.Helper()
	c := counter{Venue: apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		(&till.Till{Faces: v.Faces, DB: v.DB, Issuer: kaopass.Issuer{Name: "Kaopass Diner"}}).Routes(r, v.Access)
	})}
	c.till = c.Device(t, kaopass.Till, "ramen-1", "Ramen East")
	c.person = c.Enrol(t, "Taro Yamada", "4821", 5000, apitest.Photo(t, apitest.Franck), apitest.Photo(t, apitest.Franck2),
		apitest.Photo(t, "franck_02221.jpg"))
	c.face = apitest.Form(nil, apitest.Photo(t, apitest.Franck3), apitest.Photo(t, "franck_02888.jpg"), apitest.Photo(t, "franck_04117.jpg"))
	c.Secret(`"` + c.person.Code + `"`)
	return c
}

// money is the body of a request about an amount.
type money struct {
	Amount   kaopass.Money `json:"amount"`
	OrderRef string        `json:"order_ref,omitempty"`
	Capture  string        `json:"capture,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

func (c counter) create(t *testing.T, yen int64, capture string) payment {
	t.Helper()
	var p payment
	c.till.Post(t, "/v1/payments", apitest.JSON(money{Amount: kaopass.Yen(yen), OrderRef: "table 4", Capture: capture})).Into(t, 201, &p)
	return p
}

func (c counter) post(t *testing.T, id, verb string, ask apitest.Ask) payment {
	t.Helper()
	var p payment
	c.till.Post(t, "/v1/payments/"+id+"/"+verb, ask).Into(t, 200, &p)
	return p
}

// shown is a payment whose face was found, by the code where the policy asks for it.
func (c counter) shown(t *testing.T, yen int64, capture string) payment {
	t.Helper()
	p := c.post(t, c.create(t, yen, capture).ID, "face", c.face)
	if p.Status == kaopass.AwaitingCode {
		p = c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": c.person.Code}))
	}
	if p.Status != kaopass.AwaitingConfirmation {
		t.Fatalf("%+v", p)
	}
	return p
}

func (c counter) confirm(t *testing.T, p payment) payment {
	t.Helper()
	return c.post(t, p.ID, "confirm", apitest.JSON(map[string]string{"method": p.Methods[0].ID}))
}

func (c counter) paid(t *testing.T, yen int64) payment {
	t.Helper()
	p := c.confirm(t, c.shown(t, yen, ""))
	if p.Status != kaopass.Captured || p.Captured.Value != yen {
		t.Fatalf("%+v", p)
	}
	return p
}

func (c counter) balance(t *testing.T) int64 {
	t.Helper()
	w, err := c.DB.Wallet(t.Context(), c.person.ID)
	if err != nil {
		t.Fatal(err)
	}
	return w.Balance.Value
}

func TestPays(t *testing.T) {
	c := open(t)
	p := c.create(t, 1200, "")
	if p.Status != kaopass.AwaitingFace || p.Amount != kaopass.Yen(1200) || p.OrderRef != "table 4" || p.Capture != "automatic" || p.Message == "" {
		t.Errorf("%+v", p)
	}
	p = c.shown(t, 1200, "")
	if p.Payer == nil || p.Payer.DisplayName != "T. Y." || len(p.Methods) != 1 || !p.Methods[0].Covers || !p.Methods[0].Default {
		t.Fatalf("%+v", p)
	}
	if p = c.confirm(t, p); p.Status != kaopass.Captured || p.Captured != kaopass.Yen(1200) {
		t.Errorf("%+v", p)
	}
	if left := c.balance(t); left != 3800 {
		t.Errorf("%d yen are left", left)
	}
	var read payment
	c.till.Get(t, "/v1/payments/"+p.ID).Into(t, 200, &read)
	if read.Status != kaopass.Captured {
		t.Errorf("%+v", read)
	}
}

// Above a limit the code is asked; a wrong one is never said to be almost right, and ends the payment in time.
func TestAsksTheCode(t *testing.T) {
	c := open(t)
	p := c.post(t, c.create(t, kaopass.CodeAbove, "").ID, "face", c.face)
	if p.Status != kaopass.AwaitingCode || p.Payer != nil || len(p.Methods) != 0 {
		t.Fatalf("%+v", p)
	}
	for n := range kaopass.CodeTries {
		p = c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": fmt.Sprintf("000%d", n)}))
		if p.Reason != kaopass.CodeWrong || p.Payer != nil {
			t.Errorf("wrong code %d: %+v", n+1, p)
		}
	}
	if p.Status != kaopass.Refused {
		t.Errorf("after %d wrong codes: %+v", kaopass.CodeTries, p)
	}
	if code := c.till.Post(t, "/v1/payments/"+p.ID+"/code", apitest.JSON(map[string]string{"code": c.person.Code})).Problem(t, 409); code != "state" {
		t.Errorf("the right code, too late: %s", code)
	}
}

func TestMoreThanTheBalance(t *testing.T) {
	c := open(t)
	p := c.shown(t, 6000, "")
	if p.Methods[0].Covers {
		t.Errorf("5,000 yen cover 6,000: %+v", p)
	}
	if p = c.confirm(t, p); p.Status != kaopass.Declined || p.Reason != kaopass.FundsShort {
		t.Errorf("%+v", p)
	}
	if left := c.balance(t); left != 5000 {
		t.Errorf("%d yen are left", left)
	}
}

func TestReservesAndTakesAPart(t *testing.T) {
	c := open(t)
	p := c.confirm(t, c.shown(t, 2000, "manual"))
	if p.Status != kaopass.Authorised || p.Authorised != kaopass.Yen(2000) || p.Captured.Value != 0 {
		t.Fatalf("%+v", p)
	}
	if code := c.till.Post(t, "/v1/payments/"+p.ID+"/capture", apitest.JSON(money{Amount: kaopass.Yen(2001)})).Problem(t, 422); code != "amount_too_large" {
		t.Errorf("more than was reserved: %s", code)
	}
	if p = c.post(t, p.ID, "capture", apitest.JSON(money{Amount: kaopass.Yen(1500)})); p.Status != kaopass.Captured || p.Captured != kaopass.Yen(1500) {
		t.Errorf("%+v", p)
	}
	if left := c.balance(t); left != 3500 {
		t.Errorf("%d yen are left", left)
	}
	v := c.confirm(t, c.shown(t, 1000, "manual"))
	if v = c.post(t, v.ID, "void", apitest.Ask{}); v.Status != kaopass.Voided {
		t.Errorf("%+v", v)
	}
	if left := c.balance(t); left != 3500 {
		t.Errorf("%d yen are left after a void", left)
	}
}

func TestGivesBack(t *testing.T) {
	c := open(t)
	p := c.paid(t, 1200)
	var back struct {
		ID      string
		Payment payment
	}
	c.till.Post(t, "/v1/payments/"+p.ID+"/refunds", apitest.JSON(money{Amount: kaopass.Yen(200), Reason: "cold"})).Into(t, 201, &back)
	if !strings.HasPrefix(back.ID, "ref_") || back.Payment.Status != kaopass.PartiallyRefunded || back.Payment.Refunded.Value != 200 {
		t.Errorf("%+v", back)
	}
	if code := c.till.Post(t, "/v1/payments/"+p.ID+"/refunds", apitest.JSON(money{Amount: kaopass.Yen(1001)})).Problem(t, 422); code != "amount_too_large" {
		t.Errorf("more than is left: %s", code)
	}
	c.till.Post(t, "/v1/payments/"+p.ID+"/refunds", apitest.Ask{}).Into(t, 201, &back)
	if back.Payment.Status != kaopass.Refunded || c.balance(t) != 5000 {
		t.Errorf("%+v, %d yen", back, c.balance(t))
	}
}

// Cancelling is never refused, and says what it did.
func TestCancels(t *testing.T) {
	c := open(t)
	fresh := c.post(t, c.create(t, 500, "").ID, "cancel", apitest.Ask{})
	if fresh.Status != kaopass.Cancelled || fresh.Did != "nothing" {
		t.Errorf("before a face: %+v", fresh)
	}
	held := c.post(t, c.confirm(t, c.shown(t, 500, "manual")).ID, "cancel", apitest.Ask{})
	if held.Did != "released" {
		t.Errorf("reserved: %+v", held)
	}
	taken := c.post(t, c.paid(t, 500).ID, "cancel", apitest.Ask{})
	if taken.Did != "refunded" || !strings.HasPrefix(taken.Refund, "ref_") || c.balance(t) != 5000 {
		t.Errorf("taken: %+v, %d yen", taken, c.balance(t))
	}
	if again := c.post(t, taken.ID, "cancel", apitest.Ask{}); again.Did != "nothing" {
		t.Errorf("twice: %+v", again)
	}
}

func TestFacesThatWillNotDo(t *testing.T) {
	c := open(t)
	stranger := apitest.Form(nil, apitest.Photo(t, apitest.Other))
	cases := map[string]struct {
		ask     apitest.Ask
		reasons string
	}{
		"nobody":     {apitest.Form(nil, apitest.Nobody(t)), "face_none"},
		"two":        {apitest.Form(nil, apitest.Two(t)), "face_many"},
		"far away":   {apitest.Form(nil, apitest.Tiny(t)), "face_none face_unclear"},
		"dark":       {apitest.Form(nil, apitest.Dark(t)), "face_none face_unclear"},
		"a stranger": {stranger, "face_unknown not_live"},
	}
	for name, f := range cases {
		p := c.post(t, c.create(t, 700, "").ID, "face", f.ask)
		if p.Status != kaopass.Refused || !strings.Contains(f.reasons, string(p.Reason)) || !p.Retry || p.Payer != nil || p.Message == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	p := c.create(t, 700, "")
	for range kaopass.FaceTries {
		p = c.post(t, p.ID, "face", stranger)
	}
	if p.Retry {
		t.Errorf("after %d faces: %+v", kaopass.FaceTries, p)
	}
	second := c.create(t, 700, "")
	c.post(t, second.ID, "face", apitest.Form(nil, apitest.Nobody(t)))
	if p := c.post(t, second.ID, "face", c.face); p.Status != kaopass.AwaitingConfirmation && p.Status != kaopass.AwaitingCode {
		t.Errorf("a better photo: %+v", p)
	}
}

// Who took the consent back is found no more, at the very next face.
func TestWithdrawn(t *testing.T) {
	c := open(t)
	if _, err := c.DB.Withdraw(t.Context(), c.person.ID, kaopass.ForPayment); err != nil {
		t.Fatal(err)
	}
	if p := c.post(t, c.create(t, 700, "").ID, "face", c.face); p.Status != kaopass.Refused || p.Payer != nil {
		t.Errorf("%+v", p)
	}
}

func TestBadRequests(t *testing.T) {
	c := open(t)
	id := c.create(t, 700, "").ID
	small := apitest.Photo(t, apitest.Franck3)
	cases := map[string]struct {
		path   string
		ask    apitest.Ask
		status int
		code   string
	}{
		"no amount":            {"", apitest.JSON(struct{}{}), 422, "field"},
		"nothing":              {"", apitest.JSON(money{Amount: kaopass.Yen(0)}), 422, "field"},
		"less than nothing":    {"", apitest.JSON(money{Amount: kaopass.Yen(-5)}), 422, "field"},
		"another currency":     {"", apitest.JSON(money{Amount: kaopass.Money{Currency: "EUR", Value: 5}}), 422, "field"},
		"half a yen":           {"", apitest.Ask{ContentType: "application/json", Body: []byte(`{"amount":{"currency":"JPY","value":1.5}}`)}, 422, "field"},
		"a long name":          {"", apitest.JSON(money{Amount: kaopass.Yen(5), OrderRef: strings.Repeat("x", 65)}), 422, "field"},
		"a third capture":      {"", apitest.JSON(money{Amount: kaopass.Yen(5), Capture: "later"}), 422, "field"},
		"no JSON":              {"", apitest.Ask{Body: []byte("amount=5")}, 400, "request_unreadable"},
		"more than JSON":       {"", apitest.Ask{Body: []byte(`{} {}`)}, 400, "request_unreadable"},
		"a novel":              {"", apitest.Ask{Body: make([]byte, 17<<10)}, 413, "request_too_large"},
		"no key":               {"", apitest.JSON(money{Amount: kaopass.Yen(5)}).WithKey("-"), 400, "idempotency_key_missing"},
		"no image":             {"/" + id + "/face", apitest.Form(nil), 422, "field"},
		"40 megapixels":        {"/" + id + "/face", apitest.Raw("image/png", apitest.Bomb(), nil), 413, "image_too_large"},
		"cut short":            {"/" + id + "/face", apitest.Raw("image/jpeg", small[:len(small)/2], nil), 422, "image_unreadable"},
		"a film":               {"/" + id + "/face", apitest.Raw("video/webm", []byte("webm"), nil), 415, "image_type"},
		"three digits":         {"/" + id + "/code", apitest.JSON(map[string]string{"code": "123"}), 422, "field"},
		"letters":              {"/" + id + "/code", apitest.JSON(map[string]string{"code": "12a4"}), 422, "field"},
		"no method":            {"/" + id + "/confirm", apitest.JSON(struct{}{}), 422, "field"},
		"a long reason":        {"/" + id + "/refunds", apitest.JSON(money{Amount: kaopass.Yen(5), Reason: strings.Repeat("x", 201)}), 422, "field"},
		"too early to confirm": {"/" + id + "/confirm", apitest.JSON(map[string]string{"method": "pm_x"}), 409, "state"},
		"nothing to capture":   {"/" + id + "/capture", apitest.Ask{}, 409, "state"},
		"nothing to void":      {"/" + id + "/void", apitest.Ask{}, 409, "state"},
		"nothing to refund":    {"/" + id + "/refunds", apitest.Ask{}, 409, "state"},
		"no such payment":      {"/pay_unknown/cancel", apitest.Ask{}, 404, "not_found"},
	}
	for name, f := range cases {
		if code := c.till.Post(t, "/v1/payments"+f.path, f.ask).Problem(t, f.status); code != f.code {
			t.Errorf("%s: %s", name, code)
		}
	}
	for _, path := range []string{"?since=noon", "?limit=0", "?limit=201", "?limit=many"} {
		if code := c.till.Get(t, "/v1/payments"+path).Problem(t, 422); code != "field" {
			t.Errorf("%s: %s", path, code)
		}
	}
}

// A cursor that we did not make leads nowhere, and breaks nothing.
func TestStrangeCursor(t *testing.T) {
	c := open(t)
	if a := c.till.Get(t, "/v1/payments?cursor=%27%3Bdrop"); a.Status >= 500 {
		t.Errorf("%d: %s", a.Status, a.Body)
	}
}

func TestTwiceAtOnceIsPaidOnce(t *testing.T) {
	c := open(t)
	p := c.shown(t, 1000, "")
	ask := apitest.JSON(map[string]string{"method": p.Methods[0].ID}).WithKey("pay")
	const twins = 4
	answers := make([]apitest.Answer, twins)
	var all sync.WaitGroup
	for i := range twins {
		all.Go(func() { answers[i] = c.till.Post(t, "/v1/payments/"+p.ID+"/confirm", ask) })
	}
	all.Wait()
	for _, a := range answers {
		if a.Status != 200 && a.Problem(t, 409) != "request_in_flight" {
			t.Errorf("%s", a.Body)
		}
	}
	var again payment
	late := c.till.Post(t, "/v1/payments/"+p.ID+"/confirm", ask)
	late.Into(t, 200, &again)
	if late.Header.Get("Idempotent-Replayed") != "true" || again.Status != kaopass.Captured || c.balance(t) != 4000 {
		t.Errorf("%+v, %d yen", again, c.balance(t))
	}
	other := apitest.JSON(map[string]string{"method": "pm_other"}).WithKey("pay")
	if code := c.till.Post(t, "/v1/payments/"+p.ID+"/confirm", other).Problem(t, 422); code != "idempotency_key_reused" {
		t.Errorf("another request under the key: %s", code)
	}
}

func TestAnothersPaymentIsNotThere(t *testing.T) {
	c := open(t)
	other := c.Device(t, kaopass.Till, "shop-1", "West Shop")
	id := c.create(t, 700, "").ID
	if code := other.Get(t, "/v1/payments/"+id).Problem(t, 404); code != "not_found" {
		t.Errorf("reading: %s", code)
	}
	for _, verb := range []string{"capture", "void", "cancel", "refunds"} {
		if code := other.Post(t, "/v1/payments/"+id+"/"+verb, apitest.Ask{}).Problem(t, 404); code != "not_found" {
			t.Errorf("%s: %s", verb, code)
		}
	}
	if code := other.Post(t, "/v1/payments/"+id+"/face", c.face).Problem(t, 404); code != "not_found" {
		t.Errorf("face: %s", code)
	}
	var list struct {
		Items []payment
		Next  *string `json:"next_cursor"`
	}
	other.Get(t, "/v1/payments").Into(t, 200, &list)
	if len(list.Items) != 0 || list.Next != nil {
		t.Errorf("%+v", list)
	}
}

func TestWhoMay(t *testing.T) {
	c := open(t)
	gate := c.Device(t, kaopass.Gate, "east-07", "east")
	ask := apitest.JSON(money{Amount: kaopass.Yen(5)})
	if code := gate.Post(t, "/v1/payments", ask).Problem(t, 403); code != "forbidden" {
		t.Errorf("a gate: %s", code)
	}
	if code := c.Nobody().Post(t, "/v1/payments", ask).Problem(t, 401); code != "unauthorised" {
		t.Errorf("nobody: %s", code)
	}
	if err := c.DB.RevokeDevice(t.Context(), c.till.Device.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if code := c.till.Get(t, "/v1/till").Problem(t, 401); code != "unauthorised" {
		t.Errorf("a revoked till: %s", code)
	}
}

func TestListsAndFigures(t *testing.T) {
	c := open(t)
	start := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	c.paid(t, 1200)
	for range 3 {
		c.create(t, 100, "")
	}
	seen := map[string]bool{}
	path := "/v1/payments?limit=3&since=" + start
	for pages := 0; path != "" && pages < 3; pages++ {
		var list struct {
			Items []payment
			Next  *string `json:"next_cursor"`
		}
		c.till.Get(t, path).Into(t, 200, &list)
		for _, p := range list.Items {
			seen[p.ID] = true
		}
		path = ""
		if list.Next != nil {
			path = "/v1/payments?limit=3&since=" + start + "&cursor=" + *list.Next
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d payments in the list", len(seen))
	}
	var status struct {
		Name, Store string
		Today       struct {
			Count    int
			Captured kaopass.Money
		}
		Recent []payment
	}
	c.till.Get(t, "/v1/till").Into(t, 200, &status)
	if status.Today.Count != 1 || status.Today.Captured.Value != 1200 || len(status.Recent) != 4 || status.Store != "Ramen East" {
		t.Errorf("%+v", status)
	}
}
