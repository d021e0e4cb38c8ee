package gate_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/gate"
)

// admission is what these tests read of an answer.
type admission struct {
	ID        string
	Decision  kaopass.Decision
	Reason    kaopass.Reason
	Message   string
	Language  kaopass.Language
	Retry     bool
	Direction kaopass.Direction
	Visitor   *struct {
		DisplayName string `json:"display_name"`
	}
	Ticket *struct{ ID, Kind, Number string }
	Gate   string
	PassBy time.Time `json:"pass_by"`
	Passed time.Time `json:"passed_at"`
	Undone time.Time `json:"undone_at"`
}

// lane is a venue with one gate and one visitor who may enter.
type lane struct {
	*apitest.Venue
	gate   *apitest.Client
	person apitest.Person
	face   []byte // a later photo of the person
}

func open(t *testing.T) lane {
	t.Helper()
	l := lane{Venue: apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		(&gate.Gate{Faces: v.Faces, DB: v.DB}).Routes(r, v.Access)
	})}
	l.gate = l.Device(t, kaopass.Gate, "east-07", "east")
	l.person = l.Enrol(t, "Taro Yamada", "4821", 5000, apitest.Photo(t, apitest.Franck), apitest.Photo(t, apitest.Franck2))
	l.face = apitest.Photo(t, apitest.Franck3)
	return l
}

func (l lane) admit(t *testing.T, ask apitest.Ask) admission {
	t.Helper()
	var a admission
	l.gate.Post(t, "/v1/admissions", ask).Into(t, 200, &a)
	return a
}

func ticket(qr string, photos ...[]byte) apitest.Ask {
	return apitest.Form(map[string]string{"ticket": qr}, photos...)
}

func TestAdmits(t *testing.T) {
	l := open(t)
	a := l.admit(t, ticket(l.person.Ticket.QR, l.face))
	if a.Decision != kaopass.Admit || a.Reason != kaopass.Admitted || a.Retry {
		t.Fatalf("%+v", a)
	}
	if a.Visitor == nil || a.Visitor.DisplayName != "T. Y." || a.Ticket == nil || a.Ticket.Number != l.person.Ticket.Masked() {
		t.Errorf("of the visitor: %+v, of the ticket: %+v", a.Visitor, a.Ticket)
	}
	if a.Language != kaopass.Korean || a.Message != apitest.Words(kaopass.Korean).Reason(kaopass.Admitted) {
		t.Errorf("the visitor speaks Korean and was told %q", a.Message)
	}
	if a.Gate != "east-07" || a.PassBy.IsZero() {
		t.Errorf("gate %q, to pass by %v", a.Gate, a.PassBy)
	}
}

// The same attempt in each form of a body that the protocol allows.
func TestEveryForm(t *testing.T) {
	l := open(t)
	qr, encoded := l.person.Ticket.QR, base64.StdEncoding.EncodeToString(l.face)
	forms := map[string]func(t *testing.T) apitest.Answer{
		"several parts": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions", ticket(qr, l.face, l.face, l.face))
		},
		"raw with headers": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions", apitest.Raw("image/jpeg", l.face, map[string]string{"Kaopass-Ticket": qr}))
		},
		"raw with a query": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions?ticket="+qr, apitest.Raw("image/jpeg", l.face, nil))
		},
		"base64": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions", apitest.JSON(map[string]string{"ticket": qr, "image": encoded}))
		},
		"a list of base64": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions", apitest.JSON(map[string]any{"ticket": qr, "image": []string{encoded, encoded}}))
		},
		"a PNG that says it is a JPEG": func(t *testing.T) apitest.Answer {
			return l.gate.Post(t, "/v1/admissions", ticket(qr, apitest.PNG(t, apitest.Picture(t, apitest.Franck3))))
		},
	}
	for name, send := range forms {
		t.Run(name, func(t *testing.T) {
			var a admission
			send(t).Into(t, 200, &a)
			if a.Decision != kaopass.Admit {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestPassesOnceAndGoesOut(t *testing.T) {
	l := open(t)
	in := l.admit(t, ticket(l.person.Ticket.QR, l.face))
	var a admission
	l.gate.Post(t, "/v1/admissions/"+in.ID+"/passed", apitest.Ask{}).Into(t, 200, &a)
	if a.Passed.IsZero() {
		t.Errorf("%+v", a)
	}
	if again := l.admit(t, ticket(l.person.Ticket.QR, l.face)); again.Reason != kaopass.AlreadyInside || again.Visitor != nil {
		t.Errorf("inside already: %+v", again)
	}
	out := apitest.Form(map[string]string{"ticket": l.person.Ticket.QR, "direction": "exit"}, l.face)
	if a := l.admit(t, out); a.Decision != kaopass.Admit || a.Direction != kaopass.Exit {
		t.Errorf("on the way out: %+v", a)
	}
}

func TestUndo(t *testing.T) {
	l := open(t)
	in := l.admit(t, ticket(l.person.Ticket.QR, l.face))
	var a admission
	l.gate.Post(t, "/v1/admissions/"+in.ID+"/undo", apitest.JSON(map[string]string{"reason": "went back"})).Into(t, 200, &a)
	if a.Undone.IsZero() {
		t.Errorf("%+v", a)
	}
	if code := l.gate.Post(t, "/v1/admissions/"+in.ID+"/passed", apitest.Ask{}).Problem(t, 409); code != "state" {
		t.Errorf("passing after it was taken back: %s", code)
	}
	long := apitest.JSON(map[string]string{"reason": strings.Repeat("x", gate.WhyMax+1)})
	if code := l.gate.Post(t, "/v1/admissions/"+in.ID+"/undo", long).Problem(t, 422); code != "field" {
		t.Errorf("a long reason: %s", code)
	}
}

// A ticket that will not do is a decision, not an error, whatever is on the photo.
func TestTicketsThatWillNotDo(t *testing.T) {
	l := open(t)
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	past := func(in *db.IssueTickets) {
		in.From, in.Until = time.Now().AddDate(0, 0, -3), time.Now().AddDate(0, 0, -1)
	}
	good := l.person.Ticket.QR
	cases := map[string]struct {
		qr     string
		reason kaopass.Reason
	}{
		"noise":           {"https://example.org/?q=1", kaopass.TicketUnreadable},
		"forged":          {good[:len(good)-6] + "AAAAAA", kaopass.TicketForged},
		"another venue's": {kaopass.SignTicket(l.person.Ticket.ID, foreign), kaopass.TicketForged},
		"expired":         {l.Ticket(t, kaopass.Season, past).QR, kaopass.TicketExpired},
		"for one day":     {l.Ticket(t, kaopass.Day).QR, kaopass.TicketNotForFace},
		"nobody's":        {l.Ticket(t, kaopass.Season).QR, kaopass.NotEnrolled},
		"another zone's":  {l.Ticket(t, kaopass.Season, func(in *db.IssueTickets) { in.Zones = []kaopass.Zone{"west"} }).QR, kaopass.ZoneWrong},
	}
	for name, c := range cases {
		if a := l.admit(t, ticket(c.qr, l.face)); a.Reason != c.reason || a.Decision == kaopass.Admit || a.Visitor != nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// What another photo can mend says so; after three, staff is asked.
func TestFacesThatWillNotDo(t *testing.T) {
	cases := []struct {
		name    string
		photo   func(testing.TB) []byte
		reasons []kaopass.Reason
	}{
		{"nobody", apitest.Nobody, []kaopass.Reason{kaopass.FaceNone}},
		{"two", apitest.Two, []kaopass.Reason{kaopass.FaceMany}},
		{"far away", apitest.Tiny, []kaopass.Reason{kaopass.FaceNone, kaopass.FaceUnclear}},
		{"dark", apitest.Dark, []kaopass.Reason{kaopass.FaceNone, kaopass.FaceUnclear}},
		{"somebody else", func(t testing.TB) []byte { return apitest.Photo(t, apitest.Other) }, []kaopass.Reason{kaopass.FaceMismatch, kaopass.NotLive}},
	}
	l := open(t)
	for i, c := range cases {
		a := l.admit(t, ticket(l.person.Ticket.QR, c.photo(t)))
		good := false
		for _, r := range c.reasons {
			good = good || a.Reason == r
		}
		if !good || a.Visitor != nil {
			t.Errorf("%s: %+v", c.name, a)
		}
		asked := i+1 >= kaopass.StaffAfter
		if (a.Decision == kaopass.AskStaff) != asked || a.Retry == asked {
			t.Errorf("%s, attempt %d: %s, retry %v", c.name, i+1, a.Decision, a.Retry)
		}
	}
}

// Somebody else's ticket does not open for one's own face.
func TestSomebodyElsesTicket(t *testing.T) {
	l := open(t)
	other := l.Enrol(t, "Hanako Suzuki", "9135", 0, apitest.Photo(t, apitest.Other))
	if a := l.admit(t, ticket(other.Ticket.QR, l.face)); a.Reason != kaopass.FaceMismatch || !a.Retry {
		t.Errorf("%+v", a)
	}
}

func TestBadImages(t *testing.T) {
	l := open(t)
	qr := l.person.Ticket.QR
	small := apitest.JPEG(t, apitest.Picture(t, apitest.Franck3))
	cases := map[string]struct {
		photo  []byte
		status int
		code   string
	}{
		"40 megapixels in a hundred bytes": {apitest.Bomb(), 413, "image_too_large"},
		"5 MiB":                            {append([]byte("\xff\xd8\xff"), make([]byte, 5<<20)...), 413, "image_too_large"},
		"cut short":                        {small[:len(small)/2], 422, "image_unreadable"},
		"a film":                           {[]byte("\x1aE\xdf\xa3webm"), 415, "image_type"},
		"nothing":                          {nil, 415, "image_type"},
	}
	for name, c := range cases {
		if code := l.gate.Post(t, "/v1/admissions", ticket(qr, c.photo)).Problem(t, c.status); code != c.code {
			t.Errorf("%s: %s", name, code)
		}
	}
	if code := l.gate.Post(t, "/v1/admissions", ticket(qr, make([]byte, 20<<20))).Problem(t, 413); code != "image_too_large" {
		t.Errorf("20 MB: %s", code)
	}
}

func TestBadRequests(t *testing.T) {
	l := open(t)
	qr := l.person.Ticket.QR
	six := [][]byte{l.face, l.face, l.face, l.face, l.face, l.face}
	cases := map[string]struct {
		ask    apitest.Ask
		status int
		code   string
	}{
		"no ticket":        {apitest.Form(nil, l.face), 422, "field"},
		"no image":         {ticket(qr), 422, "field"},
		"six images":       {ticket(qr, six...), 422, "field"},
		"a third way":      {apitest.Form(map[string]string{"ticket": qr, "direction": "up"}, l.face), 422, "field"},
		"no time":          {apitest.Form(map[string]string{"ticket": qr, "captured_at": "noon"}, l.face), 422, "field"},
		"no key":           {ticket(qr, l.face).WithKey("-"), 400, "idempotency_key_missing"},
		"a long key":       {ticket(qr, l.face).WithKey(strings.Repeat("k", 256)), 400, "idempotency_key_unusable"},
		"no JSON":          {apitest.Ask{ContentType: "application/json", Body: []byte("{")}, 400, "request_unreadable"},
		"base64 of a kind": {apitest.JSON(map[string]string{"ticket": qr, "image": "%%%"}), 422, "image_unreadable"},
		"a form cut short": {apitest.Ask{ContentType: "multipart/form-data; boundary=x", Body: []byte("--x\r\nContent-Disposition: form-data; name=image\r\n\r\nabc")}, 400, "request_unreadable"},
		"no type":          {apitest.Ask{Body: l.face}, 415, "image_type"},
	}
	for name, c := range cases {
		if code := l.gate.Post(t, "/v1/admissions", c.ask).Problem(t, c.status); code != c.code {
			t.Errorf("%s: %s", name, code)
		}
	}
	for _, path := range []string{"/passed", "/undo"} {
		if code := l.gate.Post(t, "/v1/admissions/adm_unknown"+path, apitest.Ask{}).Problem(t, 404); code != "not_found" {
			t.Errorf("%s of nothing: %s", path, code)
		}
	}
}

// A lost answer is asked for again; a key is of one request.
func TestKeys(t *testing.T) {
	l := open(t)
	ask := ticket(l.person.Ticket.QR, l.face).WithKey("once")
	first := l.gate.Post(t, "/v1/admissions", ask)
	again := l.gate.Post(t, "/v1/admissions", ticket(l.person.Ticket.QR, l.face).WithKey("once")) // another boundary
	if again.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("replayed: %q then %q", first.Header.Get("Idempotent-Replayed"), again.Header.Get("Idempotent-Replayed"))
	}
	var a, b admission
	first.Into(t, 200, &a)
	again.Into(t, 200, &b)
	if a.ID != b.ID {
		t.Errorf("two admissions: %s, %s", a.ID, b.ID)
	}
	other := ticket(l.Ticket(t, kaopass.Season).QR, l.face).WithKey("once")
	if code := l.gate.Post(t, "/v1/admissions", other).Problem(t, 422); code != "idempotency_key_reused" {
		t.Errorf("another request under the key: %s", code)
	}
	raw := apitest.Raw("image/jpeg", l.face, map[string]string{"Kaopass-Ticket": l.person.Ticket.QR}).WithKey("raw")
	l.gate.Post(t, "/v1/admissions", raw)
	if code := l.gate.Post(t, "/v1/admissions", raw.With("Kaopass-Ticket", "another")).Problem(t, 422); code != "idempotency_key_reused" {
		t.Errorf("another ticket in the header: %s", code)
	}
}

func TestTwiceAtOnce(t *testing.T) {
	l := open(t)
	const twins = 4
	answers := make([]apitest.Answer, twins)
	var both sync.WaitGroup
	for i := range twins {
		both.Go(func() {
			answers[i] = l.gate.Post(t, "/v1/admissions", ticket(l.person.Ticket.QR, l.face).WithKey("twins"))
		})
	}
	both.Wait()
	ids := map[string]bool{}
	for _, answer := range answers {
		if answer.Status == 409 {
			if code := answer.Problem(t, 409); code != "request_in_flight" || answer.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %s", code, answer.Body)
			}
			continue
		}
		var a admission
		answer.Into(t, 200, &a)
		ids[a.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d admissions of one key", len(ids))
	}
}

// The gate's clock is kept and shown, and decides nothing.
func TestClockAnHourOff(t *testing.T) {
	l := open(t)
	said := time.Now().Add(time.Hour).Format(time.RFC3339)
	a := l.admit(t, apitest.Form(map[string]string{"ticket": l.person.Ticket.QR, "captured_at": said}, l.face))
	if a.Decision != kaopass.Admit {
		t.Errorf("%+v", a)
	}
	var status struct {
		Skew   int64 `json:"clock_skew_ms"`
		Recent []admission
		Name   string
	}
	l.gate.Get(t, "/v1/gate").Into(t, 200, &status)
	if off := time.Duration(status.Skew) * time.Millisecond; off < 59*time.Minute || off > 61*time.Minute {
		t.Errorf("skew %v", off)
	}
	if len(status.Recent) != 1 || status.Recent[0].ID != a.ID || status.Name != "east-07" {
		t.Errorf("%+v", status)
	}
}

func TestWhoMay(t *testing.T) {
	l := open(t)
	till := l.Device(t, kaopass.Till, "shop-1", "shop")
	stolen := l.Device(t, kaopass.Gate, "east-08", "east")
	other := l.Device(t, kaopass.Gate, "east-09", "east")
	if err := l.DB.RevokeDevice(t.Context(), stolen.Device.ID, "test"); err != nil {
		t.Fatal(err)
	}
	ask := ticket(l.person.Ticket.QR, l.face)
	if code := l.Nobody().Post(t, "/v1/admissions", ask).Problem(t, 401); code != "unauthorised" {
		t.Errorf("nobody: %s", code)
	}
	if code := till.Post(t, "/v1/admissions", ask).Problem(t, 403); code != "forbidden" {
		t.Errorf("a till: %s", code)
	}
	if code := stolen.Post(t, "/v1/admissions", ask).Problem(t, 401); code != "unauthorised" {
		t.Errorf("a revoked gate: %s", code)
	}
	a := l.admit(t, ask)
	if code := other.Post(t, "/v1/admissions/"+a.ID+"/undo", apitest.Ask{}).Problem(t, 404); code != "not_found" {
		t.Errorf("another gate's admission: %s", code)
	}
}

// Languages changes the sentence and never the reason.
func TestLanguages(t *testing.T) {
	l := open(t)
	said := map[string]bool{}
	for _, lang := range kaopass.Languages() {
		a := l.admit(t, ticket("nothing of ours", l.face).With("Accept-Language", string(lang)))
		if a.Reason != kaopass.TicketUnreadable || a.Language != lang {
			t.Errorf("%s: %+v", lang, a)
		}
		said[a.Message] = true
	}
	if len(said) != len(kaopass.Languages()) {
		t.Errorf("%d sentences: %v", len(said), said)
	}
}

func TestTooManyAttempts(t *testing.T) {
	l := open(t)
	var last apitest.Answer
	for i := range gate.AttemptsMax + 1 {
		last = l.gate.Post(t, "/v1/admissions", apitest.Ask{Key: fmt.Sprint(i)})
	}
	if code := last.Problem(t, 429); code != "too_many_requests" || last.Header.Get("Retry-After") == "" {
		t.Errorf("%s: %v", code, last.Header)
	}
}
