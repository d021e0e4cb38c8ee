package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// lockedTill is a till at which too many wrong codes were entered.
func (r room) lockedTill(t *testing.T, name string) kaopass.Device {
	t.Helper()
	_, code, err := r.DB.AddDevice(t.Context(), kaopass.Till, name, "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	till, _, err := r.DB.ClaimDevice(t.Context(), code, "test", "1")
	if err != nil {
		t.Fatal(err)
	}
	r.misses(t, till.ID, kaopass.CodeTillTries)
	return till
}

// misses enters so many wrong codes at a till.
func (r room) misses(t *testing.T, till kaopass.DeviceID, n int) {
	t.Helper()
	who, err := r.DB.Import(t.Context(), db.Import{Name: "Jiro Yamada", Language: kaopass.Japanese, ConsentRef: "form 12", Wallet: kaopass.Yen(5000),
		Template: kaopass.Template{Model: "test", Frames: [][]float32{make([]float32, 512)}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || who.Reason != "" {
		t.Fatal(who.Reason, err)
	}
	var p db.Outcome
	for range n {
		if p.Status != kaopass.AwaitingCode {
			if p, err = r.DB.CreatePayment(t.Context(), db.NewPayment{Till: till, Amount: kaopass.Yen(kaopass.CodeAbove)}); err != nil {
				t.Fatal(err)
			}
			face := kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{who.Enrolment}}
			if _, err = r.DB.PaymentFace(t.Context(), db.PaymentFace{Till: till, Payment: p.ID, Identification: face}); err != nil {
				t.Fatal(err)
			}
		}
		if p, err = r.DB.PaymentCode(t.Context(), kaopass.Key{}, till, p.ID, "none"); err != nil {
			t.Fatal(err)
		}
	}
}

// foreign posts a form as a page of another site would make a browser do.
func (b browser) foreign(t *testing.T, path string, fields url.Values) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	status, _ := b.do(t, req)
	return status
}

// A locked till's page says why, since when and what is left; a manager lets it go on, for a reason that is kept, once.
func TestALockedTillIsUnlockedWithAReason(t *testing.T) {
	r := open(t)
	till := r.lockedTill(t, "ramen-1")
	page, clearing := "/console/devices/"+string(till.ID), "/console/tills/"+string(till.ID)+"/clear"
	viewer, manager := r.as(t, kaopass.Viewer), r.as(t, kaopass.Manager)

	_, drawn := viewer.get(t, page)
	for _, want := range []string{"Locked", "Code did not match", "30 of 30: no tries left", "0 of 10 in", "Only the till is locked"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("a viewer's page does not say %q", want)
		}
	}
	if strings.Contains(drawn, clearing) || strings.Contains(drawn, "Yamada") {
		t.Error("a viewer is offered to unlock it, or told of whom")
	}
	if status, _ := viewer.post(t, clearing, "why", "x"); status != http.StatusForbidden {
		t.Errorf("a viewer unlocks it: %d", status)
	}
	if status := manager.foreign(t, clearing, url.Values{"why": {"x"}}); status != http.StatusForbidden {
		t.Errorf("another site unlocks it: %d", status)
	}
	if status, _ := r.browser(t).post(t, clearing, "why", "x"); status != http.StatusOK && status != http.StatusUnauthorized {
		t.Errorf("nobody unlocks it: %d", status) // 200 is the sign-in page
	}
	for _, why := range []string{"", "   ", strings.Repeat("ん", 80)} {
		if status, page := manager.post(t, clearing, "why", why); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Please say why") {
			t.Errorf("for the reason %q: %d", why, status)
		}
	}
	if _, drawn = viewer.get(t, page); !strings.Contains(drawn, "no tries left") {
		t.Fatal("it was unlocked on the way")
	}
	status, drawn := manager.post(t, clearing, "why", "a school class <b>guessed</b>")
	if status != 200 || !strings.Contains(drawn, "The till is unlocked") || !strings.Contains(drawn, "Not locked") ||
		!strings.Contains(drawn, "0 of 30 in 10 minutes: 30 tries left") || !strings.Contains(drawn, "&lt;b&gt;guessed") || !strings.Contains(drawn, "Hana manager") {
		t.Errorf("unlocking: %d %s", status, drawn)
	}
	if status, drawn = manager.post(t, clearing, "why", "again"); status != http.StatusConflict || !strings.Contains(drawn, "not locked any more") {
		t.Errorf("twice: %d", status)
	}
	events, _, err := r.DB.Events(t.Context(), db.EventFilter{Kind: string(kaopass.TillCleared)}, db.Page{})
	if err != nil || len(events) != 1 || !kaopass.PrefixStaff.Is(events[0].Actor) || events[0].Device != till.ID {
		t.Errorf("%+v %v", events, err)
	}
	r.misses(t, till.ID, 4)
	if _, drawn = viewer.get(t, page); !strings.Contains(drawn, "4 of 30 in 10 minutes: 26 tries left") {
		t.Error("new tries are not counted")
	}
	if status, _ = manager.post(t, "/console/tills/dev_nothing/clear", "why", "x"); status != 404 {
		t.Errorf("no such till: %d", status)
	}
}

// The board says what waits for staff, and leads those there who may do something about it.
func TestTheBoardSaysWhatWaits(t *testing.T) {
	r := open(t)
	manager, viewer := r.as(t, kaopass.Manager), r.as(t, kaopass.Viewer)
	if _, page := manager.get(t, "/console"); !strings.Contains(page, "Nothing is waiting.") {
		t.Error("an empty list does not say so")
	}
	r.topUpCase(t)
	till := r.lockedTill(t, "ramen-1")
	_, page := manager.get(t, "/console")
	for _, want := range []string{"1 case open", "1 with nobody yet", `href="/console/disputes"`, "1 till locked", "/console/devices/" + string(till.ID), "Locked"} {
		if !strings.Contains(page, want) {
			t.Errorf("the board does not say %q", want)
		}
	}
	if _, page = viewer.get(t, "/console"); !strings.Contains(page, "1 case open") || strings.Contains(page, `href="/console/disputes"`) {
		t.Error("a viewer is led to the cases, or not told of them")
	}
	r.lockedTill(t, "ramen-2")
	if _, page = manager.get(t, "/console"); !strings.Contains(page, "2 tills locked") {
		t.Error("two locked tills are not counted")
	}
	if _, page = manager.get(t, "/console/limits"); strings.Count(page, "Unlock on its page") != 2 {
		t.Error("the limits do not lead to the tills")
	}
}
