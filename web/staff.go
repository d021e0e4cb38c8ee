package main

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/kaopass/kaopass"
)

type staffCommands struct {
	Add staffAdd `cmd:"" help:"Add a member of staff, or set a new password. Example: kaopass staff add --login hana --name Hana --role manager"`
}

type staffAdd struct {
	Config
	Login string            `required:"" help:"What the person types."`
	Name  string            `help:"What others read; default: the login."`
	Role  kaopass.StaffRole `required:"" enum:"viewer,gate_staff,manager,admin" help:"viewer, gate_staff, manager or admin."`
	JSON  bool              `name:"json" help:"Print one JSON object."`
}

type addedStaff struct {
	StaffID  kaopass.StaffID `json:"staff_id"`
	Login    string          `json:"login"`
	Password string          `json:"password"`
}

// Run adds the person with a password drawn at random, printed this once.
func (c *staffAdd) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	password := rand.Text()[:16]
	person := kaopass.Staff{Login: c.Login, Name: orElse(c.Name, c.Login), Role: c.Role, Language: kaopass.English}
	person, err = s.AddStaff(ctx, person, password, operator)
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(addedStaff{person.ID, person.Login, password})
	}
	return out.table([][2]string{{"login", person.Login}, {"password", password}})
}
