package kaopass

import (
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2027, 5, 3, 3, 0, 0, 0, time.UTC)

// goodAttempt is an attempt that is admitted; each test spoils one thing.
func goodAttempt() Attempt {
	return Attempt{
		At: noon, Gate: "dev_east", Zone: "east", Direction: Entry,
		Ticket: &Ticket{ID: "tkt_1", Number: "4821093755663", Kind: Season, Holder: "vis_1",
			From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)},
		Enrolled: true,
		Consent:  Consent{Purpose: ForAdmission, SignedAt: noon.Add(-time.Hour)},
		Face:     func() Reason { return "" },
	}
}

// spoils lists, in the order of the rule, what can be wrong and what is then said.
var spoils = []struct {
	name   string
	spoil  func(*Attempt)
	reason Reason
}{
	{"not a QR code of ours", func(a *Attempt) { a.QR = TicketUnreadable }, TicketUnreadable},
	{"not this venue's signature", func(a *Attempt) { a.QR = TicketForged }, TicketForged},
	{"not in the book", func(a *Attempt) { a.Ticket = nil }, TicketUnknown},
	{"revoked", func(a *Attempt) { a.Ticket.RevokedAt = noon }, TicketRevoked},
	{"a minute too early", func(a *Attempt) { a.Ticket.From = noon.Add(time.Minute) }, TicketEarly},
	{"at the end, which is exclusive", func(a *Attempt) { a.Ticket.Until = noon }, TicketExpired},
	{"a day ticket", func(a *Attempt) { a.Ticket.Kind = Day }, TicketNotForFace},
	{"another zone", func(a *Attempt) { a.Ticket.Zones = []Zone{"west", "north"} }, ZoneWrong},
	{"all entries used", func(a *Attempt) { a.Ticket.EntriesMax, a.Ticket.Entries = 2, 2 }, TicketUsed},
	{"bound to nobody", func(a *Attempt) { a.Ticket.Holder = "" }, NotEnrolled},
	{"consent never given", func(a *Attempt) { a.Consent = Consent{} }, ConsentMissing},
	{"consent taken back", func(a *Attempt) { a.Consent.WithdrawnAt = noon }, ConsentWithdrawn},
	{"no face kept", func(a *Attempt) { a.Enrolled = false }, NotEnrolled},
	{"another face", func(a *Attempt) { a.Face = func() Reason { return FaceMismatch } }, FaceMismatch},
	{"went in before", func(a *Attempt) { a.Ticket.Inside = true }, AlreadyInside},
}

func TestDecideSaysEachReason(t *testing.T) {
	if got := Decide(goodAttempt()); got != (Verdict{Admit, Admitted}) {
		t.Fatalf("a good attempt: %v", got)
	}
	for _, s := range spoils {
		a := goodAttempt()
		s.spoil(&a)
		if got := Decide(a); got != (Verdict{Refuse, s.reason}) {
			t.Errorf("%s: got %v, want %s", s.name, got, s.reason)
		}
	}
}

// The reasons come in the order of the table: papers before consent, consent before the face, the face before where the
// holder is. Spoiling any two things says the earlier.
func TestDecideSaysTheFirstReason(t *testing.T) {
	for i, first := range spoils {
		for _, second := range spoils[i+1:] {
			if first.reason == TicketUsed && second.reason == AlreadyInside {
				continue // who is inside has not used up the entry they are on
			}
			a := goodAttempt()
			second.spoil(&a)
			if first.spoil(&a); a.Ticket != nil {
				if got := Decide(a); got.Reason != first.reason {
					t.Errorf("%s and %s: got %s", first.name, second.name, got.Reason)
				}
			}
		}
	}
}

func TestFaceIsComparedOnceAndOnlyWhenPapersAndConsentStand(t *testing.T) {
	for _, s := range spoils {
		a, compared := goodAttempt(), 0
		a.Face = func() Reason { compared++; return "" }
		s.spoil(&a)
		Decide(a)
		want := 0
		if s.reason == AlreadyInside {
			want = 1
		}
		if s.reason != FaceMismatch && compared != want {
			t.Errorf("%s: the face was compared %d times, want %d", s.name, compared, want)
		}
	}
}

func TestWithoutAProbeThereIsNoFace(t *testing.T) {
	a := goodAttempt()
	a.Face = nil
	if got := Decide(a); got.Reason != FaceNone {
		t.Fatal(got)
	}
}

func TestThirdMissBringsStaff(t *testing.T) {
	for misses, want := range []Decision{Refuse, Refuse, AskStaff, AskStaff} {
		a := goodAttempt()
		a.FaceMisses, a.Face = misses, func() Reason { return NotLive }
		if got := Decide(a); got != (Verdict{want, NotLive}) {
			t.Errorf("after %d misses: %v", misses, got)
		}
	}
	a := goodAttempt()
	a.FaceMisses, a.Ticket.RevokedAt = 9, noon
	if got := Decide(a); got.Decision != Refuse {
		t.Error("staff called for a reason that is not the face's:", got)
	}
}

func TestInAndOut(t *testing.T) {
	pendingElsewhere := func(k *Ticket) { *k = k.Held("dev_west", noon.Add(-time.Second)) }
	for _, c := range []struct {
		name   string
		ticket func(*Ticket)
		dir    Direction
		reason Reason
	}{
		{"in", func(*Ticket) {}, Entry, Admitted},
		{"out without in", func(*Ticket) {}, Exit, NotInside},
		{"out after in", func(k *Ticket) { k.Inside = true }, Exit, Admitted},
		{"admitted at another gate a moment ago", pendingElsewhere, Entry, AlreadyInside},
		{"admitted at another gate, never passed", func(k *Ticket) { *k = k.Held("dev_west", noon.Add(-PassWithin)) }, Entry, Admitted},
		{"a second try at the same gate", func(k *Ticket) { *k = k.Held("dev_east", noon) }, Entry, Admitted},
		{"out past the last minute", func(k *Ticket) { k.Inside, k.Until = true, noon.Add(-time.Hour) }, Exit, Admitted},
		{"out with the last entry", func(k *Ticket) { k.Inside, k.EntriesMax, k.Entries = true, 1, 1 }, Exit, Admitted},
		{"in again with the last entry", func(k *Ticket) { k.Inside, k.EntriesMax, k.Entries = true, 1, 1 }, Entry, AlreadyInside},
		{"out elsewhere while an exit is pending", func(k *Ticket) { k.Inside = true; pendingElsewhere(k) }, Exit, Admitted},
		{"its zone among several", func(k *Ticket) { k.Zones = []Zone{"west", "east"} }, Entry, Admitted},
	} {
		a := goodAttempt()
		a.Direction = c.dir
		c.ticket(a.Ticket)
		if got := Decide(a); got.Reason != c.reason {
			t.Errorf("%s: %s, want %s", c.name, got.Reason, c.reason)
		}
	}
}

func TestLists(t *testing.T) {
	if !slices.Contains(TicketKinds(), Summer) || !Summer.ForFace() || Day.ForFace() || TicketKind("vip").ForFace() {
		t.Error("which tickets go with the face lanes")
	}
}

// Pictures held to a gate: after a few on one ticket no face is looked at, after many at one gate each brings in staff.
func TestFacesThatWereNotLiving(t *testing.T) {
	looked := 0
	fake := func() Reason { looked++; return NotLive }
	for _, c := range []struct {
		ticket, gate int
		want         Decision
		looks        int
	}{
		{0, 0, Refuse, 1},
		{1, LivelessGate - 2, Refuse, 1},
		{1, LivelessGate - 1, AskStaff, 1},
		{LivelessTicket - 1, 0, Refuse, 1},
		{LivelessTicket, 0, AskStaff, 0},
	} {
		a := goodAttempt()
		a.Face, a.Liveless, a.GateLiveless, looked = fake, c.ticket, func() int { return c.gate }, 0
		if got := Decide(a); got != (Verdict{c.want, NotLive}) || looked != c.looks {
			t.Errorf("%+v: %v, looked %d times", c, got, looked)
		}
	}
	a := goodAttempt()
	a.GateLiveless = func() int { t.Error("a living face asks for nothing"); return LivelessGate }
	if got := Decide(a); got.Decision != Admit {
		t.Errorf("a living person at a gate that saw many pictures: %v", got)
	}
	if a.Liveless = LivelessTicket; a.Unlooked() != true || Decide(a) != (Verdict{AskStaff, NotLive}) {
		t.Errorf("the holder, while the ticket cools down: %v", Decide(a))
	}
}
