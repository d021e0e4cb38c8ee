package console_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

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
	if status, _ := viewer.post(t, path, "answer-"+charge, "x"); status != 403 {
		t.Error("a viewer settles:", status)
	}
	if status, page := manager.post(t, path, "answer-"+charge, " "); status != 422 || !strings.Contains(page, "Please write a sentence") {
		t.Error("without a word:", status)
	}
	if status, page := manager.post(t, path, "answer-"+charge, "paid in cash <b>"); status != 200 || !strings.Contains(page, "paid in cash &lt;b&gt;") || strings.Contains(page, `action="`+path) {
		t.Error(status)
	}
	if status, _ := manager.post(t, path, "answer-"+charge, "again"); status != 409 {
		t.Error("twice:", status)
	}
	if status, _ := manager.post(t, "/console/cards/chg_none", "answer-chg_none", "x"); status != 404 {
		t.Error("none:", status)
	}
}
