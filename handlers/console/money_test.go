package console_test

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// topped is a visitor with a wallet that was filled at the desk.
func (r room) topped(t *testing.T, name string, yen int64) db.Imported {
	t.Helper()
	who, err := r.DB.Import(t.Context(), db.Import{Name: name, Contact: strings.ToLower(name) + "@example.com", Language: kaopass.Japanese, ConsentRef: "form 12", Wallet: kaopass.Yen(yen),
		Template: kaopass.Template{Model: "test", Frames: [][]float32{make([]float32, 512)}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || who.Reason != "" {
		t.Fatal(who.Reason, err)
	}
	return who
}

// owed sells something to somebody who leaves, and gives it back.
func (r room) owed(t *testing.T) (kaopass.PaymentID, kaopass.RefundID) {
	t.Helper()
	_, code, err := r.DB.AddDevice(t.Context(), kaopass.Till, "till-1", "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	till, _, err := r.DB.ClaimDevice(t.Context(), code, "test", "1")
	if err != nil {
		t.Fatal(err)
	}
	who := r.topped(t, "Taro", 1200)
	p, err := r.DB.CreatePayment(t.Context(), db.NewPayment{Till: till.ID, Amount: kaopass.Yen(1200), OrderRef: "order 7"})
	if err != nil {
		t.Fatal(err)
	}
	face := kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{who.Enrolment}}
	if p, err = r.DB.PaymentFace(t.Context(), db.PaymentFace{Till: till.ID, Payment: p.ID, Identification: face}); err != nil {
		t.Fatal(err)
	}
	if p, err = r.DB.ConfirmPayment(t.Context(), nil, kaopass.Key{}, till.ID, p.ID, p.Methods[0].ID); err != nil || p.Status != kaopass.Captured {
		t.Fatal(p.Status, p.Reason, err)
	}
	if _, err = r.DB.EraseVisitor(t.Context(), who.Visitor); err != nil {
		t.Fatal(err)
	}
	back, err := r.DB.RefundPayment(t.Context(), nil, kaopass.Key{}, till.ID, p.ID, kaopass.Yen(1200), "cold")
	if err != nil {
		t.Fatal(err)
	}
	return p.ID, back.Refund
}

// formKeys is where a page hides the name of its form.
var formKeys = regexp.MustCompile(`name="key" value="([^"]+)"`)

func keyIn(t *testing.T, page string) string {
	t.Helper()
	found := formKeys.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page has no form that moves money")
	}
	return found[1]
}

func TestWhoMayMoveMoney(t *testing.T) {
	r := open(t)
	for _, role := range []kaopass.StaffRole{kaopass.Viewer, kaopass.GateStaff} {
		b := r.as(t, role)
		for _, path := range []string{"/console/fees", "/console/due", "/console/due/ref_1", "/console/visitors/vis_1/topups"} {
			if status, _ := b.get(t, path); status != http.StatusForbidden {
				t.Errorf("%s reads %s: %d", role, path, status)
			}
			if status, _ := b.post(t, path); status != http.StatusForbidden && status != http.StatusMethodNotAllowed {
				t.Errorf("%s posts to %s: %d", role, path, status)
			}
		}
	}
	if status, _ := r.as(t, kaopass.Manager).post(t, "/console/fees", "store", "x", "percent", "1", "from", "2030-01-01"); status != http.StatusForbidden {
		t.Error("a manager sets a fee:", status)
	}
}

func TestAnAdministratorSetsAFee(t *testing.T) {
	r := open(t)
	r.owed(t)
	b := r.as(t, kaopass.Admin)
	tomorrow := string(kaopass.TradeDayOf(time.Now()).Add(1))
	for _, c := range [][4]string{{"Ramen East", "2.555", tomorrow, "such as 2.5"}, {"Ramen East", "", tomorrow, "such as 2.5"}, {"Ramen East", "99", tomorrow, "such as 2.5"},
		{"Ramen East", "2.5", string(kaopass.TradeDayOf(time.Now())), "day to come"}, {"Ramen East", "2.5", "soon", "day to come"}, {"Elsewhere", "2.5", tomorrow, "store that sells here"}} {
		if status, page := b.post(t, "/console/fees", "store", c[0], "percent", c[1], "from", c[2]); status != 422 || !strings.Contains(page, c[3]) {
			t.Errorf("%q: %d", c, status)
		}
	}
	for _, percent := range []string{"2,5", "3"} {
		if status, page := b.post(t, "/console/fees", "store", "Ramen East", "percent", percent, "from", tomorrow); status != 200 || !strings.Contains(page, "The rate is set.") {
			t.Errorf("%d: %s", status, page)
		}
	}
	_, page := b.get(t, "/console/fees")
	for _, want := range []string{"<td data-number>0 %</td>", "3 % from", "<td data-number>2.5 %</td>", "Hana admin"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "2.5 % from") {
		t.Error("a rate that was replaced is said to come")
	}
	if _, page := r.as(t, kaopass.Manager).get(t, "/console/fees"); strings.Contains(page, `action="/console/fees"`) {
		t.Error("a manager is offered the form")
	}
}

func TestARefundIsPaidAtTheDesk(t *testing.T) {
	r := open(t)
	payment, refund := r.owed(t)
	b := r.as(t, kaopass.Manager)
	status, page := b.get(t, "/console/due?reference="+string(payment))
	for _, want := range []string{"1 refund waits", "¥1,200", "order 7", "till-1", "Account deleted", "/console/due/" + string(refund)} {
		if status != 200 || !strings.Contains(page, want) {
			t.Errorf("%d: the list does not say %q", status, want)
		}
	}
	if strings.Contains(page, "Taro") || strings.Contains(page, "vis_") {
		t.Error("the list names somebody")
	}
	if status, _ := b.get(t, "/console/due/ref_none"); status != 404 {
		t.Error("what is not owed:", status)
	}
	at := "/console/due/" + string(refund)
	_, page = b.get(t, at)
	key := keyIn(t, page)
	if status, page = b.post(t, at, "key", key, "receipt", " "); status != 422 || !strings.Contains(page, "not used before") {
		t.Error("without a receipt:", status)
	}
	for range 2 { // two taps are one
		if status, page = b.post(t, at, "key", key, "receipt", "A-1", "note", "<b>ok</b>"); status != 200 || !strings.Contains(page, "in the books") {
			t.Fatalf("%d: %s", status, page)
		}
	}
	if status, page = b.post(t, at, "key", "another", "receipt", "A-2"); status != 409 || !strings.Contains(page, "A-1") || strings.Contains(page, "A-2") {
		t.Errorf("paid by another: %d", status)
	}
	if _, page = b.get(t, "/console/due?paid=1"); !strings.Contains(page, "A-1") || !strings.Contains(page, "Hana manager") {
		t.Error("what was paid out is not listed")
	}
	if _, page = b.get(t, "/console/due?reference="+strings.Repeat("x", 99)); !strings.Contains(page, "Nothing is due") {
		t.Error("it is still owed")
	}
}

func TestATopUpIsGivenBack(t *testing.T) {
	r := open(t)
	who := r.topped(t, "Hanako", 2000)
	b := r.as(t, kaopass.Manager)
	if _, page := b.post(t, "/console/visitors", "query", "hanako@example.com"); !strings.Contains(page, string(who.Visitor)+"/topups") {
		t.Error("nothing leads to what was put in")
	}
	at := "/console/visitors/" + string(who.Visitor) + "/topups"
	status, page := b.get(t, at)
	topUp := regexp.MustCompile(`value="(trf_[a-z0-9]+)"`).FindStringSubmatch(page)
	if status != 200 || topUp == nil || !strings.Contains(page, "Hanako") || !strings.Contains(page, "¥2,000") {
		t.Fatalf("%d: %s", status, page)
	}
	send := func(amount string) (int, string) {
		_, page := b.get(t, at)
		return b.post(t, at, "key", keyIn(t, page), "topup", topUp[1], "amount", amount, "why", "asked")
	}
	for amount, want := range map[string]int{"2001": 409, "-1": 422, "x": 422} {
		if status, _ := send(amount); status != want {
			t.Errorf("%s: %d", amount, status)
		}
	}
	if status, page = send("500"); status != 200 || !strings.Contains(page, "hand out the cash") || !strings.Contains(page, "¥1,500") {
		t.Errorf("%d", status)
	}
	if status, page = send(""); status != 200 || strings.Contains(page, `name="key"`) {
		t.Errorf("all: %d, and the form is still there", status)
	}
	if status, _ := b.get(t, "/console/visitors/vis_none/topups"); status != 404 {
		t.Error(status)
	}
}

// The table's lines, the fee among them, come to what the store is owed.
func TestTheFeeIsALineOfTheTable(t *testing.T) {
	r := open(t)
	r.topped(t, "Hanako", 10) // a store is known by its till, so one is there before it sells
	if _, _, err := r.DB.AddDevice(t.Context(), kaopass.Till, "till-0", "Ramen East", "venue"); err != nil {
		t.Fatal(err)
	}
	day := kaopass.TradeDayOf(time.Now()).Add(1)
	if err := r.DB.SetFee(t.Context(), kaopass.FeeRate{Store: "Ramen East", Points: 1000, From: day}, "stf_1"); err != nil {
		t.Fatal(err)
	}
	r.Later(24 * time.Hour)
	r.sold(t, "order 7")
	_, until := day.Span()
	r.Later(time.Until(until) - 24*time.Hour + time.Minute) // soon after, so that the settlement waits for the sale
	b := r.as(t, kaopass.Manager)
	page := ""
	for end := time.Now().Add(10 * time.Second); !strings.Contains(page, "The day is closed."); time.Sleep(50 * time.Millisecond) {
		if _, page = b.post(t, "/console/settlement", "day", string(day)); time.Now().After(end) {
			t.Fatal(page)
		}
	}
	for _, want := range []string{"¥1,200", "¥200", "¥100", "10 %", "¥900"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	_, body := b.get(t, "/console/settlement.csv?day="+string(day)+"&store=Ramen+East")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 9 {
		t.Fatalf("%v: %s", err, body)
	}
	if fee := rows[3]; fee[1] != "fee" || fee[11] != "-100" || !kaopass.PrefixTransfer.Is(fee[6]) || fee[12] != "1000 basis points; base 1000000" {
		t.Errorf("%q", fee)
	}
	if sum, fees, net := rows[4], rows[7], rows[8]; sum[11] != "900" || fees[11] != "-100" || net[11] != "900" || net[0] != sum[0] {
		t.Errorf("%q %q %q", sum, fees, net)
	}
}
