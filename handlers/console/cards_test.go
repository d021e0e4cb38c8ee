package console_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// lapsed is a card company whose holds are over when they are to be taken.
type lapsed struct{ db.CardDesk }

func (lapsed) Authorise(context.Context, string, string, kaopass.Money) (db.CardAnswer, error) {
	return db.CardApproved, nil
}

func (lapsed) Capture(context.Context, string, kaopass.Money) (db.CardAnswer, error) {
	return db.CardHoldExpired, nil
}

// What the card company will never pay stands on a list of its own until a manager wrote how it was settled.
func TestStaffSettleWhatACardDidNotPay(t *testing.T) {
	r := open(t)
	manager := r.as(t, kaopass.Manager)
	if status, page := manager.get(t, "/console/cards"); status != 200 || !strings.Contains(page, "Nothing to settle by hand") {
		t.Error(status)
	}
	me := r.payer(t, "hana@example.com", 0)
	card, err := r.DB.AddCard(t.Context(), me, "token", "Visa ••4242")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.DB.TopUp(t.Context(), lapsed{}, db.TopUp{Visitor: me, Method: card.ID, Amount: kaopass.Yen(700)}); err != nil {
		t.Fatal(err)
	}
	viewer := r.as(t, kaopass.Viewer)
	if status, page := viewer.get(t, "/console"); status != 200 || !strings.Contains(page, "1 card payment to settle") || strings.Contains(page, `href="/console/cards"`) {
		t.Error("the board does not say so to a viewer", status)
	}
	if _, page := manager.get(t, "/console"); !strings.Contains(page, `href="/console/cards"`) {
		t.Error("a manager is not led there")
	}
	if status, _ := viewer.get(t, "/console/cards"); status != 403 {
		t.Error("a viewer sees it:", status)
	}
	status, page := manager.get(t, "/console/cards")
	charge := regexp.MustCompile(`chg_[0-9a-z]+`).FindString(page)
	if status != 200 || charge == "" || !strings.Contains(page, "The bank let go of the money") || !strings.Contains(page, "¥700") || strings.Contains(page, string(me)) {
		t.Fatal(status, page)
	}
	path := "/console/cards/" + charge
	form := func(became, answer string) []string {
		return []string{"key", "k-" + became + answer, "was", "", "became-" + charge, became, "answer-" + charge, answer}
	}
	if status, _ := viewer.post(t, path, form("loss", "x")...); status != 403 {
		t.Error("a viewer settles:", status)
	}
	if status, page := manager.post(t, path, form("loss", " ")...); status != 422 || !strings.Contains(page, "Please write a sentence") ||
		!strings.Contains(page, `value="loss" required checked`) {
		t.Error("without a word:", status)
	}
	for _, became := range []string{"", "refunded", "forgiven"} {
		if status, page := manager.post(t, path, form(became, "asked <b>")...); status != 422 || !strings.Contains(page, "Please choose what became of it") ||
			!strings.Contains(page, `value="asked &lt;b&gt;"`) {
			t.Errorf("%q: %d", became, status)
		}
	}
	for range 2 { // the button pressed twice
		if status, page := manager.post(t, path, form("loss", "asked <b>")...); status != 200 || !strings.Contains(page, "asked &lt;b&gt;") ||
			!strings.Contains(page, "¥700 booked") || !strings.Contains(page, "The venue bears it") || !strings.Contains(page, "The money came after all") {
			t.Error(status)
		}
	}
	if status, _ := manager.post(t, path, form("cash", "again")...); status != 409 {
		t.Error("as nobody had:", status)
	}
	late := []string{"was", "loss", "became-" + charge, "cash", "answer-" + charge, "she came by"}
	if status, page := manager.post(t, path, late...); status != 200 || !strings.Contains(page, "she came by") || strings.Contains(page, `action="`+path) {
		t.Error("late:", status)
	}
	if status, _ := manager.post(t, "/console/cards/chg_none", "became-chg_none", "loss", "answer-chg_none", "x"); status != 404 {
		t.Error("none:", status)
	}
	if _, page := manager.get(t, "/console/events?subject="+charge); !strings.Contains(page, "The venue bears it") || !strings.Contains(page, "Collected at the desk") {
		t.Error("the log does not say what became of it")
	}
	r.explained(t, manager)
}

// explained wants the day's page to list it by name, and to differ in nothing.
func (r room) explained(t *testing.T, b browser) {
	t.Helper()
	audit, err := r.DB.AuditLedger(t.Context())
	if err != nil || !audit.OK {
		t.Error(audit.Breaches, err)
	}
	status, page := b.get(t, "/console/settlement?day="+string(kaopass.TradeDayOf(time.Now())))
	for _, want := range []string{"agree to the yen", "Never paid, settled by hand", "Collected at the desk", "Of that never paid, settled by hand"} {
		if status != 200 || !strings.Contains(page, want) {
			t.Errorf("%d: the day does not say %q", status, want)
		}
	}
}
