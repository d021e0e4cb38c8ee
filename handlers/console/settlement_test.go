package console_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// sold sells something at a till of the room and gives a part back.
func (r room) sold(t *testing.T, orderRef string) kaopass.Device {
	t.Helper()
	_, code, err := r.DB.AddDevice(t.Context(), kaopass.Till, "=till-1", "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	till, _, err := r.DB.ClaimDevice(t.Context(), code, "test", "1")
	if err != nil {
		t.Fatal(err)
	}
	who, err := r.DB.Import(t.Context(), db.Import{Name: "Taro Yamada", Language: kaopass.Japanese, ConsentRef: "form 12", Wallet: kaopass.Yen(5000),
		Template: kaopass.Template{Model: "test", Frames: [][]float32{make([]float32, 512)}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || who.Reason != "" {
		t.Fatal(who.Reason, err)
	}
	p, err := r.DB.CreatePayment(t.Context(), db.NewPayment{Till: till.ID, Amount: kaopass.Yen(1200), OrderRef: orderRef})
	if err != nil {
		t.Fatal(err)
	}
	face := kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{who.Enrolment}}
	p, err = r.DB.PaymentFace(t.Context(), db.PaymentFace{Till: till.ID, Payment: p.ID, Identification: face})
	if err != nil || p.Status != kaopass.AwaitingConfirmation {
		t.Fatal(p.Status, p.Reason, err)
	}
	if p, err = r.DB.ConfirmPayment(t.Context(), nil, kaopass.Key{}, till.ID, p.ID, p.Methods[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err = r.DB.RefundPayment(t.Context(), nil, kaopass.Key{}, till.ID, p.ID, kaopass.Yen(200), "＝SUM(A1)"); err != nil {
		t.Fatal(err)
	}
	return till
}

func TestWhoMaySettle(t *testing.T) {
	r := open(t)
	for _, role := range []kaopass.StaffRole{kaopass.Viewer, kaopass.GateStaff} {
		b := r.as(t, role)
		for _, path := range []string{"/console/settlement", "/console/settlement.csv?store=x"} {
			if status, _ := b.get(t, path); status != http.StatusForbidden {
				t.Errorf("%s reads %s: %d", role, path, status)
			}
		}
		if status, _ := b.post(t, "/console/settlement", "day", "2026-07-01"); status != http.StatusForbidden {
			t.Errorf("%s closes a day: %d", role, status)
		}
		if _, page := b.get(t, "/console"); strings.Contains(page, "/console/settlement") {
			t.Errorf("%s is offered the settlement", role)
		}
	}
}

func TestADayOnThePage(t *testing.T) {
	r := open(t)
	b := r.as(t, kaopass.Manager)
	till := r.sold(t, "=cmd()")
	today := kaopass.TradeDayOf(time.Now())
	status, page := b.get(t, "/console/settlement?day="+string(today))
	for _, want := range []string{"¥1,200", "¥200", "This day is not over", "agree to the yen", "=till-1"} {
		if status != 200 || !strings.Contains(page, want) {
			t.Errorf("%d: the page does not say %q", status, want)
		}
	}
	if _, page = b.post(t, "/console/settlement", "day", string(today)); !strings.Contains(page, "not over yet") {
		t.Error("a day that runs is closed")
	}
	if status, _ := b.get(t, "/console/settlement.csv?day="+string(today)+"&store=Ramen+East"); status != 404 {
		t.Errorf("the lines of a day that is not closed: %d", status)
	}
	own := kaopass.Totals{Captures: 1, Captured: kaopass.Yen(1100), Refunds: 1, Refunded: kaopass.Yen(200)}
	if _, err := r.DB.ReportTotals(t.Context(), db.TillTotals{Till: till.ID, Day: today, Own: own}); err != nil {
		t.Fatal(err)
	}
	if _, page = b.get(t, "/console/settlement?day="+string(today)); !strings.Contains(page, "1 thing differs") || !strings.Contains(page, string(till.ID)) ||
		!strings.Contains(page, "may have lost an answer") {
		t.Error("the till's own totals are not told apart")
	}
	if status, _ = b.get(t, "/console/settlement?day=never&store="+strings.Repeat("x", 99)); status != 200 {
		t.Errorf("a day that is none: %d", status)
	}
}

func TestTheLinesAsATable(t *testing.T) {
	r := open(t)
	r.sold(t, "=cmd()")
	yesterday := kaopass.TradeDayOf(time.Now())
	_, until := yesterday.Span()
	r.Later(time.Until(until) + time.Minute) // soon after, so that the settlement waits for the sale
	b := r.as(t, kaopass.Manager)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { // others of the cluster may hold it up
		if _, page := b.post(t, "/console/settlement", "day", string(yesterday)); strings.Contains(page, "The day is closed.") {
			break
		} else if time.Now().After(end) {
			t.Fatal(page)
		}
	}
	status, body := b.get(t, "/console/settlement.csv?day="+string(yesterday)+"&store=Ramen+East")
	body, marked := strings.CutPrefix(body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if status != 200 || !marked || err != nil || len(rows) != 8 || strings.Count(body, "\r\n") != 8 {
		t.Fatalf("%d %v %v: %s", status, marked, err, body)
	}
	if paid := rows[1]; paid[1] != "payment" || paid[11] != "1200" || paid[9] != "'=cmd()" || paid[8] != "'=till-1" || paid[10] != "emoney" {
		t.Errorf("%q", paid)
	}
	if back := rows[2]; back[1] != "refund" || back[11] != "-200" || back[12] != "'＝SUM(A1)" || !kaopass.PrefixRefund.Is(back[5]) {
		t.Errorf("%q", back)
	}
	if sum, net := rows[3], rows[7]; sum[11] != "1000" || net[11] != "1000" || sum[12] != "complete" || !kaopass.PrefixSettlement.Is(net[4]) {
		t.Errorf("%q %q", sum, net)
	}
	events, _, err := r.DB.Events(t.Context(), db.EventFilter{Kind: string(kaopass.SettlementExported)}, db.Page{})
	if err != nil || len(events) != 1 || !kaopass.PrefixStaff.Is(events[0].Actor) {
		t.Errorf("%+v %v", events, err)
	}
}
