package till_test

import (
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// profile waits until a visitor's face was compared with everyone's, and reads what is known of them.
func (c counter) profile(t *testing.T, id kaopass.VisitorID) db.Profile {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		p, err := c.DB.Profile(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		among, err := c.DB.Resemblance(t.Context(), p.Enrolment.ID)
		if err != nil {
			t.Fatal(err)
		}
		if among.Compared {
			return p
		}
	}
	t.Fatal("nobody compared the face")
	return db.Profile{}
}

// faced shows the person's face for a small amount.
func (c counter) faced(t *testing.T) payment {
	t.Helper()
	return c.post(t, c.create(t, 300, "").ID, "face", c.face)
}

// TestALookAlikeIsAskedForTheCode although the face alone is enough, until the other is gone; the till is told nothing of
// why, and nothing of whom.
func TestALookAlikeIsAskedForTheCode(t *testing.T) {
	c := open(t)
	other := c.Enrol(t, "Jiro Suzuki", "1111", 500, apitest.Photo(t, apitest.Other))
	if p := c.faced(t); p.Status != kaopass.AwaitingConfirmation {
		t.Fatalf("the face is not enough in a small gallery: %+v", p)
	}
	mine, theirs := c.profile(t, c.person.ID), c.profile(t, other.ID)
	if mine.Alike || theirs.Alike {
		t.Fatal("two different men are look-alikes")
	}
	near := kaopass.Neighbourhood{Alike: []kaopass.EnrolmentID{mine.Enrolment.ID}}
	if err := c.DB.MarkAlike(t.Context(), theirs.Enrolment.ID, near); err != nil {
		t.Fatal(err)
	}
	p := c.faced(t)
	if p.Status != kaopass.AwaitingCode || p.Payer != nil || p.Reason != "" || len(p.Methods) != 0 {
		t.Fatalf("marked: %+v", p)
	}
	if wrong := c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": "0000"})); wrong.Status != kaopass.AwaitingCode || wrong.Reason != kaopass.CodeWrong {
		t.Errorf("a wrong code: %+v", wrong)
	}
	if right := c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": c.person.Code})); right.Status != kaopass.AwaitingConfirmation {
		t.Errorf("the right code: %+v", right)
	}
	if _, err := c.DB.EraseFace(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if p := c.faced(t); p.Status != kaopass.AwaitingConfirmation {
		t.Errorf("the other is gone: %+v", p)
	}
}

// TestOneManTwiceIsFound by real photos of two moments: both accounts ask for the code, only the newer is asked whether it
// is the second, and each code pays from its own wallet.
func TestOneManTwiceIsFound(t *testing.T) {
	c := open(t)
	time.Sleep(2 * time.Millisecond) // ids sort by the millisecond
	again := c.Enrol(t, "Taro Again", "2222", 700, apitest.Photo(t, "franck_02888.jpg"), apitest.Photo(t, apitest.Franck3))
	newer, older := c.profile(t, again.ID), c.profile(t, c.person.ID)
	if !newer.Alike || !newer.Twice || !older.Alike || older.Twice {
		t.Fatalf("newer alike %v twice %v, older alike %v twice %v", newer.Alike, newer.Twice, older.Alike, older.Twice)
	}
	for _, code := range []string{c.person.Code, again.Code} {
		p := c.faced(t)
		if p.Status != kaopass.AwaitingCode {
			t.Fatalf("%+v", p)
		}
		if p := c.post(t, p.ID, "code", apitest.JSON(map[string]string{"code": code})); p.Status != kaopass.AwaitingConfirmation {
			t.Errorf("with code of %s: %+v", code[:1], p)
		}
	}
}

// TestTwoNewcomersOfOneCode: of two faces that could come on one short list only the older keeps a code that both were
// given; a man who resembles neither may have it as well.
func TestTwoNewcomersOfOneCode(t *testing.T) {
	c := open(t)
	time.Sleep(2 * time.Millisecond) // ids sort by the millisecond
	again := c.Enrol(t, "Taro Again", c.person.Code, 500, apitest.Photo(t, "franck_02888.jpg"), apitest.Photo(t, apitest.Franck3))
	if theirs := c.profile(t, again.ID); !theirs.CodeGone || !theirs.CodeIssued.IsZero() {
		t.Error("two people near each other have one code")
	}
	other := c.Enrol(t, "Jiro Suzuki", c.person.Code, 500, apitest.Photo(t, apitest.Other))
	for _, keeps := range []kaopass.VisitorID{c.person.ID, other.ID} {
		if p := c.profile(t, keeps); p.CodeIssued.IsZero() || p.CodeGone {
			t.Errorf("%s lost the code", keeps)
		}
	}
}
