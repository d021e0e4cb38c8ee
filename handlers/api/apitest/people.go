package apitest

import (
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// Device adds a device and claims it.
func (v *Venue) Device(t testing.TB, role kaopass.Role, name string, zone kaopass.Zone) *Client {
	t.Helper()
	_, code, err := v.DB.AddDevice(t.Context(), role, name, zone, "test")
	if err != nil {
		t.Fatal(err)
	}
	device, token, err := v.DB.ClaimDevice(t.Context(), code, "", "")
	if err != nil {
		t.Fatal(err)
	}
	v.Secret(token)
	return &Client{venue: v, Device: device, Token: token}
}

// Ticket issues one ticket.
func (v *Venue) Ticket(t testing.TB, kind kaopass.TicketKind, change ...func(*db.IssueTickets)) db.HeldTicket {
	t.Helper()
	in := db.IssueTickets{Kind: kind, Count: 1, Actor: "test"}
	for _, f := range change {
		f(&in)
	}
	held, err := v.DB.IssueTickets(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return held[0]
}

// Person is somebody who gave a face.
type Person struct {
	ID     kaopass.VisitorID
	Name   string
	Code   string
	Ticket db.HeldTicket
}

// Enrol makes a visitor of these photos, who agreed to both purposes, with a season ticket, a code and money.
func (v *Venue) Enrol(t testing.TB, name, code string, yen int64, photos ...[]byte) Person {
	t.Helper()
	template, reason, err := v.Faces.Template(t.Context(), photos)
	if err != nil || reason != "" {
		t.Fatalf("template of %s: %q, %v", name, reason, err)
	}
	p := Person{Name: name, Code: code, Ticket: v.Ticket(t, kaopass.Season)}
	var consents []kaopass.Consent
	for _, purpose := range kaopass.Purposes() {
		consents = append(consents, kaopass.Consent{Purpose: purpose, TextVersion: "test", TextHash: kaopass.TextHash("test"),
			Language: kaopass.Korean, Method: kaopass.SignedPaper, Mark: "form 1", SignedAt: time.Now()})
	}
	made, err := v.DB.Import(t.Context(), db.Import{Name: name, Language: kaopass.Korean, Template: template,
		Consents: consents, TicketQR: p.Ticket.QR, Code: code, Wallet: kaopass.Yen(yen), ConsentRef: "form 1"})
	if err != nil || made.Reason != "" {
		t.Fatalf("import of %s: %q, %v", name, made.Reason, err)
	}
	p.ID = made.Visitor
	v.Secret(name)
	v.await(t)
	return p
}

// await waits until the gallery has followed the feed.
func (v *Venue) await(t testing.TB) {
	t.Helper()
	size := v.Faces.GallerySize(kaopass.ForPayment)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if v.Faces.GallerySize(kaopass.ForPayment) > size || v.enrolled(t) <= v.Faces.GallerySize(kaopass.ForPayment) {
			return
		}
	}
	t.Fatal("the gallery does not follow the feed")
}

func (v *Venue) enrolled(t testing.TB) (n int) {
	t.Helper()
	_, err := v.DB.Templates(t.Context(), kaopass.ForPayment, func(kaopass.TemplateChange) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}
