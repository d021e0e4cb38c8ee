package db

import (
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func fake(kaopass.Template) kaopass.Reason { return kaopass.NotLive }

// A thief holds a picture to the gate, with a borrowed ticket: staff come, then no face is looked at; and the holder is
// let in as soon as the first of the pictures is long enough ago, however often they tried meanwhile.
func TestAPictureAtAGate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro Yamada", 0)
	k := r.ticket(kaopass.Season, me)
	try := func(compare func(kaopass.Template) kaopass.Reason) kaopass.Verdict {
		t.Helper()
		out, err := r.Admit(r.ctx, Admit{Key: r.key(string(r.gate.ID)), Device: r.gate.ID, QR: k.QR, Compare: compare})
		r.ok(err)
		r.clock.turn(10 * time.Second)
		return out.Verdict
	}
	for n := range kaopass.LivelessTicket {
		want := kaopass.Verdict{Decision: kaopass.Refuse, Reason: kaopass.NotLive}
		if n+1 >= kaopass.StaffAfter {
			want.Decision = kaopass.AskStaff
		}
		if got := try(fake); got != want {
			t.Errorf("picture %d: %v", n+1, got)
		}
	}
	for range 3 {
		if got := try(unasked(t)); got != (kaopass.Verdict{Decision: kaopass.AskStaff, Reason: kaopass.NotLive}) {
			t.Errorf("the ticket cools down: %v", got)
		}
		r.clock.turn(2 * time.Minute)
	}
	if e := r.lastEvent(); e.Reason != kaopass.NotLive || e.Decision != kaopass.AskStaff || e.Visitor != me {
		t.Errorf("%+v", e)
	}
	r.clock.turn(kaopass.LivelessWithin - 6*time.Minute - 70*time.Second)
	if got := try(is(1)); got.Decision != kaopass.Admit {
		t.Errorf("the holder, %v after the first picture: %v", kaopass.LivelessWithin, got)
	}
}

func TestManyPicturesAtOneGate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range kaopass.LivelessGate + 1 {
		me, _ := r.visitor(n, "Taro Yamada", 0)
		out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: r.ticket(kaopass.Season, me).QR, Compare: fake})
		r.ok(err)
		if want := n+1 >= kaopass.LivelessGate; (out.Verdict.Decision == kaopass.AskStaff) != want {
			t.Errorf("picture %d, each on another ticket: %v", n+1, out.Verdict)
		}
	}
	me, _ := r.visitor(40, "Hanako Sato", 0)
	out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: r.ticket(kaopass.Season, me).QR, Compare: is(40)})
	if r.ok(err); out.Verdict.Decision != kaopass.Admit {
		t.Errorf("a living person at the same gate: %v", out.Verdict)
	}
	west := r.device(kaopass.Gate, "west-01", "west")
	other, _ := r.visitor(41, "Ken Mori", 0)
	if out, err = r.Admit(r.ctx, Admit{Device: west.ID, QR: r.ticket(kaopass.Season, other).QR, Compare: fake}); err != nil || out.Verdict.Decision != kaopass.Refuse {
		t.Errorf("another gate: %v %v", out.Verdict, err)
	}
}

func TestPicturesAtATill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, mine := r.visitor(1, "Taro Yamada", 1000)
	living := kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{mine}}
	picture := kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.NotLive}
	show := func(id kaopass.Identification, want kaopass.PaymentStatus, why kaopass.Reason) {
		t.Helper()
		p, err := r.CreatePayment(r.ctx, NewPayment{Key: r.key("till"), Till: r.till.ID, Amount: kaopass.Yen(100)})
		r.ok(err)
		out, err := r.PaymentFace(r.ctx, PaymentFace{Key: r.key("till"), Till: r.till.ID, Payment: p.ID, Identification: id})
		if r.ok(err); out.Status != want || out.Reason != why {
			t.Errorf("%s %s, want %s %s", out.Status, out.Reason, want, why)
		}
	}
	for range kaopass.LivelessTill {
		show(picture, kaopass.Refused, kaopass.NotLive)
	}
	show(living, kaopass.Refused, kaopass.TooManyTries)
	if e := r.lastEvent(); e.Kind != kaopass.PaymentEnded || e.Reason != kaopass.TooManyTries {
		t.Errorf("%+v", e)
	}
	r.clock.turn(kaopass.LivelessWithin)
	show(living, kaopass.AwaitingConfirmation, "")
}

func TestCapturesThatEndBadly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro Yamada", 0)
	other, _ := r.visitor(2, "Hanako Sato", 0)
	r.clock.turn(time.Minute)
	ended := func(by string, why kaopass.Reason) {
		t.Helper()
		r.ok(r.CaptureEnded(r.ctx, me, by, why))
	}
	may := func(id kaopass.VisitorID, want kaopass.Reason) {
		t.Helper()
		if got, err := r.MayCapture(r.ctx, id); err != nil || got.Reason != want {
			t.Errorf("may: %+v, %v; want %q", got, err, want)
		}
	}
	for range kaopass.CaptureTries {
		may(me, "")
		ended(string(me), kaopass.CaptureExpired)
		ended("stf_1", kaopass.NotLive)
		may(me, "")
		ended(string(me), []kaopass.Reason{kaopass.NotLive, kaopass.FaceChanged, kaopass.ChallengeMissed}[r.keys%3])
		r.keys++
	}
	may(me, kaopass.TooManyTries)
	may(other, "")
	if e := r.lastEvent(); e.Kind != kaopass.EnrolmentRefused || e.Visitor != me || !e.Reason.Suspect() {
		t.Errorf("%+v", e)
	}
	r.clock.turn(kaopass.CaptureTriesWithin)
	may(me, "")
}

// A till that guesses on many payments at once guesses no more often than one that does so in turn.
func TestATillDoesNotGuessAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, enr := r.visitor(1, "Taro", 5000)
	const guesses = kaopass.CodeTillTries + 25
	var open []kaopass.PaymentID
	for range guesses {
		p := r.open(100, false)
		r.showFace(p.ID, kaopass.AskCode, enr)
		open = append(open, p.ID)
	}
	var wait sync.WaitGroup
	for _, id := range open {
		wait.Go(func() {
			if _, err := r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, id, "0000"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'payment.coded' AND reason = 'code_wrong'"); n != kaopass.CodeTillTries {
		t.Errorf("%d of %d guesses were compared, %d are allowed", n, guesses, kaopass.CodeTillTries)
	}
}
