package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

func (v *venue) settled(t *testing.T) *browser {
	t.Helper()
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForAdmission, kaopass.ForPayment)
	v.enrol(t, v.me(t, b))
	b.post("/ticket", "ticket", v.ticket(t, kaopass.Season).QR)
	return b
}

func TestWithdrawOnePurpose(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	b.get("/me/withdraw/payment").is(200, "Stop using your face for payment?", "The money in your wallet stays yours")
	done := b.post("/me/withdraw/payment")
	if done.status != http.StatusSeeOther || !strings.HasPrefix(done.to, "/me/gone/evt_") {
		t.Fatal(done.status, done.to)
	}
	b.get(done.to).is(200, strings.TrimPrefix(done.to, "/me/gone/"), "Your face is no longer used for this", "<title>Done. It is off")
	b.get("/me/withdraw/payment").leadsTo("/me")
	b.get("/wallet").is(200, "Please agree to payment with your face first", `href="/choice"`)
	b.get("/me").is(200, "Off since", "On since")
	profile, err := v.DB.Profile(t.Context(), v.me(t, b))
	if err != nil || profile.Usable[kaopass.ForPayment] || !profile.Usable[kaopass.ForAdmission] {
		t.Error(profile.Usable, err)
	}
	b.get("/me/withdraw/advertising").is(404)
	b.post("/me/withdraw/advertising").is(404)
}

func TestEraseFace(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	b.get("/me/erase").is(200, "This is what stops working", "Walking in with your face", "Paying with your face")
	done := b.post("/me/erase")
	if !strings.HasPrefix(done.to, "/me/gone/evt_") {
		t.Fatal(done.status, done.to)
	}
	b.get(done.to).is(200, "Its key is destroyed")
	v.signIn(t, "mallory@example.jp").get(done.to).is(404)
	b.get("/me").is(200, "Nothing of your face is kept")
	b.get("/me/uses").is(200, "Your face was erased")
	b.get("/home").is(200, "Choose what your face may do")
	b.still().is(403)
}

func TestDeleteAccount(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	other := v.signIn(t, "yuki@example.jp")
	done := b.post("/me/delete")
	if !strings.HasPrefix(done.to, "/gone/account/evt_") {
		t.Fatal(done.status, done.to, done.body)
	}
	b.get(done.to).is(200, "Your account was deleted", "To the first page")
	b.get("/home").leadsTo("/signin?next=%2Fhome")
	other.get("/home").leadsTo("/signin?next=%2Fhome")
	again := v.signIn(t, "yuki@example.jp")
	again.get("/me").is(200, "Nothing of your face is kept", "No name")
}

func TestThatWasNotMe(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	b.post("/code").is(200)
	page := b.get("/me/uses").is(200, "That wasn&#39;t me")
	event := page.field("event")
	opened := b.post("/me/uses/not-me", "event", event)
	if !strings.HasPrefix(opened.to, "/me/cases?opened=dsp_") {
		t.Fatal(opened.status, opened.to)
	}
	b.get(opened.to).is(200, "we look into it", "Payments are stopped", "Get a new code", "privacy@harbour.example", "We answer by")
	b.post("/me/uses/not-me", "event", event).leadsTo(opened.to) // one open case
	b.get("/wallet").is(200, "Payments are stopped")
	b.post("/me/payments", "frozen", "no", "back", "/wallet").is(409, "get a new payment code first")
	v.wait(time.Minute)
	b.post("/code").is(200)
	b.get("/me/cases").is(200, "You can allow payments again when you are ready")
	b.post("/me/payments", "frozen", "no", "back", "/me/cases").leadsTo("/me/cases")
	b.post("/me/payments", "frozen", "yes").leadsTo("/me")
	b.get("/me").is(200, "Allow payments again")
	id := strings.TrimPrefix(opened.to, "/me/cases?opened=")
	v.signIn(t, "mallory@example.jp").post("/me/cases/withdraw", "case", id).is(404)
	b.post("/me/cases/withdraw", "case", id).leadsTo("/me/cases")
	b.post("/me/cases/withdraw", "case", id).leadsTo("/me/cases") // twice is once
	b.get("/me/cases").is(200, "It was you")
	b.post("/me/cases/withdraw", "case", "nothing").is(404)
	b.get("/me/cases?reason=dispute_late").is(200, "more than 120 days ago")
	b.get("/me/uses").is(200, "You said that it was not you", "You said that it was you after all")
}

// A use of somebody else's cannot be pointed at, nor one that does not exist, nor one that only they could have done.
func TestOnlyWhatIsTheirsIsContested(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	event := b.get("/me/uses").field("event")
	mallory := v.signIn(t, "mallory@example.jp")
	mallory.agree(kaopass.ForPayment)
	mallory.post("/me/uses/not-me", "event", event).is(404)
	mallory.post("/me/uses/not-me", "event", "pay_01hx0000000000000000000001").is(404)
	mallory.post("/me/uses/not-me", "event", "trf_01hx0000000000000000000001").is(404)
	mallory.get("/wallet").is(200, "¥0")
	if page := mallory.get("/me/cases").is(200, "Nothing to look into"); strings.Contains(page.body, "Payments are stopped") {
		t.Error("somebody else's event stopped payments")
	}
}

func TestALimitOfOnesOwn(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	b.get("/wallet/limit").is(200, "You have set no limit of your own", "¥50,000", "¥300,000")
	b.post("/wallet/limit", "day", "lots").is(422, "from ¥500 to ¥200,000", `value="lots"`)
	b.post("/wallet/limit", "day", "12").is(422, "from ¥500 to ¥200,000")
	b.post("/wallet/limit", "day", "３，０００円").leadsTo("/wallet/limit?saved=1")
	b.get("/wallet/limit?saved=1").is(200, "Your limit is saved", "You may spend ¥3,000 a day")
	b.post("/wallet/limit", "day", "9000").leadsTo("/wallet/limit?saved=1")
	b.get("/wallet/limit").is(200, "You may spend ¥3,000 a day", "it will be ¥9,000")
	b.post("/wallet/limit", "day", "").leadsTo("/wallet/limit?saved=1")
	b.get("/wallet/limit").is(200, "there will be none")
	b.post("/wallet/limit", "day", "1000").leadsTo("/wallet/limit?saved=1")
	if page := b.get("/wallet/limit").is(200, "You may spend ¥1,000 a day"); strings.Contains(page.body, "there will be none") {
		t.Error("a lower limit left the change that waited")
	}
}

func TestCodeIsForThosePaying(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.get("/code").is(200, "Your wallet opens when you agree to payment")
	b.post("/code").leadsTo("/code")
	b.agree(kaopass.ForPayment)
	first := shownCode(b.post("/code").is(200).body)
	if len(first) != kaopass.CodeDigits {
		t.Fatalf("code %q", first)
	}
	if page := b.get("/code").is(200, "We cannot show it again"); strings.Contains(page.body, `class="pin"`) {
		t.Error("the code is shown twice")
	}
	b.post("/code/practice", "code", "12").is(422, "That is another number")
	wrong := "0000"
	if first == wrong {
		wrong = "1111"
	}
	b.post("/code/practice", "code", wrong).is(422, "That is another number")
	for range db.CodeDraws {
		if page := b.post("/code"); page.status == 429 {
			if !strings.Contains(page.body, "Please wait a little") || strings.Contains(page.body, `class="pin"`) {
				t.Error("no sentence, or a code")
			}
			return
		}
	}
	t.Error("codes are drawn without end")
}

// Whoever withdraws is forgotten by the time of the answer: the process that answers does not wait for its own feed.
func TestTheGalleryForgetsBeforeTheAnswer(t *testing.T) {
	v := open(t)
	for _, path := range []string{"/me/withdraw/payment", "/me/erase", "/me/delete"} {
		b := v.settled(t)
		profile, err := v.DB.Profile(t.Context(), v.me(t, b))
		if err != nil {
			t.Fatal(err)
		}
		done := b.post(path)
		if _, gone := v.forgotten.Load(profile.Enrolment.ID); !gone || done.status != http.StatusSeeOther {
			t.Errorf("%s: %d, and the gallery was not told", path, done.status)
		}
		v.wait(time.Hour) // sign-in codes are few
	}
}

// Nobody signs for a minor without a helper beside them, and nobody of 15 signs alone.
func TestAGuardianSignsAtADesk(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "child@example.jp")
	if asked := b.get("/kiosk/guardian?age=15&payment=on"); asked.status != http.StatusSeeOther || !strings.HasPrefix(asked.to, "/kiosk?next=") {
		t.Error(asked.status, asked.to)
	}
	if sent := b.post("/kiosk/guardian", "payment", "on", "name", "Yuki", "day", "1", "week", "1"); sent.status < 300 || sent.to == "/sign?age=15&payment=on" {
		t.Error(sent.status, sent.to)
	}
	b.get("/sign?age=15&payment=on").leadsTo("/choice")
	b.get("/me/wards").is(200, "Nobody yet")
}
