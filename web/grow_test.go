package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
)

// school is a running venue with a till and a man who enrolled with three photos of one minute.
type school struct {
	*venue
	till      kaopass.Device
	visitor   kaopass.VisitorID
	enrolment kaopass.EnrolmentID
	keys      int
}

// pupilCode is the code of the man.
const pupilCode = "4821"

func openSchool(t *testing.T) *school {
	t.Helper()
	s := &school{venue: open(t, nil)}
	_, code, err := s.store.AddDevice(t.Context(), kaopass.Till, "ramen-1", "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	if s.till, _, err = s.store.ClaimDevice(t.Context(), code, "test", "test"); err != nil {
		t.Fatal(err)
	}
	template, reason, err := s.faces.Template(t.Context(), s.photos(t, "01829", "02045", "02159"))
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	papers := enrolCommand{Config: s.cfg, Name: "Taro Yamada", Language: kaopass.Japanese, Code: pupilCode, Wallet: 200_000,
		Consent: kaopass.Purposes(), ConsentRef: "form 12"}
	in, err := papers.read()
	if err != nil {
		t.Fatal(err)
	}
	in.Template = template
	made, err := s.store.Import(t.Context(), in)
	if err != nil || made.Reason != "" {
		t.Fatal(made.Reason, err)
	}
	s.visitor, s.enrolment = made.Visitor, made.Enrolment
	eventually(t, "a gallery that knows the man", func() bool { return s.faces.GallerySize(kaopass.ForPayment) > 0 })
	return s
}

// photos are stills of the man, of other moments than those before and after.
func (s *school) photos(t *testing.T, names ...string) (out [][]byte) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(virtual.MediaDir(s.cfg.Packages), "franck_"+name+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func (s *school) key() kaopass.Key {
	s.keys++
	return kaopass.Key{Owner: string(s.till.ID), Name: "grow-" + strconv.Itoa(s.keys), Body: [32]byte{byte(s.keys)}}
}

// shown is a payment of an amount for which a face was shown.
func (s *school) shown(t *testing.T, yen int64, photos [][]byte) db.Outcome {
	t.Helper()
	p, err := s.store.CreatePayment(t.Context(), db.NewPayment{Key: s.key(), Till: s.till.ID, Amount: kaopass.Yen(yen)})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.faces.IdentifyPayer(t.Context(), p.ID, photos)
	if err != nil {
		t.Fatal(err)
	}
	p, err = s.store.PaymentFace(t.Context(), db.PaymentFace{Key: s.key(), Till: s.till.ID, Payment: p.ID, Identification: found})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *school) code(t *testing.T, p db.Outcome, code string) db.Outcome {
	t.Helper()
	p, err := s.store.PaymentCode(t.Context(), s.key(), s.till.ID, p.ID, code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *school) pay(t *testing.T, p db.Outcome) {
	t.Helper()
	if len(p.Methods) == 0 {
		t.Fatalf("nothing to pay with: %+v", p)
	}
	p, err := s.store.ConfirmPayment(t.Context(), s.cards, s.key(), s.till.ID, p.ID, p.Methods[0].ID)
	if err != nil || p.Status != kaopass.Captured {
		t.Fatal(p.Status, err)
	}
}

// lessons counts how often the template has learned, once the feed has told everything until now.
func (s *school) lessons(t *testing.T) int {
	t.Helper()
	time.Sleep(300 * time.Millisecond) // longer than the feed needs; there is nothing to wait for where nothing happens
	learned, _, err := s.store.Events(t.Context(), db.EventFilter{Kind: string(kaopass.TemplateGrown)}, db.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return len(learned)
}

// TestATemplateLearnsFromACodedPayment goes all the way with a real face: what teaches, and what does not.
func TestATemplateLearnsFromACodedPayment(t *testing.T) {
	s := openSchool(t)
	later := s.photos(t, "02683", "03909", "04117")
	const large, small = kaopass.CodeAbove, 500
	wrong := s.shown(t, large, later)
	if wrong.Status != kaopass.AwaitingCode {
		t.Fatalf("%+v", wrong)
	}
	s.code(t, wrong, "0007")
	s.pay(t, s.code(t, wrong, pupilCode))
	if p := s.shown(t, small, later); p.Status == kaopass.AwaitingConfirmation {
		s.pay(t, p)
	} else {
		t.Errorf("the face alone should have been enough: %+v", p)
	}
	cancelled := s.code(t, s.shown(t, large, later), pupilCode)
	if _, err := s.store.CancelPayment(t.Context(), s.cards, s.key(), s.till.ID, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	if n := s.lessons(t); n != 0 {
		t.Fatalf("%d lessons from a wrong code, a face alone and a payment that was cancelled", n)
	}
	s.pay(t, s.code(t, s.shown(t, large, later), pupilCode))
	eventually(t, "a lesson", func() bool { return s.lessons(t) == 1 })
	s.pay(t, s.code(t, s.shown(t, large, later), pupilCode))
	if n := s.lessons(t); n != 1 {
		t.Errorf("%d lessons on one day", n)
	}
	if _, err := s.store.Withdraw(t.Context(), s.visitor, kaopass.ForPayment); err != nil {
		t.Fatal(err)
	}
	s.log.keepsQuiet(t, pupilCode)
}
