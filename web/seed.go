package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// signIn is what a newcomer needs to sign in to the seeded venue. It is drawn at random at the first start and kept in
// the data folder, readable by its owner only; who runs a venue deletes the file.
type signIn struct {
	Staff   []seededStaff  `json:"staff"`
	Devices []seededDevice `json:"devices"`
	Tickets []seededTicket `json:"tickets"`
}

type seededStaff struct {
	Role     kaopass.StaffRole `json:"role"`
	Login    string            `json:"login"`
	Password string            `json:"password"`
}

type seededDevice struct {
	Role      kaopass.Role `json:"role"`
	Name      string       `json:"name"`
	Zone      kaopass.Zone `json:"zone"`
	ClaimCode string       `json:"claim_code"`
}

type seededTicket struct {
	Kind   kaopass.TicketKind `json:"kind"`
	Number string             `json:"number"`
	QR     string             `json:"qr"`
}

// The seeded venue: two halls with two gates each, two stores with three tills, a kiosk.
func seededDevices() []seededDevice {
	return []seededDevice{
		{Role: kaopass.Gate, Name: "east-01", Zone: "east"}, {Role: kaopass.Gate, Name: "east-02", Zone: "east"},
		{Role: kaopass.Gate, Name: "west-01", Zone: "west"}, {Role: kaopass.Gate, Name: "west-02", Zone: "west"},
		{Role: kaopass.Till, Name: "ramen-1", Zone: "Ramen East"}, {Role: kaopass.Till, Name: "ramen-2", Zone: "Ramen East"},
		{Role: kaopass.Till, Name: "shop-1", Zone: "West Shop"},
		{Role: kaopass.Kiosk, Name: "help-desk", Zone: "east"},
	}
}

// seededTickets is how many tickets of each kind the venue starts with.
const seededTickets = 5

// signInFile is the file in the data folder that holds what seed drew.
const signInFile = "sign-in.json"

// seed fills an empty database with a small venue, once, and answers how to sign in to it; nothing where the database
// had staff already and the file is gone.
func (p *program) seed(ctx context.Context) (signIn, error) {
	path := filepath.Join(p.cfg.Data, signInFile)
	staff, err := p.store.StaffList(ctx)
	if err != nil {
		return signIn{}, err
	}
	if len(staff) > 0 || !p.cfg.Seed {
		return readSignIn(path)
	}
	var drawn signIn
	for _, add := range []func(context.Context, *signIn) error{p.seedDevices, p.seedTickets, p.seedStaff} {
		if err := add(ctx, &drawn); err != nil {
			return signIn{}, err
		}
	}
	b, err := json.MarshalIndent(drawn, "", "  ")
	if err != nil {
		return signIn{}, err
	}
	return drawn, os.WriteFile(path, append(b, '\n'), 0o600)
}

func readSignIn(path string) (s signIn, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return signIn{}, nil
	}
	if err != nil {
		return signIn{}, err
	}
	return s, json.Unmarshal(b, &s)
}

func (p *program) seedDevices(ctx context.Context, s *signIn) error {
	for _, d := range seededDevices() {
		_, code, err := p.store.AddDevice(ctx, d.Role, d.Name, d.Zone, operator)
		if err != nil {
			return err
		}
		d.ClaimCode = code
		s.Devices = append(s.Devices, d)
	}
	return nil
}

func (p *program) seedTickets(ctx context.Context, s *signIn) error {
	for _, kind := range kaopass.TicketKinds() {
		held, err := p.store.IssueTickets(ctx, db.IssueTickets{Kind: kind, Count: seededTickets, Actor: operator})
		if err != nil {
			return err
		}
		for _, t := range held {
			s.Tickets = append(s.Tickets, seededTicket{t.Kind, t.Number, t.QR})
		}
	}
	return nil
}

// seedStaff comes last: a database with staff in it counts as seeded.
func (p *program) seedStaff(ctx context.Context, s *signIn) error {
	for _, role := range kaopass.StaffRoles() {
		person := kaopass.Staff{Login: string(role), Name: string(role), Role: role, Language: kaopass.English}
		password := rand.Text()[:12]
		if _, err := p.store.AddStaff(ctx, person, password, operator); err != nil {
			return err
		}
		s.Staff = append(s.Staff, seededStaff{role, person.Login, password})
	}
	return nil
}
