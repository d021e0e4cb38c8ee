package db

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func TestIssuedTicketsAreDistinctAndSigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	issued, err := r.IssueTickets(r.ctx, IssueTickets{Kind: kaopass.Season, Count: 500, Zones: []kaopass.Zone{"east", "west"}, Actor: "venue"})
	r.ok(err)
	seen := map[string]bool{}
	for _, k := range issued {
		if _, ok := kaopass.ReadTicketNumber(k.Number); !ok || seen[k.Number] || seen[k.QR] {
			t.Fatal(k.Number)
		}
		seen[k.Number], seen[k.QR] = true, true
		if id, reason := r.DB.keys.ReadTicket(k.QR); id != k.ID || reason != "" {
			t.Fatal(id, reason)
		}
	}
	k := issued[0]
	midnight, _ := kaopass.VenueDay(opening)
	if len(issued) != 500 || len(k.Zones) != 2 || !k.From.Equal(midnight) || k.Until.Sub(k.From) != 365*24*time.Hour || k.EntriesMax != 0 {
		t.Errorf("%+v", k)
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'ticket.issued'"); n != 500 {
		t.Error(n, "events")
	}
	for _, n := range []int{0, -1, IssueMax + 1} {
		if _, err := r.IssueTickets(r.ctx, IssueTickets{Kind: kaopass.Season, Count: n}); err == nil {
			t.Error(n, "tickets were issued")
		}
	}
	if _, err := r.IssueTickets(r.ctx, IssueTickets{Kind: "vip", Count: 1}); !breaks(err, "a_ticket_is_season_summer_or_day") {
		t.Error(err)
	}
}

func TestBindByTextAndByNumber(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro Yamada", 0)
	other, _ := r.visitor(2, "Hanako Sato", 0)
	byText, byNumber, over, revoked := r.ticket(kaopass.Season, ""), r.ticket(kaopass.Day, ""), r.ticket(kaopass.Day, ""), r.ticket(kaopass.Season, "")
	r.ok(r.RevokeTicket(r.ctx, revoked.ID, "stf_1"))
	r.ok(r.RevokeTicket(r.ctx, revoked.ID, "stf_1")) // again: nothing happens
	if err := r.RevokeTicket(r.ctx, "tkt_none", "stf_1"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	bind := func(who kaopass.VisitorID, text string, want kaopass.Reason) Bound {
		t.Helper()
		got, err := r.BindTicket(r.ctx, who, text)
		if r.ok(err); got.Reason != want {
			t.Errorf("%q: %q, want %q", text, got.Reason, want)
		}
		if want != "" && got.Ticket.ID != "" {
			t.Error("a refusal tells of a ticket")
		}
		return got
	}
	if got := bind(me, byText.QR, ""); got.Ticket.ID != byText.ID || got.Ticket.QR != byText.QR || got.Ticket.Holder != me {
		t.Errorf("%+v", got)
	}
	if got := bind(me, " "+byNumber.Printed()+" ", ""); got.Ticket.Kind.ForFace() {
		t.Error("a day ticket is not for the face lanes")
	}
	bind(me, byText.QR, "") // mine already
	bind(other, byText.QR, kaopass.TicketTaken)
	bind(other, strings.ToLower(byNumber.Printed()), kaopass.TicketTaken)
	bind(other, revoked.QR, kaopass.TicketRevoked)
	bind(other, "hello", kaopass.TicketUnreadable)
	forged := []byte(byText.QR)
	forged[40] ^= 1
	bind(other, string(forged), kaopass.TicketForged)
	r.clock.turn(48 * time.Hour)
	bind(other, over.Number, kaopass.TicketExpired)
	if e := r.lastEvent(); e.Kind != kaopass.TicketBindRefused || e.Visitor != other || e.Subject != "" {
		t.Errorf("%+v", e)
	}
	if held, _ := r.Profile(r.ctx, me); len(held.Tickets) != 2 {
		t.Error(len(held.Tickets), "tickets held")
	}
	if _, err := r.BindTicket(r.ctx, "vis_nobody", byText.QR); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestGuessedNumbersAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	good := r.ticket(kaopass.Season, "")
	try := func(text string) kaopass.Reason {
		got, err := r.BindTicket(r.ctx, me, text)
		r.ok(err)
		return got.Reason
	}
	for range 20 {
		if got := try("1234-5678-90"); got != kaopass.TicketUnreadable {
			t.Fatal("a typing mistake is no guess:", got)
		}
	}
	for i := range uint64(kaopass.BindTries) {
		number, _ := kaopass.TicketNumber(i)
		if got := try(number); got != kaopass.TicketUnknown {
			t.Fatal(i, got)
		}
	}
	if got := try(good.Number); got != kaopass.TooManyTries {
		t.Error("an eleventh try:", got)
	}
	r.clock.turn(kaopass.BindTriesWithin + time.Second)
	if got := try(good.Number); got != "" {
		t.Error("an hour later:", got)
	}
}

func TestOneOfTwoBindsTheTicket(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	who := make([]kaopass.VisitorID, 6)
	for i := range who {
		who[i], _ = r.visitor(i, "Taro", 0)
	}
	k := r.ticket(kaopass.Season, "")
	got := make([]kaopass.Reason, len(who))
	var all sync.WaitGroup
	for i := range who {
		all.Go(func() {
			out, err := r.BindTicket(r.ctx, who[i], k.QR)
			if err != nil {
				t.Error(err)
			}
			got[i] = out.Reason
		})
	}
	all.Wait()
	bound := 0
	for _, reason := range got {
		if reason == "" {
			bound++
		} else if reason != kaopass.TicketTaken {
			t.Error(reason)
		}
	}
	if bound != 1 {
		t.Error(bound, "people hold one ticket")
	}
}
