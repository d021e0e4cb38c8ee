package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
)

// story is one visitor's day, told by those who were there: a visitor with a phone, another man, a gate and a till.
type story struct {
	store *store
	cfg   *Config
	tell  func(demoStep) // each step as it happens; may be nil

	phone           person
	contact         string
	gate, till      person
	devices         []kaopass.DeviceID
	season, day     db.HeldTicket
	others          db.HeldTicket // the other man's ticket
	franck, laptop  virtual.Person
	face, stranger  [][]byte // photos of the two as they come back later
	code            string
	paid            demoPayment
	visitor, second kaopass.VisitorID
	known           bool // this face pays here already, under another account: the code then says whose money it is
}

// Amounts of the story, in yen.
const (
	demoTopUp = 15_000
	demoMeal  = 1200
	demoFeast = kaopass.CodeAbove + 500 // asks for the code
	demoDear  = demoTopUp + 1000        // more than there is
)

func newStory(s *store, cfg *Config, base string) (*story, error) {
	d := &story{store: s, cfg: cfg, phone: newPerson(base), gate: newPerson(base), till: newPerson(base),
		contact: "demo-" + strings.ToLower(rand.Text()[:8]) + "@example.com"}
	media := virtual.MediaDir(cfg.Packages)
	var later, laptopLater virtual.Person
	var errs [4]error
	d.franck, later, errs[0] = virtual.Franck(media)
	d.laptop, laptopLater, errs[1] = virtual.Laptop(media)
	d.face, errs[2] = later.JPEGs()
	d.stranger, errs[3] = laptopLater.JPEGs()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("the visitors of the demo: %w", err)
	}
	return d, nil
}

// scenes is the story, in order.
func (d *story) scenes() []scene {
	return []scene{
		{"the venue adds a gate and a till and issues tickets", true, d.prepare},
		{"a visitor signs up with a one-time code", true, d.signUp},
		{"without a consent, no camera answers", false, d.noConsentNoCamera},
		{"entry and payment are agreed to and signed", true, d.consent},
		{"the face is given over WebRTC, turning the head", true, d.enrol},
		{"a season ticket is linked", true, d.linkSeason},
		{"a one-day ticket is linked, and does not go with the face", false, d.linkDay},
		{"a card fills the wallet", true, d.topUp},
		{"a card whose bank wants its owner waits for the answer", false, d.askedOwner},
		{"a four-digit code is issued", true, d.issueCode},
		{"the gate lets the visitor in", false, d.admitted},
		{"the same request again gets the same answer", false, d.replayed},
		{"another man with this ticket is refused", false, d.impostor},
		{"a one-day ticket is sent to the staffed gate", false, d.dayRefused},
		{"a forged ticket is refused", false, d.forged},
		{"another man is enrolled from photos and a paper form", true, d.assisted},
		{"he is let in, filmed at another time", false, d.otherAdmitted},
		{"the visitor pays with the face", true, d.pays},
		{"a face that agreed to no payment is not found at the till", false, d.unknownAtTill},
		{"a payment larger than the balance is declined", false, d.declined},
		{"the meal is refunded", false, d.refunded},
		{"payment is withdrawn: tills find this account no more", false, d.withdrawn},
		{"the exit still does", false, d.leaves},
		{"the face is erased: the next gate says so", false, d.erased},
		{"the books balance", false, d.balanced},
	}
}

// prepare does what an operator does with `device add` and `ticket issue`, and what a tablet does to become a gate.
func (d *story) prepare(ctx context.Context) (string, error) {
	for role, p := range map[kaopass.Role]*person{kaopass.Gate: &d.gate, kaopass.Till: &d.till} {
		device, code, err := d.store.AddDevice(ctx, role, "demo-"+string(role)+"-"+strings.ToLower(rand.Text()[:5]), "demo", operator)
		if err != nil {
			return "", err
		}
		d.devices = append(d.devices, device.ID)
		var claimed struct{ Token string }
		if err := p.call(ctx, "/v1/devices/claim", map[string]string{"code": code, "software": "kaopass demo"}, &claimed); err != nil {
			return "", err
		}
		p.token = claimed.Token
	}
	season, err := d.store.IssueTickets(ctx, db.IssueTickets{Kind: kaopass.Season, Count: 2, Actor: operator})
	if err != nil {
		return "", err
	}
	day, err := d.store.IssueTickets(ctx, db.IssueTickets{Kind: kaopass.Day, Count: 1, Actor: operator})
	if err != nil {
		return "", err
	}
	d.season, d.others, d.day = season[0], season[1], day[0]
	p, err := d.show(ctx, demoMeal, d.face)
	if d.known = p.Reason != kaopass.FaceUnknown; d.known {
		return "the demo's face pays here already, by another account", err
	}
	return "a gate, a till, two season tickets, a day ticket", err
}

// clear leaves the venue without the demo's devices and faces.
func (d *story) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var errs []error
	for _, id := range d.devices {
		errs = append(errs, d.store.RevokeDevice(ctx, id, operator))
	}
	for _, id := range []kaopass.VisitorID{d.visitor, d.second} {
		if id != "" {
			_, err := d.store.EraseFace(ctx, id)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (d *story) balanced(ctx context.Context) (string, error) {
	audit, err := d.store.AuditLedger(ctx)
	if err != nil {
		return "", err
	}
	if !audit.OK {
		return "", fmt.Errorf("breaches: %s", strings.Join(audit.Breaches, "; "))
	}
	return fmt.Sprintf("%d transfers between %d accounts", audit.Transfers, audit.Accounts), nil
}
