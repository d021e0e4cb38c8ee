package db

import (
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// lesson is a frame that no enrolment of a test holds.
func lesson(at int) []float32 {
	v := make([]float32, 64)
	v[63-at] = 1
	return v
}

// learns appends a lesson to whatever it is given.
func learns(at int) Learn {
	return func(t kaopass.Template, _ int) (kaopass.Template, bool) {
		t.Frames = append(slices.Clone(t.Frames), lesson(at))
		return t, true
	}
}

// pupil is a visitor who agreed to the text that says that a template learns, and whose code is 4821.
func (r *rig) pupil(n int) (kaopass.VisitorID, kaopass.EnrolmentID) {
	r.Helper()
	signed := consents(kaopass.ForAdmission, kaopass.ForPayment)
	for i := range signed {
		signed[i].TextVersion = kaopass.GrowthSince
	}
	out, err := r.Import(r.ctx, Import{Name: "Taro Yamada", Language: kaopass.Japanese, Template: faceOf(n), Code: "4821",
		Consents: signed, Wallet: kaopass.Yen(50000), ConsentRef: "form"})
	r.ok(err)
	return out.Visitor, out.Enrolment
}

// coded is a payment that the code, after so many wrong ones, brought to where it is to be confirmed.
func (r *rig) coded(enr kaopass.EnrolmentID, wrong int) Outcome {
	r.Helper()
	p := r.open(1200, false)
	r.showFace(p.ID, kaopass.AskCode, enr)
	for range wrong {
		r.ok2(r.PaymentCode(r.ctx, r.key(string(r.till.ID)), r.till.ID, p.ID, "1111"))
	}
	out := r.ok2(r.PaymentCode(r.ctx, r.key(string(r.till.ID)), r.till.ID, p.ID, "4821"))
	if out.Status != kaopass.AwaitingConfirmation {
		r.Fatalf("%+v", out)
	}
	return out
}

func (r *rig) frames(id kaopass.VisitorID, purpose kaopass.Purpose) (n int) {
	r.Helper()
	r.ok(r.tx(r.ctx, func(t *tx) error {
		template, _, err := t.template(id, purpose)
		n = len(template.Frames)
		return err
	}))
	return n
}

func TestATemplateLearnsAfterACodedPayment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.pupil(1)
	g := openGallery(t, r.DB, kaopass.ForPayment)
	p := r.coded(enr, 0)
	if must(r.GrowTemplate(r.ctx, p.ID, learns(1))) {
		t.Error("it learned before anything was paid")
	}
	r.confirm(p.ID, p.Methods[0].ID)
	if !must(r.GrowTemplate(r.ctx, p.ID, learns(1))) {
		t.Fatal("it did not learn")
	}
	want := faceOf(1)
	want.Frames = append(want.Frames, lesson(1))
	g.wait(t, enr, want)
	if e := r.lastEvent(); e.Kind != kaopass.TemplateGrown || e.Visitor != me || e.Subject != string(enr) ||
		e.Purpose != kaopass.ForPayment || e.Actor != venueActor {
		t.Errorf("%+v", e)
	}
	if n := r.frames(me, kaopass.ForAdmission); n != 1 {
		t.Errorf("a gate would use %d frames: what a till saw is for paying", n)
	}
	if n := r.count("SELECT frames FROM enrolment WHERE id = $1", enr); n != 1 {
		t.Errorf("the enrolment says that it gave %d frames", n)
	}
	if must(r.GrowTemplate(r.ctx, p.ID, learns(2))) {
		t.Error("twice from one payment")
	}
	again := r.coded(enr, 0)
	r.confirm(again.ID, again.Methods[0].ID)
	if must(r.GrowTemplate(r.ctx, again.ID, learns(2))) {
		t.Error("twice on one day")
	}
	r.clock.turn(24 * time.Hour)
	if !must(r.GrowTemplate(r.ctx, again.ID, learns(2))) || r.frames(me, kaopass.ForPayment) != 3 {
		t.Error("not on the next day either")
	}
}

// What is not sure teaches nothing.
func TestATemplateDoesNotLearn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.pupil(1)
	old, oldEnr := r.visitor(2, "Hanako Sato", 5000) // agreed to an older text
	confirmed := func(p Outcome) kaopass.PaymentID {
		return r.confirm(p.ID, p.Methods[0].ID).ID
	}
	for name, id := range map[string]kaopass.PaymentID{
		"by the face alone":        r.pay(500, false, enr, me).ID,
		"after a wrong code":       confirmed(r.coded(enr, 1)),
		"under an older text":      r.pay(500, false, oldEnr, old).ID,
		"not confirmed":            r.coded(enr, 0).ID,
		"cancelled at its confirm": r.ok2(r.CancelPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, r.coded(enr, 0).ID)).ID,
		"no face yet":              r.open(100, false).ID,
	} {
		if must(r.GrowTemplate(r.ctx, id, learns(1))) {
			t.Error(name + ": it learned")
		}
	}
	paid := confirmed(r.coded(enr, 0))
	nothing := func(t kaopass.Template, _ int) (kaopass.Template, bool) { return t, false }
	if must(r.GrowTemplate(r.ctx, paid, nothing)) {
		t.Error("it learned nothing")
	}
	expired := r.coded(enr, 0)
	r.clock.turn(kaopass.PaymentWithin)
	must(r.Expire(r.ctx, r.desk))
	if must(r.GrowTemplate(r.ctx, expired.ID, learns(1))) {
		t.Error("expired: it learned")
	}
	must(r.Withdraw(r.ctx, me, kaopass.ForPayment))
	if must(r.GrowTemplate(r.ctx, paid, learns(1))) {
		t.Error("after withdrawal it learned")
	}
	must(r.EraseFace(r.ctx, me))
	if must(r.GrowTemplate(r.ctx, paid, learns(1))) {
		t.Error("after erasure it learned")
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'template.grown'"); n != 0 {
		t.Error(n, "events say that it learned")
	}
}

// A consent for gates that is given later gets what the enrolment gave, not what tills have seen since.
func TestWhatATillSawIsNotForGates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.pupil(1)
	must(r.Withdraw(r.ctx, me, kaopass.ForAdmission))
	p := r.coded(enr, 0)
	r.confirm(p.ID, p.Methods[0].ID)
	if !must(r.GrowTemplate(r.ctx, p.ID, learns(1))) {
		t.Fatal("it did not learn")
	}
	r.ok(r.GiveConsents(r.ctx, me, consents(kaopass.ForAdmission)))
	if at, till := r.frames(me, kaopass.ForAdmission), r.frames(me, kaopass.ForPayment); at != 1 || till != 2 {
		t.Errorf("%d frames for gates, %d for tills", at, till)
	}
}

// Whom somebody resembles stays as they enrolled, until the other is gone.
func TestALookAlikeDoesNotLearn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, enr := r.pupil(1)
	other, twin := r.visitor(2, "Jiro Yamada", 0)
	r.ok(r.MarkAlike(r.ctx, twin, kaopass.Neighbourhood{Alike: []kaopass.EnrolmentID{enr}}))
	p := r.coded(enr, 0)
	r.confirm(p.ID, p.Methods[0].ID)
	if must(r.GrowTemplate(r.ctx, p.ID, learns(1))) {
		t.Error("it learned, with somebody like it about")
	}
	must(r.EraseFace(r.ctx, other))
	if !must(r.GrowTemplate(r.ctx, p.ID, learns(1))) {
		t.Error("it did not learn once the other was gone")
	}
}
