package till_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// dayReport is what these tests read of a till's day.
type dayReport struct {
	Day     kaopass.TradeDay
	Over    bool
	Methods []struct {
		Kind     kaopass.MethodKind `json:"method_kind"`
		Captures int
		Captured kaopass.Money
		Refunded kaopass.Money
	}
	Net       kaopass.Money
	Unsettled kaopass.Money
	SettledAt string `json:"settled_at"`
	Differs   *kaopass.Money
	Reported  *struct{ Captured kaopass.Money }
	Unprinted int  `json:"receipts_unprinted"`
	Complete  bool `json:"escpos_complete"`
	Lines     []struct{ Left, Right, Style string }
	Text      string
}

func TestATillsDay(t *testing.T) {
	c := open(t)
	p := c.paid(t, 1200)
	c.till.Post(t, "/v1/payments/"+p.ID+"/refunds", apitest.JSON(money{Amount: kaopass.Yen(200)})).Into(t, 201, &struct{}{})
	var d dayReport
	c.till.Get(t, "/v1/till/day").Into(t, 200, &d)
	if d.Over || d.Net != kaopass.Yen(1000) || d.Unsettled != kaopass.Yen(1000) || len(d.Methods) != 1 || d.Methods[0].Kind != kaopass.EMoney ||
		d.Methods[0].Captured != kaopass.Yen(1200) || d.Methods[0].Refunded != kaopass.Yen(200) || d.Unprinted != 2 || d.SettledAt != "" ||
		d.Reported != nil || !d.Complete || !strings.Contains(d.Text, "1,000") || strings.Contains(d.Text, "T. Y.") {
		t.Errorf("%+v", d)
	}
	own := map[string]any{"day": d.Day, "captures": 1, "captured": kaopass.Yen(1200), "refunds": 0, "refunded": kaopass.Yen(0)}
	c.till.Post(t, "/v1/till/totals", apitest.JSON(own)).Into(t, 200, &struct{}{})
	c.till.Get(t, "/v1/till/day?day="+string(d.Day)).Into(t, 200, &d)
	if d.Reported == nil || d.Reported.Captured != kaopass.Yen(1200) {
		t.Errorf("%+v", d)
	}
	if text := c.till.Get(t, "/v1/till/day?format=text&width=80"); text.Status != 200 || !strings.Contains(string(text.Body), "Ramen East") {
		t.Errorf("%d %s", text.Status, text.Body)
	}
	if raw := c.till.Get(t, "/v1/till/day?format=escpos"); raw.Status != 200 || !strings.HasPrefix(string(raw.Body), "\x1b@") || strings.Contains(string(raw.Body), "?") {
		t.Errorf("%d %q", raw.Status, raw.Body)
	}
	for _, bad := range []string{"?day=never", "?width=1", "?format=pdf"} {
		c.till.Get(t, "/v1/till/day"+bad).Problem(t, 422)
	}
	if code := c.till.Get(t, "/v1/till/day?day="+string(d.Day.Add(1))).Problem(t, 409); code != "state" {
		t.Error(code)
	}
	var before dayReport
	c.till.Get(t, "/v1/till/day?day="+string(d.Day.Add(-1))).Into(t, 200, &before)
	if before.Net != kaopass.Yen(0) || len(before.Methods) != 0 {
		t.Errorf("%+v", before)
	}
	c.Later(25 * time.Hour)
	c.till.Get(t, "/v1/till/day?day="+string(d.Day)).Into(t, 200, &d)
	if !d.Over {
		t.Error("yesterday is not over")
	}
}

// A receipt in each language, in that of whoever paid, and as far as a printer's font goes.
func TestAReceiptInThePayersLanguage(t *testing.T) {
	c := open(t)
	p := c.shown(t, 5000, "") // all that is in the wallet, so that its owner can go
	if p.Payer == nil || p.Payer.Language != kaopass.Korean {
		t.Errorf("the till does not know what language to speak: %+v", p.Payer)
	}
	p = c.confirm(t, p)
	path := "/v1/payments/" + p.ID + "/receipt?"
	for asked, want := range map[string]kaopass.Language{"payer": kaopass.Korean, "ko": kaopass.Korean, "ja": kaopass.Japanese, "zh-Hans": kaopass.Chinese, "en": kaopass.English} {
		var r struct {
			Language kaopass.Language
			Complete *bool `json:"escpos_complete"`
			Text     string
		}
		c.till.Get(t, path+url.Values{"language": {asked}}.Encode()).Into(t, 200, &r)
		has := want == kaopass.Japanese || want == kaopass.English
		if r.Language != want || r.Complete == nil || *r.Complete != has || !strings.Contains(r.Text, apitest.Words(want).T("receipt.thanks")) {
			t.Errorf("%s: %+v", asked, r)
		}
	}
	if text := c.till.Get(t, path+"language=payer&format=text"); !strings.Contains(string(text.Body), "영수증") {
		t.Errorf("%s", text.Body)
	}
	if raw := c.till.Get(t, path+"language=payer&format=escpos"); !strings.Contains(string(raw.Body), "Thank you") {
		t.Errorf("%q", raw.Body)
	}
	c.till.Get(t, path+"language=fr").Problem(t, 422)
	if _, err := c.DB.EraseVisitor(t.Context(), c.person.ID); err != nil {
		t.Fatal(err)
	}
	if text := c.till.Get(t, path+"language=payer&format=text"); text.Status != 200 || strings.Contains(string(text.Body), "영수증") {
		t.Errorf("of one who is gone: %d %s", text.Status, text.Body)
	}
}
