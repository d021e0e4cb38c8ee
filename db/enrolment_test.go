package db

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// gallery follows the templates of a purpose, as the matcher does.
type gallery struct {
	mu    sync.Mutex
	holds map[kaopass.EnrolmentID]kaopass.Template
}

func openGallery(t testing.TB, d *DB, purpose kaopass.Purpose) *gallery {
	t.Helper()
	g := &gallery{holds: map[kaopass.EnrolmentID]kaopass.Template{}}
	seq, err := d.Templates(t.Context(), purpose, g.change(purpose))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.FollowTemplates(ctx, seq, g.change(purpose)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("gallery ended with %v", err)
		}
	})
	return g
}

func (g *gallery) change(purpose kaopass.Purpose) func(kaopass.TemplateChange) error {
	return func(c kaopass.TemplateChange) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		switch {
		case c.Purpose != purpose:
		case c.Removed:
			delete(g.holds, c.Enrolment)
		default:
			g.holds[c.Enrolment] = c.Template
		}
		return nil
	}
}

func (g *gallery) wait(t testing.TB, id kaopass.EnrolmentID, want kaopass.Template) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		g.mu.Lock()
		got, found := g.holds[id]
		g.mu.Unlock()
		if !found && want.Model == "" || found && same(got, want) {
			return
		}
	}
	t.Fatalf("the gallery does not hold what it should of %s", id)
}

func TestEnrolNeedsConsent(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	enrol := func(want kaopass.Reason) {
		t.Helper()
		out, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID, Template: faceOf(1), By: "self"})
		if err != nil || out.Reason != want || (out.Enrolment.ID == "") != (want != "") {
			t.Errorf("%+v %v", out, err)
		}
	}
	enrol(kaopass.ConsentMissing)
	d.agree(t, v.ID, kaopass.ForAdmission)
	enrol("")
	if _, err := d.Withdraw(t.Context(), v.ID, kaopass.ForAdmission); err != nil {
		t.Fatal(err)
	}
	enrol(kaopass.ConsentWithdrawn)
	d.agree(t, v.ID, kaopass.ForAdmission)
	enrol("")
	if _, err := d.Enrol(t.Context(), Enrol{Visitor: "vis_none", Template: faceOf(1)}); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID}); err == nil {
		t.Error("a face without frames is kept")
	}
	want := "enrolment.refused consent_missing, consent.given admission, enrolment.created, template.added admission, " +
		"consent.withdrawn admission, template.removed admission, enrolment.erased, enrolment.refused consent_withdrawn, " +
		"consent.given admission, enrolment.created, template.added admission"
	if got := d.kinds(t, v.ID); got != want {
		t.Error(got)
	}
}

func TestTemplatesAreForOnePurpose(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	admission, payment := openGallery(t, d, kaopass.ForAdmission), openGallery(t, d, kaopass.ForPayment)
	v, e := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission)
	admission.wait(t, e.ID, faceOf(1))
	payment.wait(t, e.ID, kaopass.Template{})
	d.agree(t, v.ID, kaopass.ForPayment)
	payment.wait(t, e.ID, faceOf(1))
	d.agree(t, v.ID, kaopass.ForPayment, kaopass.ForAdmission) // signed twice: nothing happens
	out, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID, Template: faceOf(2), By: kioskBy + "stf_1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*gallery{admission, payment} {
		g.wait(t, out.Enrolment.ID, faceOf(2))
		g.wait(t, e.ID, kaopass.Template{})
	}
	removal, err := d.Withdraw(t.Context(), v.ID, kaopass.ForPayment)
	if err != nil || removal.KeyGone || len(removal.Purposes) != 1 || removal.Receipt == "" {
		t.Errorf("%+v %v", removal, err)
	}
	payment.wait(t, out.Enrolment.ID, kaopass.Template{})
	admission.wait(t, out.Enrolment.ID, faceOf(2))
	if n := d.count(t, `SELECT count(*) FROM template WHERE purpose = 'payment'`); n != 0 {
		t.Errorf("%d templates for payment are left", n)
	}
	if n := d.count(t, `SELECT count(*) FROM event WHERE kind = 'enrolment.created' AND actor = 'stf_1'`); n != 1 {
		t.Error("the kiosk's staff is not named")
	}
}

func TestTemplatesLoadWhatStands(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	_, kept := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission, kaopass.ForPayment)
	gone, _ := d.enrolled(t, "b@example.jp", 2, kaopass.ForAdmission, kaopass.ForPayment)
	d.enrolled(t, "c@example.jp", 3, kaopass.ForAdmission)
	if _, err := d.EraseFace(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	var found []kaopass.TemplateChange
	seq, err := d.Templates(t.Context(), kaopass.ForPayment, func(c kaopass.TemplateChange) error {
		found = append(found, c)
		return nil
	})
	if err != nil || len(found) != 1 || found[0].Enrolment != kept.ID || !same(found[0].Template, faceOf(1)) || found[0].Seq != 0 {
		t.Errorf("%+v %v", found, err)
	}
	if last, err := d.LastSeq(t.Context()); err != nil || seq > last {
		t.Errorf("%d, above %d: %v", seq, last, err)
	}
	enough := errors.New("enough")
	if _, err := d.Templates(t.Context(), kaopass.ForPayment, func(kaopass.TemplateChange) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}

// A copied or swapped row does not open: the bytes are bound to the person and the purpose.
func TestTemplatesCannotBeSwapped(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	a, _ := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission, kaopass.ForPayment)
	b, _ := d.enrolled(t, "b@example.jp", 2, kaopass.ForAdmission)
	read := func(id kaopass.VisitorID, purpose kaopass.Purpose) error {
		return d.snapshot(t.Context(), func(t *tx) error { _, _, err := t.template(id, purpose); return err })
	}
	if err := read(a.ID, kaopass.ForPayment); err != nil {
		t.Fatal(err)
	}
	exec(t, d, `UPDATE template x SET sealed = y.sealed FROM template y
		WHERE x.enrolment = y.enrolment AND x.purpose = 'payment' AND y.purpose = 'admission'`)
	if err := read(a.ID, kaopass.ForPayment); err == nil {
		t.Error("the copy for admission opens for payment")
	}
	exec(t, d, `UPDATE person_key x SET wrapped = y.wrapped FROM person_key y WHERE x.visitor = $1 AND y.visitor = $2`, b.ID, a.ID)
	if err := read(b.ID, kaopass.ForAdmission); err == nil {
		t.Error("one person's key opens another's template")
	}
}

func TestTwoEnrolmentsAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	d.agree(t, v.ID, kaopass.ForAdmission)
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			if _, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID, Template: faceOf(i), By: "self"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := d.count(t, `SELECT count(*) FROM enrolment`); n != 1 {
		t.Errorf("%d enrolments", n)
	}
}
