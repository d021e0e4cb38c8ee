package db

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	first, token := d.newVisitor(t, "taro@example.jp")
	if !kaopass.PrefixVisitor.Is(string(first.ID)) || first.Contact != "taro@example.jp" || first.Language != kaopass.Japanese {
		t.Errorf("%+v", first)
	}
	again, other := d.newVisitor(t, "taro@example.jp")
	if again.ID != first.ID || other == token {
		t.Errorf("a second time: %+v", again)
	}
	for _, each := range []string{token, other} {
		if v, err := d.Session(t.Context(), each); err != nil || v.ID != first.ID || v.Contact != "taro@example.jp" {
			t.Errorf("%+v %v", v, err)
		}
	}
	if err := d.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{token, "", "nonsense"} {
		if _, err := d.Session(t.Context(), gone); !errors.Is(err, ErrNotFound) {
			t.Errorf("session of %q: %v", gone, err)
		}
	}
	if n := d.count(t, `SELECT count(*) FROM event WHERE kind = 'visitor.created'`); n != 1 {
		t.Errorf("%d accounts made", n)
	}
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	const contact = "+81901234567"
	try := func(code string) kaopass.Reason {
		t.Helper()
		in, err := d.SignIn(t.Context(), contact, code, kaopass.English)
		if err != nil || in.Reason == "" && in.Token == "" || in.Reason != "" && in.Token != "" {
			t.Fatal(in.Reason, err)
		}
		return in.Reason
	}
	expect := func(what, code string, want kaopass.Reason) {
		t.Helper()
		if got := try(code); got != want {
			t.Errorf("%s: %q", what, got)
		}
	}
	ask := func() string {
		t.Helper()
		out, err := d.RequestSignIn(t.Context(), contact)
		if err != nil || len(out.Code) != SignInDigits || strings.Trim(out.Code, digits) != "" {
			t.Fatal(out.Reason, len(out.Code), err)
		}
		return out.Code
	}
	wrong := func(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

	expect("never asked", "123456", kaopass.SignInCodeExpired)
	code := ask()
	expect("wrong", wrong(code), kaopass.SignInCodeWrong)
	expect("not digits", "<script>", kaopass.SignInCodeWrong)
	expect("right", code, "")
	expect("spent", code, kaopass.SignInCodeExpired)
	old := ask()
	code = ask()
	if old != code {
		expect("replaced by a newer one", old, kaopass.SignInCodeWrong)
	}
	for range SignInTries - 1 {
		expect("wrong", wrong(code), kaopass.SignInCodeWrong)
	}
	expect("right, after too many", code, kaopass.TooManyTries)
	code = ask()
	later := d.now().Add(SignInWithin)
	d.now = func() time.Time { return later }
	expect("too late", code, kaopass.SignInCodeExpired)
}

func TestSignInCodesAreLimited(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	start := d.now()
	for i := range SignInPerHour {
		at := start.Add(time.Duration(i) * time.Minute)
		d.now = func() time.Time { return at }
		if out, err := d.RequestSignIn(t.Context(), "a@example.jp"); err != nil || out.Reason != "" {
			t.Fatal(out.Reason, err)
		}
	}
	out, err := d.RequestSignIn(t.Context(), "a@example.jp")
	if err != nil || out.Reason != kaopass.TooManyTries || out.Code != "" || out.RetryAfter <= 0 || out.RetryAfter > time.Hour {
		t.Errorf("%+v %v", out, err)
	}
	if out, err := d.RequestSignIn(t.Context(), "b@example.jp"); err != nil || out.Reason != "" {
		t.Errorf("another contact: %+v %v", out, err)
	}
	later := d.now().Add(out.RetryAfter)
	d.now = func() time.Time { return later }
	if out, err := d.RequestSignIn(t.Context(), "a@example.jp"); err != nil || out.Reason != "" {
		t.Errorf("when it said: %+v %v", out, err)
	}
}

func TestSignInAtOnceMakesOneAccount(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	ids := make([]kaopass.VisitorID, 6)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			err := d.tx(t.Context(), func(t *tx) error {
				v, _, err := t.visitorOf("one@example.jp", kaopass.Japanese, "")
				ids[i] = v.ID
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Error(ids)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, token := d.newVisitor(t, "a@example.jp")
	staff := kaopass.Staff{ID: "stf_1", Role: kaopass.GateStaff}
	helped, err := d.Assist(t.Context(), staff, "a@example.jp", kaopass.English)
	if err != nil || helped.New || helped.Visitor.ID != v.ID {
		t.Fatal(helped.New, err)
	}
	alone, err := d.Assist(t.Context(), staff, "", kaopass.English)
	if err != nil || !alone.New || alone.Visitor.ID == v.ID || alone.Visitor.Contact != "" {
		t.Fatal(alone.New, err)
	}
	if got := d.kinds(t, v.ID); got != "staff.looked_up" {
		t.Error(got)
	}
	start := d.now()
	at := func(since time.Duration) { d.now = func() time.Time { return start.Add(since) } }
	holds := func(token string, want bool) {
		t.Helper()
		if _, err := d.Session(t.Context(), token); errors.Is(err, ErrNotFound) == want {
			t.Errorf("after %v: %v", d.now().Sub(start), err)
		}
	}
	at(AssistIdle + time.Second)
	holds(helped.Token, false)
	for day := range 29 { // used daily
		at(time.Duration(day) * 24 * time.Hour)
		holds(token, true)
	}
	at(SessionWithin + time.Second)
	holds(token, false)
	_, idle := d.newVisitor(t, "a@example.jp")
	start = d.now()
	at(SessionIdle + time.Second)
	holds(idle, false)
	if err := d.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.count(t, `SELECT count(*) FROM session`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestNothingSecretIsInTheTables(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, token := d.newVisitor(t, "secret@example.jp")
	if err := d.SetProfile(t.Context(), v.ID, "Secretname", kaopass.English); err != nil {
		t.Fatal(err)
	}
	d.agree(t, v.ID, kaopass.ForAdmission)
	var tables []string
	if err := d.pool.Select(&tables, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		for _, secret := range []string{"secret@example.jp", "Secretname", token, "山田"} {
			if n := d.count(t, `SELECT count(*) FROM `+table+` r WHERE position($1 IN r::text) > 0
				OR position(encode(convert_to($1, 'UTF8'), 'hex') IN r::text) > 0`, secret); n > 0 {
				t.Errorf("%s holds %q in clear", table, secret)
			}
		}
	}
}
