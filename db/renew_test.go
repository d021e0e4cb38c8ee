package db

import (
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// renews makes a template of another model out of any.
func renews(t kaopass.Template) (kaopass.Template, bool) {
	return kaopass.Template{Model: "newer", Frames: slices.Clone(t.Frames[:1])}, true
}

// renewing is one attempt at a gate that would make the holder's template anew.
func (r *rig) renewing(qr string, said kaopass.Reason) (compared string, _ Admission) {
	r.Helper()
	a, err := r.Admit(r.ctx, Admit{Key: r.key(string(r.gate.ID)), Device: r.gate.ID, QR: qr, Renew: renews,
		Compare: func(t kaopass.Template) kaopass.Reason {
			compared = t.Model
			return said
		}})
	r.ok(err)
	return compared, a
}

func TestAGateRenewsATemplate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.pupil(1)
	ticket := r.ticket(kaopass.Season, me).QR
	old := faceOf(1).Model
	if compared, a := r.renewing(ticket, kaopass.FaceMismatch); compared != old || a.Verdict.Decision != kaopass.Refuse {
		t.Fatalf("%s %+v", compared, a)
	}
	if got := must(r.Models(r.ctx)); got[old] != 2 || len(got) != 1 {
		t.Fatalf("somebody else's face changed the template: %v", got)
	}
	compared, a := r.renewing(ticket, "")
	if compared != old || a.Verdict.Decision != kaopass.Admit {
		t.Fatalf("%s %+v", compared, a)
	}
	must(r.Undo(r.ctx, r.key(string(r.gate.ID)), r.gate.ID, a.ID, "test"))
	if got := must(r.Models(r.ctx)); got[old] != 1 || got["newer"] != 1 {
		t.Errorf("%v: the template for payment is not the gate's to change", got)
	}
	if n := r.count(`SELECT count(*) FROM event WHERE kind = 'template.renewed' AND visitor = $1 AND subject = $2
		AND purpose = 'admission'`, me, enr); n != 1 {
		t.Errorf("%d events", n)
	}
	if compared, _ := r.renewing(ticket, ""); compared != "newer" {
		t.Errorf("the next time compared with %q", compared)
	}
}

// Whoever signed the text that says "your numbers stay as they were" keeps them.
func TestAGateRenewsOnlyWhoAgreed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(2, "Hanako Sato", 0)
	if compared, a := r.renewing(r.ticket(kaopass.Season, me).QR, ""); compared != faceOf(2).Model || a.Verdict.Decision != kaopass.Admit {
		t.Fatalf("%s %+v", compared, a)
	}
	if got := must(r.Models(r.ctx)); got["newer"] != 0 {
		t.Errorf("%v", got)
	}
}
