package db

import (
	"errors"
	"testing"

	"github.com/kaopass/kaopass"
)

func TestWithdrawDestroysTheKeyWithTheLastPurpose(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission, kaopass.ForPayment)
	first, err := d.Withdraw(t.Context(), v.ID, kaopass.ForAdmission)
	if err != nil || first.KeyGone || d.count(t, `SELECT count(*) FROM person_key`) != 1 {
		t.Errorf("%+v %v", first, err)
	}
	again, err := d.Withdraw(t.Context(), v.ID, kaopass.ForAdmission)
	if err != nil || again.Receipt != first.Receipt || !again.At.Equal(first.At) {
		t.Errorf("a second time: %+v, not %+v: %v", again, first, err)
	}
	last, err := d.Withdraw(t.Context(), v.ID, kaopass.ForPayment)
	if err != nil || !last.KeyGone || last.Receipt == "" {
		t.Errorf("%+v %v", last, err)
	}
	for _, table := range []string{"person_key", "template", "enrolment"} {
		if n := d.count(t, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%s: %d left", table, n)
		}
	}
	other, _ := d.newVisitor(t, "b@example.jp")
	if _, err := d.Withdraw(t.Context(), other.ID, kaopass.ForPayment); !errors.Is(err, ErrNotFound) {
		t.Errorf("never given: %v", err)
	}
}

func TestEraseFace(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, token := d.newVisitor(t, "a@example.jp")
	nothing, err := d.EraseFace(t.Context(), v.ID)
	if err != nil || !nothing.KeyGone || nothing.Receipt != "" {
		t.Errorf("nothing to erase: %+v %v", nothing, err)
	}
	d.agree(t, v.ID, kaopass.ForAdmission)
	if _, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID, Template: faceOf(1), By: "self"}); err != nil {
		t.Fatal(err)
	}
	out, err := d.EraseFace(t.Context(), v.ID)
	if err != nil || !out.KeyGone || len(out.Purposes) != 1 || out.Receipt == "" {
		t.Errorf("%+v %v", out, err)
	}
	again, err := d.EraseFace(t.Context(), v.ID)
	if err != nil || again.Receipt != out.Receipt {
		t.Errorf("a second time: %+v %v", again, err)
	}
	p, err := d.Profile(t.Context(), v.ID)
	if err != nil || p.Enrolment != nil || len(p.Usable) != 0 || p.Consents[kaopass.ForAdmission].Stands() {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := d.Session(t.Context(), token); err != nil {
		t.Errorf("the account is gone too: %v", err)
	}
}

func TestEraseVisitor(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission)
	_, token := d.newVisitor(t, "a@example.jp")
	if err := d.AddPasskey(t.Context(), Passkey{ID: []byte("p"), Visitor: v.ID, Data: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	out, err := d.EraseVisitor(t.Context(), v.ID)
	if err != nil || !out.KeyGone || out.Receipt == "" {
		t.Fatalf("%+v %v", out, err)
	}
	for _, table := range []string{"person_key", "template", "enrolment", "session", "passkey", "sign_in_code"} {
		if n := d.count(t, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%s: %d left", table, n)
		}
	}
	if _, err := d.Session(t.Context(), token); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := d.Profile(t.Context(), v.ID); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := d.PasskeyByID(t.Context(), []byte("p")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := d.EraseVisitor(t.Context(), v.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	if fresh, _ := d.newVisitor(t, "a@example.jp"); fresh.ID == v.ID {
		t.Error("the erased account came back")
	}
}
