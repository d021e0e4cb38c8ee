package db

import (
	"errors"
	"testing"

	"github.com/kaopass/kaopass"
)

func (r *rig) form(n int, purposes ...kaopass.Purpose) Import {
	return Import{Name: "山田 太郎", Language: kaopass.Japanese, Template: faceOf(n), Consents: consents(purposes...), ConsentRef: "form 12"}
}

func TestImportMakesAWholeVisitor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ticket := r.ticket(kaopass.Season, "")
	in := r.form(1, kaopass.ForAdmission, kaopass.ForPayment)
	in.Contact, in.TicketQR, in.Wallet, in.Code = "a@example.jp", ticket.QR, kaopass.Yen(5000), "4821"
	out, err := r.Import(r.ctx, in)
	r.ok(err)
	p, err := r.Profile(r.ctx, out.Visitor)
	r.ok(err)
	if out.Reason != "" || p.Enrolment == nil || p.Enrolment.ID != out.Enrolment || p.Enrolment.By != "import:form 12" {
		t.Errorf("%+v %+v", out, p.Enrolment)
	}
	if p.Visitor.Name != in.Name || len(p.Tickets) != 1 || p.Tickets[0].ID != ticket.ID || p.Wallet == nil ||
		p.Wallet.Balance != in.Wallet || p.CodeIssued.IsZero() || !p.Usable[kaopass.ForPayment] {
		t.Errorf("%+v", p)
	}
	if reason, err := r.CheckCode(r.ctx, out.Visitor, "4821"); err != nil || reason != "" {
		t.Error(reason, err)
	}
	again, err := r.Import(r.ctx, in) // the same contact is the same person, and a new photo replaces the old
	if err != nil || again.Visitor != out.Visitor || again.Enrolment == out.Enrolment {
		t.Errorf("%+v %v", again, err)
	}
}

func TestImportUnderAKeyHappensOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	in := r.form(1, kaopass.ForPayment)
	in.Contact, in.Wallet = "b@example.jp", kaopass.Yen(5000)
	in.Key = kaopass.Key{Owner: "venue", Name: "form 12", Body: [32]byte{1}}
	first, err := r.Import(r.ctx, in)
	r.ok(err)
	again, err := r.Import(r.ctx, in)
	if err != nil || again != first {
		t.Errorf("%+v, then %+v %v", first, again, err)
	}
	if w, err := r.Wallet(r.ctx, first.Visitor); err != nil || w.Balance != in.Wallet {
		t.Errorf("paid in twice: %+v %v", w.Balance, err)
	}
	in.Key.Body[0] = 2
	if _, err := r.Import(r.ctx, in); !errors.Is(err, ErrKeyReused) {
		t.Errorf("another form under the same key: %v", err)
	}
}

func TestImportChangesAllOrNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other, _ := r.visitor(1, "Other", 0)
	taken := r.ticket(kaopass.Season, other)
	before := r.count(`SELECT count(*) FROM visitor`)
	for what, spoil := range map[string]func(*Import){
		"ticket_taken":      func(in *Import) { in.TicketQR = taken.QR },
		"ticket_unreadable": func(in *Import) { in.TicketQR = "'; --" },
		"consent_missing":   func(in *Import) { in.Consents = nil },
		"limit_exceeded":    func(in *Import) { in.Wallet = kaopass.Yen(kaopass.WalletMax + 1) },
	} {
		in := r.form(2, kaopass.ForAdmission, kaopass.ForPayment)
		spoil(&in)
		out, err := r.Import(r.ctx, in)
		if err != nil || string(out.Reason) != what || out.Visitor != "" {
			t.Errorf("%s: %+v %v", what, out, err)
		}
		if e := r.lastEvent(); e.Kind != kaopass.EnrolmentRefused || string(e.Reason) != what {
			t.Errorf("%s: the last event is %+v", what, e)
		}
	}
	in := r.form(2, kaopass.ForAdmission)
	in.Wallet = kaopass.Yen(100)
	if out, err := r.Import(r.ctx, in); err != nil || out.Reason != kaopass.ConsentMissing {
		t.Errorf("money without consent to payment: %+v %v", out, err)
	}
	if after := r.count(`SELECT count(*) FROM visitor`); after != before {
		t.Errorf("%d visitors are left of refused imports", after-before)
	}
}

func TestImportOfSomebodyYoungNeedsAGuardian(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	in := r.form(1, kaopass.ForPayment)
	in.Contact, in.Young = "child@example.jp", true
	if out, err := r.Import(r.ctx, in); err != nil || out.Reason != kaopass.AgeTooYoung || out.Visitor != "" {
		t.Fatalf("nobody signed for them: %+v %v", out, err)
	}
	in.Guardian = &kaopass.Guardian{Name: "Yamada Taro", Contact: "visitor2@example.com", Allowance: kaopass.Allowance{Day: 2000, Week: kaopass.AllowanceMax + 1}}
	var field *FieldError
	if _, err := r.Import(r.ctx, in); !errors.As(err, &field) || field.Field != "week" {
		t.Fatalf("an allowance that cannot be: %v", err)
	}
	in.Guardian.Allowance.Week = 6000
	out, err := r.Import(r.ctx, in)
	r.ok(err)
	p, err := r.Profile(r.ctx, out.Visitor)
	r.ok(err)
	if p.Guardian == nil || p.Guardian.Name != "Yamada Taro" || p.Guardian.Contact != in.Guardian.Contact || p.Guardian.Allowance != in.Guardian.Allowance {
		t.Errorf("guardian: %+v", p.Guardian)
	}
	taro, _ := r.visitor(2, "Taro Yamada", 0)
	if wards, err := r.Wards(r.ctx, taro); err != nil || len(wards) != 1 || wards[0].Visitor != out.Visitor {
		t.Errorf("wards: %+v %v", wards, err)
	}
	if _, err := r.AddCard(r.ctx, out.Visitor, "tok", "Visa ••4242"); err == nil {
		t.Error("a card that nobody allowed")
	}
	in.Guardian, in.Template = nil, faceOf(3) // a new photo: who signed before goes on signing
	if again, err := r.Import(r.ctx, in); err != nil || again.Reason != "" || again.Visitor != out.Visitor {
		t.Errorf("%+v %v", again, err)
	}
}
