package main

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass"
)

// operator is the actor of what is done by a command.
const operator = "venue"

type deviceCommands struct {
	Add deviceAdd `cmd:"" help:"Add a device and print its one-time claim code. Example: kaopass device add --role gate --name east-07 --zone east"`
}

type deviceAdd struct {
	Config
	Role kaopass.Role `required:"" enum:"gate,till,kiosk" help:"gate, till or kiosk."`
	Name string       `required:"" help:"What staff call it."`
	Zone kaopass.Zone `required:"" help:"A gate's zone, or a till's store."`
	JSON bool         `name:"json" help:"Print one JSON object."`
}

type addedDevice struct {
	DeviceID  kaopass.DeviceID `json:"device_id"`
	ClaimCode string           `json:"claim_code"`
}

// Run adds the device.
func (c *deviceAdd) Run(ctx context.Context, out output) (err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	device, code, err := s.AddDevice(ctx, c.Role, c.Name, c.Zone, operator)
	if err != nil {
		return err
	}
	if c.JSON {
		return out.json(addedDevice{device.ID, code})
	}
	return out.table([][2]string{{"device", string(device.ID)}, {"claim code", code}, {"good for", kaopass.ClaimWithin.String()}})
}
