package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
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
	b.get(done.to).is(200, strings.TrimPrefix(done.to, "/me/gone/"), "Your face is no longer used for this")
	b.get("/me/withdraw/payment").leadsTo("/me")
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
	page := b.get("/me/uses").is(200, "That wasn&#39;t me")
	event := page.field("event")
	b.post("/me/uses/not-me", "event", event).leadsTo("/me/not-me/" + event)
	b.get("/me/not-me/"+event).is(200, event, "privacy@harbour.example", "Payments with your face are stopped")
	b.get("/wallet").is(200, "Payments are stopped")
	b.post("/me/payments", "frozen", "no", "back", "/wallet").leadsTo("/wallet")
	b.post("/me/payments", "frozen", "yes").leadsTo("/me")
	b.get("/me").is(200, "Allow payments again")
	b.get("/me/not-me/nothing").is(404)
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
