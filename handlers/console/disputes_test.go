package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// payer is somebody who consented to payment, without a face: the console's pages need none.
func (r room) payer(t *testing.T, contact string, yen int64) kaopass.VisitorID {
	t.Helper()
	in, err := r.DB.Import(t.Context(), db.Import{Name: "Hana Yamada", Contact: contact, Language: kaopass.English,
		Template: kaopass.Template{Model: "test", Frames: [][]float32{make([]float32, 64)}}, ConsentRef: "form", Wallet: kaopass.Yen(yen),
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.English, Method: kaopass.SignedPaper, Mark: "form 1", SignedAt: time.Now()}}})
	if err != nil || in.Reason != "" {
		t.Fatal(in.Reason, err)
	}
	return in.Visitor
}

// topUpCase is a case about money that was put in at the desk.
func (r room) topUpCase(t *testing.T) (kaopass.VisitorID, kaopass.DisputeID) {
	t.Helper()
	me := r.payer(t, "hana@example.com", 3000)
	list, _, err := r.DB.History(t.Context(), me, db.Page{})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	c, err := r.DB.OpenDispute(t.Context(), me, list[0].Subject)
	if err != nil || c.ID == "" {
		t.Fatal(c, err)
	}
	return me, c.ID
}

func TestStaffAnswerACase(t *testing.T) {
	r := open(t)
	me, id := r.topUpCase(t)
	path := "/console/disputes/" + string(id)
	viewer, manager := r.as(t, kaopass.Viewer), r.as(t, kaopass.Manager)
	for _, secret := range []string{"/console/disputes", path} {
		if status, _ := viewer.get(t, secret); status != 403 {
			t.Errorf("a viewer asks for %s: %d", secret, status)
		}
	}
	if status, page := manager.get(t, "/console/disputes"); status != 200 || !strings.Contains(page, path) || !strings.Contains(page, "Nobody yet") {
		t.Errorf("%d, and the worklist does not show the case", status)
	}
	status, page := manager.get(t, path)
	if status != 200 || !strings.Contains(page, "H. Y.") || strings.Contains(page, "Yamada") || regexp.MustCompile(`similar|score|template|cosine`).MatchString(page) {
		t.Errorf("%d: a case shows initials, and nothing of a face", status)
	}
	if status, page := manager.post(t, path+"/assign"); status != 200 || !strings.Contains(page, "Hana manager") {
		t.Errorf("assigning: %d", status)
	}
	for name, fields := range map[string][]string{"nothing": nil, "too much": {"answer", strings.Repeat("é", 300)}} {
		if status, page := manager.post(t, path+"/reject", fields...); status != 422 || !strings.Contains(page, "at most 500 bytes") ||
			!strings.Contains(page, `aria-describedby="answer-wrong`) {
			t.Errorf("an answer of %s: %d", name, status)
		}
	}
	for range 2 { // two taps are one
		if status, page := manager.post(t, path+"/reject", "key", "k2", "answer", "It was paid in at desk 4 <b>with</b> you there."); status != 200 ||
			!strings.Contains(page, "&lt;b&gt;with&lt;/b&gt;") {
			t.Errorf("answering: %d", status)
		}
	}
	if status, _ := manager.post(t, path+"/reject", "key", "k3", "answer", "again"); status != 409 {
		t.Errorf("answering again: %d", status)
	}
	if status, page := manager.post(t, path+"/refund", "key", "k4"); status != 409 || !strings.Contains(page, "not possible any more") {
		t.Errorf("a refund of what has ended: %d", status)
	}
	if status, _ := manager.post(t, path+"/assign"); status != 409 {
		t.Errorf("assigning what has ended: %d", status)
	}
	if _, page := manager.get(t, "/console/disputes?ended=1"); !strings.Contains(page, path) {
		t.Error("a case that ended is not listed")
	}
	if status, _ := manager.get(t, "/console/disputes/dsp_nothing"); status != 404 {
		t.Errorf("no such case: %d", status)
	}
	if status, page := manager.post(t, "/console/visitors/"+string(me)+"/freeze", "frozen", "off"); status != 409 || !strings.Contains(page, "only the visitor can allow them again") {
		t.Errorf("staff allow payments that the visitor stopped: %d", status)
	}
}

// Money that somebody else put in goes back, once, and the case is over.
func TestStaffGiveADisputedTopUpBack(t *testing.T) {
	r := open(t)
	me, id := r.topUpCase(t)
	manager, path := r.as(t, kaopass.Manager), "/console/disputes/"+string(id)
	for range 2 { // two taps are one
		if status, page := manager.post(t, path+"/refund", "key", "k1"); status != 200 || !strings.Contains(page, "Hana manager") {
			t.Errorf("giving it back: %d", status)
		}
	}
	if status, _ := manager.post(t, path+"/refund", "key", "k2"); status != 409 {
		t.Errorf("again: %d", status)
	}
	if w, err := r.DB.Wallet(t.Context(), me); err != nil || w.Balance.Value != 0 {
		t.Errorf("%+v %v", w, err)
	}
}

func TestLimitsAndLockedTills(t *testing.T) {
	r := open(t)
	viewer, admin := r.as(t, kaopass.Viewer), r.as(t, kaopass.Admin)
	if status, page := viewer.get(t, "/console/limits"); status != 200 || !strings.Contains(page, "¥50,000") || strings.Contains(page, "<input") && strings.Contains(page, `name="hour_sum"`) {
		t.Errorf("%d: a viewer reads the limits, and cannot set them", status)
	}
	all := []string{"payment", "3000", "code_from", "2000", "hour_count", "10", "hour_sum", "9000", "day_count", "20", "day_sum", "20000",
		"till_minute", "30", "till_hour", "300"}
	if status, _ := viewer.post(t, "/console/limits", all...); status != 403 {
		t.Errorf("a viewer sets limits: %d", status)
	}
	for _, bad := range []string{"50001", "0", "-1", "many", ""} {
		wrong := append([]string{"payment", bad}, all[2:]...)
		if status, page := admin.post(t, "/console/limits", wrong...); status != 422 || !strings.Contains(page, "A whole number from 1 to 50,000") {
			t.Errorf("a payment of %q: %d", bad, status)
		}
	}
	if status, page := admin.post(t, "/console/limits", all...); status != 200 || !strings.Contains(page, "The limits are in force") || !strings.Contains(page, `value="9000"`) {
		t.Errorf("setting limits: %d", status)
	}
	if status, _ := admin.post(t, "/console/tills/dev_nothing/clear"); status != 404 {
		t.Errorf("no such till: %d", status)
	}
}

func TestStaffChangeAnAllowance(t *testing.T) {
	r := open(t)
	child := r.payer(t, "child@example.com", 0)
	manager := r.as(t, kaopass.Manager)
	path := "/console/visitors/" + string(child) + "/allowance"
	if status, _ := manager.post(t, path, "day", "100", "week", "100"); status != 404 {
		t.Errorf("somebody who signs for themselves: %d", status)
	}
	g := kaopass.Guardian{Name: "Yuki Yamada", Allowance: kaopass.Allowance{Day: 1000, Week: 2000}}
	if err := r.DB.SignGuardian(t.Context(), child, g, "stf_test"); err != nil {
		t.Fatal(err)
	}
	if status, page := manager.post(t, "/console/visitors", "query", string(child)); status != 200 || !strings.Contains(page, "Yuki Yamada") || !strings.Contains(page, `value="2000"`) {
		t.Errorf("the guardian is not shown: %d", status)
	}
	for _, bad := range [][]string{{"day", "lots", "week", "1"}, {"day", "-1", "week", "1"}, {"day", "1", "week", "50001"}} {
		if status, _ := manager.post(t, path, bad...); status != 422 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	if status, page := manager.post(t, path, "day", "1500", "week", "3000", "card", "on"); status != 200 || !strings.Contains(page, "allowance is changed") {
		t.Errorf("%d", status)
	}
	if p, err := r.DB.Profile(t.Context(), child); err != nil || p.Guardian.Allowance != (kaopass.Allowance{Day: 1500, Week: 3000, Card: true}) {
		t.Errorf("%+v %v", p.Guardian, err)
	}
	if status, page := manager.post(t, path, "end", "on"); status != 200 || !strings.Contains(page, "sign for themselves") {
		t.Errorf("%d", status)
	}
}
