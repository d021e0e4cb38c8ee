package db

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

func TestNamesAreKeptAsTyped(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, token := d.newVisitor(t, "a@example.jp")
	for _, name := range []string{`<script>alert("x")</script>`, `'; DROP TABLE visitor; --`, "山田 太郎", "O’Brien\u202e", "", "a\x00b", "👩‍👩‍👧"} {
		if err := d.SetProfile(t.Context(), v.ID, name, kaopass.Chinese); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Session(t.Context(), token); err != nil || got.Name != name || got.Language != kaopass.Chinese {
			t.Errorf("%q became %q: %v", name, got.Name, err)
		}
	}
	if err := d.SetProfile(t.Context(), v.ID, strings.Repeat("あ", kaopass.NameMax), kaopass.Japanese); err == nil {
		t.Error("a name longer than the longest is kept")
	}
	if err := d.SetProfile(t.Context(), "vis_none", "x", kaopass.Japanese); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	for _, frozen := range []bool{true, true, false, false} {
		if err := d.Freeze(t.Context(), v.ID, frozen, "stf_1"); err != nil {
			t.Fatal(err)
		}
		if p, err := d.Profile(t.Context(), v.ID); err != nil || p.Visitor.Frozen != frozen {
			t.Error(p.Visitor, err)
		}
	}
	if got := d.kinds(t, v.ID); got != "visitor.frozen, visitor.unfrozen" {
		t.Error(got)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, e := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission)
	p, err := d.Profile(t.Context(), v.ID)
	if err != nil || p.Enrolment == nil || *p.Enrolment != e || p.Enrolment.Frames != 1 {
		t.Fatalf("%+v %v", p, err)
	}
	if !p.Usable[kaopass.ForAdmission] || p.Usable[kaopass.ForPayment] || len(p.Consents) != 1 {
		t.Errorf("%+v", p)
	}
	c := p.Consents[kaopass.ForAdmission]
	if !c.Stands() || c.Mark != "" || c.TextVersion != "2026-11" || c.Method != kaopass.SignedTyped {
		t.Errorf("%+v", c)
	}
	if _, err := d.Profile(t.Context(), "vis_none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestConsentsAreWhole(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	for what, spoil := range map[string]func(*kaopass.Consent){
		"another purpose": func(c *kaopass.Consent) { c.Purpose = "advertising" },
		"no hash":         func(c *kaopass.Consent) { c.TextHash = "" },
		"no version":      func(c *kaopass.Consent) { c.TextVersion = "" },
		"no mark":         func(c *kaopass.Consent) { c.Mark = "" },
		"a huge mark":     func(c *kaopass.Consent) { c.Mark = strings.Repeat("M", kaopass.SignMarkMax+1) },
	} {
		c := consentFor(kaopass.ForAdmission, kaopass.ForPayment)
		spoil(&c[1])
		if err := d.GiveConsents(t.Context(), v.ID, c); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if n := d.count(t, `SELECT count(*) FROM consent`); n != 0 {
		t.Errorf("%d consents of refused calls", n)
	}
	newer := consentFor(kaopass.ForAdmission)
	d.agree(t, v.ID, kaopass.ForAdmission)
	newer[0].TextHash = kaopass.TextHash("a newer text")
	if err := d.GiveConsents(t.Context(), v.ID, newer); err != nil {
		t.Fatal(err)
	}
	if n := d.count(t, `SELECT count(*) FROM consent WHERE withdrawn_at IS NULL`); n != 1 {
		t.Errorf("%d stand", n)
	}
}

func TestTimelineIsTheVisitorsOwn(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission)
	d.enrolled(t, "b@example.jp", 2, kaopass.ForAdmission)
	var seen []kaopass.EventKind
	page := Page{Limit: 1}
	for {
		got, next, err := d.Timeline(t.Context(), v.ID, page)
		if err != nil || len(got) != 1 || got[0].Visitor != v.ID {
			t.Fatalf("%+v %v", got, err)
		}
		seen = append(seen, got[0].Kind)
		if page.Cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(seen, []kaopass.EventKind{kaopass.EnrolmentCreated, kaopass.ConsentGiven, kaopass.VisitorCreated}) {
		t.Error(seen)
	}
}

func TestFindVisitorsIsSeenByThem(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	staff := kaopass.Staff{ID: "stf_1", Role: kaopass.Manager}
	for _, query := range []string{"A@example.jp ", string(v.ID)} {
		found, err := d.FindVisitors(t.Context(), staff, query)
		if err != nil || len(found) != 1 || found[0].Visitor.ID != v.ID {
			t.Errorf("%q: %+v %v", query, found, err)
		}
	}
	for _, query := range []string{"", "b@example.jp", "%", "vis_00000000000000000000000000", "'; --", "a"} {
		if found, err := d.FindVisitors(t.Context(), staff, query); err != nil || len(found) != 0 {
			t.Errorf("%q: %+v %v", query, found, err)
		}
	}
	if got := d.kinds(t, v.ID); got != "staff.looked_up, staff.looked_up" {
		t.Error(got)
	}
}
