package portal_test

import (
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// paidAt is a visitor who paid 1,200 yen at a till and got 200 back.
func paidAt(t *testing.T, v *venue, contact string) db.Outcome {
	t.Helper()
	ctx := t.Context()
	_, code, err := v.DB.AddDevice(ctx, kaopass.Till, "ramen-1", "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	till, _, err := v.DB.ClaimDevice(ctx, code, "test", "1")
	if err != nil {
		t.Fatal(err)
	}
	who, err := v.DB.Import(ctx, db.Import{Name: "Taro Yamada", Contact: contact, Language: kaopass.English, ConsentRef: "form 12", Wallet: kaopass.Yen(5000),
		Template: kaopass.Template{Model: "test", Frames: [][]float32{{1, 0}}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.English, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || who.Reason != "" {
		t.Fatal(who.Reason, err)
	}
	p, err := v.DB.CreatePayment(ctx, db.NewPayment{Till: till.ID, Amount: kaopass.Yen(1200), OrderRef: "table 4"})
	if err != nil {
		t.Fatal(err)
	}
	face := kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{who.Enrolment}}
	p, err = v.DB.PaymentFace(ctx, db.PaymentFace{Till: till.ID, Payment: p.ID, Identification: face})
	if err != nil || p.Status != kaopass.AwaitingConfirmation {
		t.Fatal(p.Status, p.Reason, err)
	}
	if _, err = v.DB.ConfirmPayment(ctx, nil, kaopass.Key{}, till.ID, p.ID, p.Methods[0].ID); err != nil {
		t.Fatal(err)
	}
	p, err = v.DB.RefundPayment(ctx, nil, kaopass.Key{}, till.ID, p.ID, kaopass.Yen(200), "cold soup")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whoever paid sees the till's receipts in the history, and nobody else does.
func TestReceiptsInTheHistory(t *testing.T) {
	v := open(t)
	v.Issuer = kaopass.Issuer{Name: "Kaopass Diner", Registration: "T1234567890123"}
	p := paidAt(t, v, "taro@example.jp")
	href := "/wallet/receipt/" + string(p.ID)
	back := href + "?refund=" + string(p.Refund)
	b := v.signIn(t, "taro@example.jp")
	b.get("/wallet/history").is(200, `href="`+href+`"`, `href="`+back+`"`)
	b.get(href).is(200, "Kaopass Diner", "T1234567890123", "table 4", "¥1,200", string(p.ID))
	b.get(back).is(200, "Refund receipt", "¥200")
	b.get("/wallet/receipt/pay_none").is(404)
	v.signIn(t, "mallory@example.jp").get(href).is(404)
}
