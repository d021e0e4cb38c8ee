package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// AddDevice writes a device into the book and makes its one-time claim code, shown this once.
func (d *DB) AddDevice(ctx context.Context, role kaopass.Role, name string, zone kaopass.Zone, actor string) (kaopass.Device, string, error) {
	return kaopass.Device{}, "", errUnwritten
}

// RenewClaim makes a new claim code for a device; what it held before ends when the code is claimed.
func (d *DB) RenewClaim(ctx context.Context, id kaopass.DeviceID, actor string) (code string, err error) {
	return "", errUnwritten
}

// ClaimDevice spends a claim code: the device and its token, shown this once. ErrNotFound for a code that is wrong,
// spent or too old.
func (d *DB) ClaimDevice(ctx context.Context, code, hardware, software string) (kaopass.Device, string, error) {
	return kaopass.Device{}, "", errUnwritten
}

// RollDevice gives the device a new token and ends the old one.
func (d *DB) RollDevice(ctx context.Context, id kaopass.DeviceID) (token string, err error) {
	return "", errUnwritten
}

// DeviceByToken finds the live device of a token: ErrNotFound where there is none. It notes that it was seen, at most
// once a minute.
func (d *DB) DeviceByToken(ctx context.Context, token string) (kaopass.Device, error) {
	return kaopass.Device{}, errUnwritten
}

// RevokeDevice ends a device at once.
func (d *DB) RevokeDevice(ctx context.Context, id kaopass.DeviceID, actor string) error {
	return errUnwritten
}

// Devices lists every device, by role and name.
func (d *DB) Devices(ctx context.Context) ([]kaopass.Device, error) { return nil, errUnwritten }
