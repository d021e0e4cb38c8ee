package kaopass

import (
	"crypto/ed25519"
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"
)

func venueKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune(seed)), ed25519.SeedSize)))
}

func TestReadTicket(t *testing.T) {
	venue, other := venueKey('a'), venueKey('b')
	public := venue.Public().(ed25519.PublicKey)
	id := TicketID(NewID(PrefixTicket, noon, [10]byte{1, 2, 3}))
	text := SignTicket(id, venue)
	body, sig, _ := strings.Cut(strings.TrimPrefix(text, ticketPrefix), ".")
	for _, c := range []struct {
		name, text string
		reason     Reason
	}{
		{"as issued", text, ""},
		{"with the scanner's line end", " " + text + "\r\n", ""},
		{"empty", "", TicketUnreadable},
		{"a web address", "https://example.com/t/" + string(id), TicketUnreadable},
		{"only the id", string(id), TicketUnreadable},
		{"unsigned", ticketPrefix + string(id), TicketUnreadable},
		{"another version", strings.Replace(text, "KPT1", "KPT2", 1), TicketUnreadable},
		{"another kind of id", SignTicket(TicketID(NewID(PrefixDevice, noon, [10]byte{})), venue), TicketUnreadable},
		{"longer than any of ours", text + strings.Repeat("A", TicketTextMax), TicketUnreadable},
		{"foreign: another venue's", SignTicket(id, other), TicketForged},
		{"another ticket's signature", ticketPrefix + NewID(PrefixTicket, noon, [10]byte{9}) + "." + sig, TicketForged},
		{"signature cut off", text[:len(text)-10], TicketForged},
		{"signature empty", ticketPrefix + body + ".", TicketForged},
		{"signature broken by a line", text[:len(text)-10] + "\n" + text[len(text)-10:], TicketForged},
		{"signature of zeros", ticketPrefix + body + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64)), TicketForged},
		{"something after the signature", text + ".x", TicketForged},
	} {
		got, reason := ReadTicket(c.text, public)
		if reason != c.reason || (reason == "") != (got == id) {
			t.Errorf("%s: %q %q, want %q", c.name, got, reason, c.reason)
		}
	}
}

func TestEveryFlippedByteOfATicketIsNoticed(t *testing.T) {
	venue := venueKey('a')
	text := SignTicket(TicketID(NewID(PrefixTicket, noon, [10]byte{7})), venue)
	for i := range text {
		b := []byte(text)
		b[i] ^= 1
		if _, reason := ReadTicket(string(b), venue.Public().(ed25519.PublicKey)); reason == "" {
			t.Errorf("byte %d flipped, and still read: %q", i, b)
		}
	}
}

// FuzzReadTicket: whatever is held in front of a scanner, only what we signed is a ticket.
func FuzzReadTicket(f *testing.F) {
	venue := venueKey('a')
	text := SignTicket(TicketID(NewID(PrefixTicket, noon, [10]byte{7})), venue)
	f.Add(text)
	f.Add("KPT1.tkt_.")
	f.Add("KPT1..")
	f.Add(strings.ToLower(text))
	f.Fuzz(func(t *testing.T, s string) {
		id, reason := ReadTicket(s, venue.Public().(ed25519.PublicKey))
		switch {
		case reason == "" && strings.TrimSpace(s) != text:
			t.Errorf("taken for a ticket: %q", s)
		case reason != "" && (id != "" || reason != TicketUnreadable && reason != TicketForged):
			t.Errorf("%q: id %q with reason %q", s, id, reason)
		}
	})
}

func TestTicketThroughADay(t *testing.T) {
	k := Ticket{EntriesMax: 2}
	held := k.Held("dev_east", noon)
	if held.PendingGate != "dev_east" || !held.PendingUntil.Equal(noon.Add(PassWithin)) || held.Inside || held.Entries != 0 {
		t.Error("held:", held)
	}
	in := held.Passed(Entry)
	if !in.Inside || in.Entries != 1 || in.PendingGate != "" || !in.PendingUntil.IsZero() {
		t.Error("in:", in)
	}
	if again := in.Passed(Entry); again.Entries != 1 {
		t.Error("one entry counted twice")
	}
	if back := in.Unpassed(Entry); back.Inside || back.Entries != 0 {
		t.Error("taken back:", back)
	}
	out := in.Held("dev_west", noon).Passed(Exit)
	if out.Inside || out.Entries != 1 {
		t.Error("out:", out)
	}
	if back := out.Unpassed(Exit); !back.Inside || back.Entries != 1 {
		t.Error("exit taken back:", back)
	}
	if released := held.Released(); released.PendingGate != "" || released.Inside {
		t.Error("released:", released)
	}
}

func TestBindRefusal(t *testing.T) {
	good := Ticket{Kind: Season, From: noon, Until: noon.Add(time.Hour)}
	for _, c := range []struct {
		name   string
		spoil  func(*Ticket)
		reason Reason
	}{
		{"free", func(*Ticket) {}, ""},
		{"mine already", func(k *Ticket) { k.Holder = "vis_1" }, ""},
		{"somebody else's", func(k *Ticket) { k.Holder = "vis_2" }, TicketTaken},
		{"over", func(k *Ticket) { k.Until = noon }, TicketExpired},
		{"revoked", func(k *Ticket) { k.RevokedAt, k.Holder = noon, "vis_2" }, TicketRevoked},
		{"before its time", func(k *Ticket) { k.From = noon.Add(time.Minute) }, ""},
		{"a day ticket binds all the same", func(k *Ticket) { k.Kind = Day }, ""},
	} {
		k := good
		if c.spoil(&k); k.BindRefusal("vis_1", noon) != c.reason {
			t.Errorf("%s: %q", c.name, k.BindRefusal("vis_1", noon))
		}
	}
}

func TestTicketNumber(t *testing.T) {
	if _, ok := TicketNumber(math.MaxUint64); ok {
		t.Error("the unfair end of the range was not drawn again")
	}
	for random, want := range map[uint64]string{0: "0000000000000", 799273987139: "7992739871391", 1_000_000_000_001: "0000000000018"} {
		got, ok := TicketNumber(random)
		if read, fine := ReadTicketNumber(got); !ok || got != want || !fine || read != got {
			t.Errorf("%d: %s (read %v), want %s", random, got, fine, want)
		}
	}
	k := Ticket{Number: "7992739871391"}
	if k.Printed() != "7992-7398-71391" || k.Masked() != "••••1391" || (Ticket{Number: "12"}).Masked() != "••••" {
		t.Error(k.Printed(), k.Masked())
	}
	if (Ticket{Number: "12"}).Printed() != "12" {
		t.Error("a number that is not ours is printed as it is")
	}
}

func TestReadTicketNumber(t *testing.T) {
	for _, typed := range []string{"7992739871391", " 7992-7398-71391 ", "7992 7398 71391", "７９９２ー７３９８ー７１３９１", "7992–7398–71391"} {
		if got, ok := ReadTicketNumber(typed); !ok || got != "7992739871391" {
			t.Errorf("%q: %q %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "799273987139", "7992739871392", "7992739871319", "77992739871391", "79927398713٩1", "tkt_7992739871391", strings.Repeat("1", 1<<16)} {
		if got, ok := ReadTicketNumber(typed); ok {
			t.Errorf("%.40q was taken for %q", typed, got)
		}
	}
}

func TestLooksLikeTicket(t *testing.T) {
	_, venue, _ := ed25519.GenerateKey(nil)
	good := SignTicket(TicketID(NewID(PrefixTicket, time.Unix(1, 0), [10]byte{})), venue)
	for text, want := range map[string]bool{
		good: true, " " + good + "\n": true, good[:len(good)-10] + "AAAAAAAAAA": true,
		"": false, "https://example.org/": false, "KPT1.tkt_x.y": false, good + strings.Repeat("A", TicketTextMax): false,
	} {
		if LooksLikeTicket(text) != want {
			t.Errorf("LooksLikeTicket(%q) = %v", text, !want)
		}
	}
}
