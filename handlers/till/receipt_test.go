package till_test

import (
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// receipt is what these tests read of one.
type receipt struct {
	Payment string `json:"payment_id"`
	Refund  string `json:"refund_id"`
	Amount  kaopass.Money
	Printed string `json:"printed_at"`
	Text    string
	Lines   []struct{ Left, Right, Style string }
	Tax     []struct{ Rate int }
}

type tillStatus struct {
	Day       kaopass.TradeDay
	Today     struct{ Count, Refunds int }
	Unprinted []receipt `json:"receipts_unprinted"`
}

func (c counter) status(t *testing.T) (s tillStatus) {
	t.Helper()
	c.till.Get(t, "/v1/till").Into(t, 200, &s)
	return s
}

func TestAReceiptUntilItIsPrinted(t *testing.T) {
	c := open(t)
	p := c.paid(t, 1200)
	var r receipt
	c.till.Get(t, "/v1/payments/"+p.ID+"/receipt").Into(t, 200, &r)
	if r.Payment != p.ID || r.Amount != kaopass.Yen(1200) || r.Printed != "" || len(r.Tax) != 0 || len(r.Lines) < 8 ||
		!strings.Contains(r.Text, "Kaopass Diner") || !strings.Contains(r.Text, "table 4") {
		t.Errorf("%+v", r)
	}
	if strings.Contains(r.Text, "T. Y.") || strings.Contains(r.Text, "Yamada") {
		t.Error("the receipt names the payer:", r.Text)
	}
	text := c.till.Get(t, "/v1/payments/"+p.ID+"/receipt?format=text&width=80")
	if text.Status != 200 || !strings.Contains(string(text.Body), p.ID) {
		t.Errorf("%d %s", text.Status, text.Body)
	}
	if raw := c.till.Get(t, "/v1/payments/"+p.ID+"/receipt?format=escpos"); raw.Status != 200 || !strings.HasPrefix(string(raw.Body), "\x1b@") {
		t.Errorf("%d %q", raw.Status, raw.Body)
	}
	if s := c.status(t); len(s.Unprinted) != 1 || s.Unprinted[0].Payment != p.ID || s.Today.Count != 1 || s.Day == "" {
		t.Errorf("%+v", s)
	}
	c.till.Post(t, "/v1/payments/"+p.ID+"/receipt/printed", apitest.Ask{}).Into(t, 200, &r)
	if s := c.status(t); r.Printed == "" || len(s.Unprinted) != 0 {
		t.Errorf("%+v %+v", r, s)
	}
	for _, bad := range []string{"?width=60", "?format=pdf"} {
		c.till.Get(t, "/v1/payments/"+p.ID+"/receipt"+bad).Problem(t, 422)
	}
	c.till.Get(t, "/v1/payments/"+c.create(t, 5, "").ID+"/receipt").Problem(t, 404)
}

func TestAReceiptOfARefund(t *testing.T) {
	c := open(t)
	p := c.paid(t, 1200)
	var back struct{ ID string }
	c.till.Post(t, "/v1/payments/"+p.ID+"/refunds", apitest.JSON(money{Amount: kaopass.Yen(200)})).Into(t, 201, &back)
	var r receipt
	c.till.Get(t, "/v1/payments/"+p.ID+"/receipt?refund="+back.ID).Into(t, 200, &r)
	if r.Refund != back.ID || r.Amount != kaopass.Yen(200) {
		t.Errorf("%+v", r)
	}
	c.till.Post(t, "/v1/payments/"+p.ID+"/receipt/printed", apitest.JSON(map[string]string{"refund_id": back.ID})).Into(t, 200, &r)
	if s := c.status(t); len(s.Unprinted) != 1 || s.Unprinted[0].Refund != "" || s.Today.Refunds != 1 {
		t.Errorf("%+v", s)
	}
}

// What a till says of tax is on its receipt; what does not fit is not taken.
func TestTaxOnAReceipt(t *testing.T) {
	type line struct {
		Rate   int           `json:"rate"`
		Amount kaopass.Money `json:"amount"`
		Tax    kaopass.Money `json:"tax"`
	}
	type sale struct {
		Amount kaopass.Money `json:"amount"`
		Tax    []line        `json:"tax"`
	}
	c := open(t)
	wrong := sale{kaopass.Yen(1100), []line{{10, kaopass.Yen(1000), kaopass.Yen(90)}}}
	c.till.Post(t, "/v1/payments", apitest.JSON(wrong)).Problem(t, 422)
	right := sale{kaopass.Yen(1100), []line{{10, kaopass.Yen(560), kaopass.Yen(50)}, {8, kaopass.Yen(540), kaopass.Yen(40)}}}
	var p payment
	c.till.Post(t, "/v1/payments", apitest.JSON(right)).Into(t, 201, &p)
	p = c.post(t, p.ID, "face", c.face)
	if p.Status == kaopass.AwaitingCode {
		p = c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": c.person.Code}))
	}
	c.confirm(t, p)
	var r receipt
	c.till.Get(t, "/v1/payments/"+p.ID+"/receipt").Into(t, 200, &r)
	if len(r.Tax) != 2 || r.Tax[1].Rate != 8 || !strings.Contains(r.Text, "※") {
		t.Errorf("%+v", r)
	}
}

func TestATillSaysWhatItBelieves(t *testing.T) {
	c := open(t)
	c.paid(t, 1200)
	type sums struct {
		Day      kaopass.TradeDay `json:"day"`
		Captures int              `json:"captures"`
		Captured kaopass.Money    `json:"captured"`
		Refunds  int              `json:"refunds"`
		Refunded kaopass.Money    `json:"refunded"`
	}
	own := sums{c.status(t).Day, 1, kaopass.Yen(1200), 0, kaopass.Yen(0)}
	var said struct {
		Agrees bool
		Ledger sums
	}
	c.till.Post(t, "/v1/till/totals", apitest.JSON(own)).Into(t, 200, &said)
	if !said.Agrees || said.Ledger.Captured != own.Captured {
		t.Errorf("%+v", said)
	}
	own.Captured = kaopass.Yen(1300)
	c.till.Post(t, "/v1/till/totals", apitest.JSON(own)).Into(t, 200, &said)
	if said.Agrees || said.Ledger.Captured != kaopass.Yen(1200) {
		t.Errorf("%+v", said)
	}
	own.Day = "2020-01-01"
	if code := c.till.Post(t, "/v1/till/totals", apitest.JSON(own)).Problem(t, 409); code != "state" {
		t.Error(code)
	}
	for _, bad := range []sums{{Day: "x", Captured: kaopass.Yen(1), Refunded: kaopass.Yen(1)}, {Day: c.status(t).Day},
		{Day: c.status(t).Day, Captures: -1, Captured: kaopass.Yen(1), Refunded: kaopass.Yen(1)}} {
		c.till.Post(t, "/v1/till/totals", apitest.JSON(bad)).Problem(t, 422)
	}
}
