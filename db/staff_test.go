package db

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func TestStaff(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	made, err := d.AddStaff(t.Context(), kaopass.Staff{Login: " Hanako ", Name: `<img src=x>`, Role: kaopass.Manager, Language: kaopass.Japanese}, "correct horse", "venue")
	if err != nil || made.Login != "hanako" || !kaopass.PrefixStaff.Is(string(made.ID)) {
		t.Fatal(made, err)
	}
	in, err := d.StaffSignIn(t.Context(), "HANAKO", "correct horse")
	if err != nil || in.Reason != "" || in.Staff != made {
		t.Fatalf("%+v %v", in, err)
	}
	if who, err := d.StaffSession(t.Context(), in.Token); err != nil || who != made {
		t.Errorf("%+v %v", who, err)
	}
	for _, wrong := range [][2]string{{"hanako", "Correct horse"}, {"hanako", ""}, {"nobody", "correct horse"}, {"", ""},
		{"hanako", strings.Repeat("x", PasswordMax+1)}} {
		if in, err := d.StaffSignIn(t.Context(), wrong[0], wrong[1]); err != nil || in.Reason != kaopass.SignInCodeWrong || in.Token != "" {
			t.Errorf("%.20q: %+v %v", wrong, in, err)
		}
	}
	again, err := d.AddStaff(t.Context(), kaopass.Staff{Login: "hanako", Role: kaopass.Viewer}, "another", "stf_1")
	if err != nil || again.ID != made.ID {
		t.Fatal(again, err)
	}
	if _, err := d.StaffSession(t.Context(), in.Token); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session under the old password: %v", err)
	}
	if in, err := d.StaffSignIn(t.Context(), "hanako", "another"); err != nil || in.Staff.Role != kaopass.Viewer {
		t.Errorf("%+v %v", in, err)
	}
	if list, err := d.StaffList(t.Context()); err != nil || len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("%+v %v", list, err)
	}
}

func TestStaffSessionEnds(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	if _, err := d.AddStaff(t.Context(), kaopass.Staff{Login: "a", Role: kaopass.Admin}, "p", "venue"); err != nil {
		t.Fatal(err)
	}
	tokens := make([]string, 2)
	for i := range tokens {
		in, err := d.StaffSignIn(t.Context(), "a", "p")
		if err != nil {
			t.Fatal(err)
		}
		tokens[i] = in.Token
	}
	if err := d.StaffSignOut(t.Context(), tokens[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := d.StaffSession(t.Context(), tokens[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("signed out: %v", err)
	}
	late := d.now().Add(StaffSessionWithin)
	d.now = func() time.Time { return late }
	if _, err := d.StaffSession(t.Context(), tokens[1]); !errors.Is(err, ErrNotFound) {
		t.Errorf("a shift later: %v", err)
	}
}

func TestStaffGuessingIsStopped(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	if _, err := d.AddStaff(t.Context(), kaopass.Staff{Login: "a", Role: kaopass.Admin}, "p", "venue"); err != nil {
		t.Fatal(err)
	}
	try := func(login, password string, want kaopass.Reason) {
		t.Helper()
		if in, err := d.StaffSignIn(t.Context(), login, password); err != nil || in.Reason != want {
			t.Errorf("%s: %q %v", login, in.Reason, err)
		}
	}
	for _, login := range []string{"a", "nobody"} {
		for range StaffTries {
			try(login, "guess", kaopass.SignInCodeWrong)
		}
		try(login, "p", kaopass.TooManyTries)
	}
	later := d.now().Add(StaffTriesWithin)
	d.now = func() time.Time { return later }
	try("a", "p", "")
}

func TestPasswordsAreSaltedAndHidden(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	a, err := p.hash(t.Context(), "secret")
	if err != nil || strings.Contains(a, "secret") || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(a, err)
	}
	b, err := p.hash(t.Context(), "secret")
	if err != nil || a == b {
		t.Error("the same twice", err)
	}
	for _, damaged := range []string{"", "$", a[:40], strings.Replace(a, "argon2id", "argon2i", 1),
		fmt.Sprintf(passwordShape, 8, 0, 0, "", ""), strings.Replace(a, "t=2", "t=x", 1)} {
		if right, err := p.is(t.Context(), "secret", damaged); right || err != nil {
			t.Errorf("%q: %v %v", damaged, right, err)
		}
	}
}
