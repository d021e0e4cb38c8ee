package portal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// The whole way, in the order in which a person walks it; the camera alone is left out.
func TestWholePath(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.get("/").is(200, "Start", "Use my ticket without my face")
	b.get("/home").leadsTo("/signin?next=%2Fhome")
	b.post("/signin", "contact", " Yuki@Example.jp ").leadsTo("/signin/code")
	b.get("/signin/code").is(200, "yuki@example.jp", `autocomplete="one-time-code"`)
	b.post("/signin/code", "code", v.digits(t, "yuki@example.jp")).leadsTo("/signin/passkey")
	b.get("/signin/passkey").is(200, "Not now")
	b.get("/next").leadsTo("/name")
	b.post("/name", "name", "Yuki  Yamada").leadsTo("/next?after=name")
	b.get("/next?after=name").leadsTo("/choice")
	b.get("/capture").leadsTo("/choice")
	b.agree(kaopass.ForAdmission, kaopass.ForPayment)
	b.get("/signed").is(200, "Entry", "Payment", "Download the receipt")
	b.get("/next?after=choice").leadsTo("/ready")
	b.get("/ready").is(200, `data-base="/capture"`)
	v.enrol(t, v.me(t, b))
	b.get("/next?after=face").leadsTo("/ticket")
	season := v.ticket(t, kaopass.Season)
	linked := b.post("/ticket", "ticket", season.QR)
	linked.leadsTo("/ticket?linked=" + string(season.ID))
	b.get(linked.to).is(200, "This ticket is yours now.", season.Number)
	b.get("/next?after=ticket").leadsTo("/code")
	code := b.post("/code").is(200, "We show it this once")
	b.post("/code/practice", "code", shownCode(code.body)).leadsTo("/code?right=1")
	b.get("/code?right=1").is(200, "You know your code")
	b.get("/next?after=code").leadsTo("/wallet")
	b.get("/wallet").is(200, "Add a card")
	b.get("/next?after=wallet").leadsTo("/home")
	b.get("/home").is(200, "Hello Yuki Yamada", season.Number, `class="qr"`, "Practise the gate", "Payment code")
	b.get("/me").is(200, "Erase my face", "yuki@example.jp", "On since")
	b.get("/me/uses").is(200, "You showed us your face", "You linked a ticket")
}

// shownCode reads the four digits that the page shows once.
func shownCode(page string) string {
	_, rest, _ := strings.Cut(page, `class="pin"`)
	_, rest, _ = strings.Cut(rest, `aria-label="`)
	label, _, _ := strings.Cut(rest, `"`)
	return strings.ReplaceAll(label, " ", "")
}

// A form that comes back keeps what was typed, and says what to change.
func TestFormsComeBackWithWhatWasTyped(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.post("/signin", "contact", "yuki at example").is(422, `value="yuki at example"`, "We could not read this")
	b.get("/signin/code").leadsTo("/signin?lost=1")
	b.post("/signin/code", "code", "123456").leadsTo("/signin?lost=1")
	b = v.signIn(t, "yuki@example.jp")
	b.post("/name", "name", strings.Repeat("y", 41)).is(422, strings.Repeat("y", 41), "up to 40 characters")
	b.post("/choice", "age", "16").is(422, "Please choose entry, payment or both")
	b.post("/choice", "payment", "on").is(422, "16 or older", `name="payment" aria-labelledby="switch-payment" checked`)
	b.post("/choice", "payment", "on", "age", "15").is(200, "come with a parent or guardian", "Use my ticket without my face")
	b.post("/ticket", "ticket", "  ").is(422, "Please scan the ticket or type its number")
	b.post("/ticket", "ticket", "0000-0000-0000").is(422, `value="0000-0000-0000"`)
}

func TestNothingIsSignedUnlessItIsSigned(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	chosen := []string{"age", "16", "admission", "on"}
	b.get("/sign").leadsTo("/choice")
	b.get("/sign?admission=on").leadsTo("/choice")
	b.post("/sign", "age", "16", "typed", "Yuki").leadsTo("/choice")
	b.post("/sign", b.signature(chosen)...).is(422, "Please draw or type your name")
	b.post("/sign", append(b.signature(chosen, "typed", "Yuki"), "text_admission", "0000")...).is(422, "The text has changed")
	b.post("/sign", b.signature(chosen, "drawn", `M1 1"><script>L2 2L3 3L4 4L5 5L6 6L7 7L8 8`)...).is(422)
	b.post("/sign", b.signature(chosen, "drawn", "M1 1L2 2")...).is(422) // a tap is no signature
	b.get("/signed").is(200)
	b.get("/capture").leadsTo("/choice")
	b.post("/sign", b.signature(chosen, "drawn", "M1 1L2 2L3 3L4 4L5 5L6 6L7 7L8 8L9 9")...).leadsTo("/signed")
	b.get("/capture").is(200)
	receipt := b.get("/consent/receipt.txt").is(200, "Drawn by hand", "2026-11", "Harbour Expo may recognise you")
	text, _ := v.Texts.Text(kaopass.ForAdmission, kaopass.English)
	if !strings.Contains(receipt.body, text.Hash) || !strings.Contains(receipt.body, text.Text) {
		t.Error("the receipt lacks the text or its fingerprint")
	}
	if !strings.HasPrefix(receipt.header.Get("Content-Disposition"), "attachment") {
		t.Error("the receipt is not a download")
	}
	b.get("/consent/receipt").is(200, text.Hash, text.Title)
}

// Both languages say their own words, and what is signed is the text in the language of the page.
func TestLanguageIsKept(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.get("/choice?lang=ja").is(200, "顔を何に使いますか")
	b.get("/home").is(200, "次にすること")
	b.agree(kaopass.ForAdmission)
	b.get("/consent/receipt").is(200, "日本語", "入場での顔の利用について")
	b.post("/me/language", "language", "en").leadsTo("/me?lang=en")
	b.get("/me?lang=en").is(200, "My face and data")
	b.post("/me/language", "language", "tlh").is(422)
}

func TestPagesThatAnybodyMayRead(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	for path, words := range map[string]string{"/without": "Your ticket works without your face", "/help": "privacy@harbour.example",
		"/privacy": "Harbour Expo", "/consent/payment": "Paying with your face", "/inbox": "Nothing here yet", "/signin": "Sign in"} {
		b.get(path).is(200, words)
	}
	b.get("/consent/advertising").is(404)
	b.get("/gone/account/evt_made-up").is(404)
}

func TestExportHoldsEverythingAndNoSecret(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForAdmission, kaopass.ForPayment)
	v.enrol(t, v.me(t, b))
	b.post("/ticket", "ticket", v.ticket(t, kaopass.Season).QR)
	code := shownCode(b.post("/code").body)
	a := b.get("/me/export.json").is(200, "yuki@example.jp", "enrolment.created", "text_sha256", "KPT1.",
		`"kept":{`, `"sign_ins":[{`, `"payment_code":[{`, `"wards":[]`)
	var file map[string]any
	if err := json.Unmarshal([]byte(a.body), &file); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{code + `"`, "0.0790", b.cookies["kaopass_visitor"].Value} {
		if strings.Contains(a.body, secret) {
			t.Errorf("the export holds %q", secret)
		}
	}
}

func TestHistoryAsATable(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForPayment)
	a := b.get("/wallet/history.csv").is(200, "When,What,Where,Yen,Method")
	if a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(a.body, "\ufeff") {
		t.Error("a spreadsheet would not know it as UTF-8")
	}
	b.get("/wallet/history").is(200, "Nothing yet")
}

func TestInboxIsThereInTheDemonstrationOnly(t *testing.T) {
	v := open(t)
	v.browser(t).post("/signin", "contact", "+81 90-1234-5678").leadsTo("/signin/code")
	v.browser(t).get("/inbox").is(200, "+819012345678")
	v.browser(t).get("/inbox.json").is(200, `"contact":"+819012345678"`)
	if status := withGateway(t, v).get("/inbox").status; status != http.StatusNotFound {
		t.Errorf("with a gateway the inbox answers %d", status)
	}
}
