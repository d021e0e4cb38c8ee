package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/static/browsertest"
)

// came makes a visitor who pays with the face, signed in.
func (v *venue) came(t *testing.T, contact string) (*browser, kaopass.EnrolmentID) {
	t.Helper()
	b := v.signIn(t, contact)
	b.agree(kaopass.ForPayment)
	v.enrol(t, v.me(t, b))
	profile, err := v.DB.Profile(t.Context(), v.me(t, b))
	if err != nil {
		t.Fatal(err)
	}
	v.wait(time.Second)
	return b, profile.Enrolment.ID
}

// resembles says what the gallery's follower would.
func (v *venue) resembles(t *testing.T, newer, older kaopass.EnrolmentID, same bool) {
	t.Helper()
	near := kaopass.Neighbourhood{Alike: []kaopass.EnrolmentID{older}, Nearest: []kaopass.EnrolmentID{older}}
	if same {
		near.Same = near.Alike
	}
	if err := v.DB.MarkAlike(t.Context(), newer, near); err != nil {
		t.Fatal(err)
	}
}

// twice makes somebody who enrolled with a second address; first is their first account.
func (v *venue) twice(t *testing.T) (second, first *browser) {
	t.Helper()
	first, older := v.came(t, "first@example.jp")
	second, newer := v.came(t, "second@example.jp")
	v.resembles(t, newer, older, true)
	return second, first
}

func (v *venue) letters(contact string) (n int) {
	for _, m := range v.Inbox.Messages() {
		if m.Contact == contact {
			n++
		}
	}
	return n
}

// until waits for a letter that is written behind the page.
func (v *venue) letter(t *testing.T, contact string, n int) string {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if v.letters(contact) == n {
			return v.digits(t, contact)
		}
	}
	t.Fatalf("%d letters to %s, want %d", v.letters(contact), contact, n)
	return ""
}

func TestWhoComesTwiceGoesBackToTheFirstAccount(t *testing.T) {
	v := open(t)
	second, first := v.twice(t)
	second.get("/next?after=face").leadsTo("/twice")
	second.get("/home").is(200, "Tell us whether you were here before")
	page := second.get("/twice").is(200, "Were you here before?", "privacy@harbour.example")
	if strings.Contains(page.body, "first@") || strings.Contains(page.body, string(v.me(t, first))) {
		t.Error("the page tells of the first account")
	}
	second.post("/twice/letter").leadsTo("/twice?sent=1")
	digits := v.letter(t, "first@example.jp", 2) // the first was signing in
	second.get("/twice?sent=1").is(200, "If there is an address", `name="code"`)
	second.post("/twice/code", "code", wrongOf(digits)).is(http.StatusUnprocessableEntity, "These digits do not fit")
	id, before := v.me(t, second), v.me(t, first)
	second.post("/twice/code", "code", digits).leadsTo("/home")
	if v.me(t, second) != before {
		t.Fatal("the digits do not lead to the first account")
	}
	second.get("/me/uses").is(200, "You came back to this account", "somebody who looks like you asked")
	profile, err := v.DB.Profile(t.Context(), id)
	if err != nil || profile.Enrolment != nil || profile.Consents[kaopass.ForPayment].Stands() {
		t.Error("the face is still in the second account", err)
	}
	if profile, err := v.DB.Profile(t.Context(), before); err != nil || profile.Alike || profile.Twice || profile.Enrolment == nil {
		t.Errorf("the first account: %+v, %v", profile, err)
	}
	second.get("/twice").leadsTo("/next?after=twice")
}

func wrongOf(digits string) string {
	if digits == "000000" {
		return "000001"
	}
	return "000000"
}

// TestTheFirstAccountIsNotToldApart: with an address, without one, and with one that was written to too often, every
// answer is the same.
func TestTheFirstAccountIsNotToldApart(t *testing.T) {
	v := open(t)
	_, reached := v.came(t, "first@example.jp")
	_, often := v.came(t, "often@example.jp")
	for range db.SignInPerHour - 1 {
		v.browser(t).post("/signin", "contact", "often@example.jp")
	}
	nobody, err := v.DB.Import(t.Context(), db.Import{Name: "Paper", Language: kaopass.Japanese, Template: face(), ConsentRef: "form 1",
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"), Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 1"}}})
	if err != nil {
		t.Fatal(err)
	}
	v.wait(time.Second)
	var seen []string
	for i, older := range []kaopass.EnrolmentID{reached, often, nobody.Enrolment} {
		b, newer := v.came(t, string(rune('a'+i))+"@example.com")
		v.resembles(t, newer, older, true)
		said := b.get("/twice").body
		for range 2 {
			a := b.post("/twice/letter")
			said += a.to + a.body + b.get(a.to).body
		}
		for range db.SignInTries + 2 { // more wrong digits than a code takes
			said += b.post("/twice/code", "code", "000000").is(http.StatusUnprocessableEntity).body
		}
		b.post("/twice/letter").leadsTo("/twice?sent=1")
		said += b.post("/twice/letter").is(http.StatusTooManyRequests, "You have asked a few times").body
		seen = append(seen, said)
	}
	if seen[0] != seen[1] || seen[0] != seen[2] {
		t.Error("the pages tell whether a first account has an address")
	}
}

func TestWhoWasNotThereBeforeGoesOn(t *testing.T) {
	v := open(t)
	second, first := v.twice(t)
	second.post("/twice/no").leadsTo("/next?after=twice")
	second.get("/next?after=twice").leadsTo("/ticket")
	second.get("/twice").leadsTo("/next?after=twice")
	second.post("/twice/no").leadsTo("/next?after=twice")
	second.get("/me/uses").is(200, "You said that you had not registered before", "Somebody here resembles you")
	for _, b := range []*browser{first, second} {
		for _, path := range []string{"/home", "/me", "/code"} {
			b.get(path).is(200, "Somebody here resembles you, so a till asks for your code")
		}
	}
	if first.get("/next?after=face").to == "/twice" {
		t.Error("the first is asked too")
	}
	first.post("/me/erase")
	if a := second.get("/me"); strings.Contains(a.body, "resembles") {
		t.Error("still marked")
	}
	second.get("/me/uses").is(200, "Nobody here resembles you any more")
}

// TestNobodyIsAskedWhoDidNotComeTwice: the address of a page is no way to somebody else's account.
func TestNobodyIsAskedWhoDidNotComeTwice(t *testing.T) {
	v := open(t)
	_, older := v.came(t, "first@example.jp")
	b, newer := v.came(t, "second@example.jp")
	v.resembles(t, newer, older, false)
	b.get("/twice").leadsTo("/next?after=twice")
	b.post("/twice/letter").leadsTo("/twice?sent=1")
	if v.letters("first@example.jp") != 1 {
		t.Error("a letter went to somebody who only looks alike")
	}
	b.post("/twice/code", "code", v.digits(t, "first@example.jp")).is(http.StatusUnprocessableEntity)
	v.browser(t).get("/twice").leadsTo("/signin?next=%2Ftwice")
}

func TestBrowserAsksWhoComesTwice(t *testing.T) {
	v := open(t)
	b := v.browseAs(t, browsertest.Options{})
	v.twice(t)
	b.open("/signin")
	b.Type("#field-contact", "second@example.jp")
	b.Click(`form[action="/signin"] button`)
	b.At("/signin/code")
	b.pastes("#field-code", v.digits(t, "second@example.jp"))
	b.At("/home")
	b.Shot("home-twice")
	b.open("/twice")
	b.until("Were you here before?")
	b.Shot("twice")
	b.Axe("../../node_modules")
	b.Click(`form[action="/twice/letter"] button`)
	b.until("If there is an address")
	b.Shot("twice-sent")
	b.Axe("../../node_modules")
	b.Click(`form[action="/twice/no"] button`)
	b.At("/ticket")
	b.open("/home")
	b.until("Somebody here resembles you")
	b.Shot("home-alike")
	b.Axe("../../node_modules")
}
