package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// deviceQueries keeps terminals.
type deviceQueries struct {
	Add     *sqlx.Stmt `query:"device-add"`
	Read    *sqlx.Stmt `query:"device-read"`
	Lock    *sqlx.Stmt `query:"device-lock"`
	Renew   *sqlx.Stmt `query:"device-renew"`
	ByClaim *sqlx.Stmt `query:"device-by-claim"`
	Claim   *sqlx.Stmt `query:"device-claim"`
	Roll    *sqlx.Stmt `query:"device-roll"`
	ByToken *sqlx.Stmt `query:"device-by-token"`
	Revoke  *sqlx.Stmt `query:"device-revoke"`
	List    *sqlx.Stmt `query:"device-list"`

	TillLocks *sqlx.Stmt `query:"device-till-locks"`
	Clear     *sqlx.Stmt `query:"device-clear"`

	TillTries   *sqlx.Stmt `query:"device-till-tries"`
	ClearingAdd *sqlx.Stmt `query:"device-clearing-add"`
	Clearings   *sqlx.Stmt `query:"device-clearings"`
}

// Limits of devices.
const (
	DeviceNameMax = 120         // bytes; of hardware and software, what is longer is cut
	deviceNoted   = time.Minute // how often at most it is written down that a device was seen
	claimSymbols  = 8           // of 32: 2⁴⁰ codes, of which few wait at a time
	claimAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

type deviceRow struct {
	ID        kaopass.DeviceID
	Role      kaopass.Role
	Name      string
	Zone      kaopass.Zone
	Hardware  string
	Software  string
	Created   time.Time
	ClaimedAt sql.NullTime `db:"claimed_at"`
	RevokedAt sql.NullTime `db:"revoked_at"`
	SeenAt    sql.NullTime `db:"seen_at"`
}

func (r deviceRow) device() kaopass.Device {
	return kaopass.Device{ID: r.ID, Role: r.Role, Name: r.Name, Zone: r.Zone, Hardware: r.Hardware, Software: r.Software,
		Created: r.Created.UTC(), ClaimedAt: moment(r.ClaimedAt), RevokedAt: moment(r.RevokedAt), SeenAt: moment(r.SeenAt)}
}

// moment reads a time that may be absent: zero where it is.
func moment(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

// AddDevice writes a device into the book and makes its one-time claim code, shown this once: eight symbols, e.g.
// "7K3M-Q0ZX", good for [kaopass.ClaimWithin].
func (d *DB) AddDevice(ctx context.Context, role kaopass.Role, name string, zone kaopass.Zone, actor string) (made kaopass.Device, code string, err error) {
	if !slices.Contains(kaopass.Roles(), role) || name == "" || len(name) > DeviceNameMax {
		return made, "", fmt.Errorf("db: a device with role %q and a name of %d bytes", role, len(name))
	}
	err = d.tx(ctx, func(t *tx) error {
		made = kaopass.Device{ID: kaopass.DeviceID(t.newID(kaopass.PrefixDevice)), Role: role, Name: name, Zone: zone, Created: t.now}
		var hash []byte
		if code, hash, err = t.newClaim(); err != nil {
			return err
		}
		_, err = t.do(t.q.Device.Add, made.ID, role, name, zone, t.now, hash, t.now.Add(kaopass.ClaimWithin))
		if err != nil {
			return err
		}
		return t.deviceEvent(kaopass.DeviceAdded, made, actor)
	})
	return made, code, err
}

func (t *tx) newClaim() (code string, hash []byte, err error) {
	code = drawn(claimSymbols, claimAlphabet)
	hash, err = t.keys.Hash(useClaim, code)
	return code[:claimSymbols/2] + "-" + code[claimSymbols/2:], hash, err
}

// plainClaim reads a claim code as people type it: in any case, with any spacing, and with O for 0 or I and L for 1.
func plainClaim(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case strings.ContainsRune(claimAlphabet, r):
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

func (t *tx) deviceEvent(kind kaopass.EventKind, device kaopass.Device, actor string) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Device: device.ID, Place: device.Name, Zone: device.Zone})
	return err
}

// RenewClaim makes a new claim code for a device; what it held before ends when the code is claimed.
func (d *DB) RenewClaim(ctx context.Context, id kaopass.DeviceID, actor string) (code string, err error) {
	err = d.tx(ctx, func(t *tx) error {
		device, err := t.lockDevice(id)
		if err != nil {
			return err
		}
		if !device.RevokedAt.IsZero() {
			return &StateError{Status: "revoked"}
		}
		var hash []byte
		if code, hash, err = t.newClaim(); err != nil {
			return err
		}
		if err := t.must(t.q.Device.Renew, id, hash, t.now.Add(kaopass.ClaimWithin)); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.DeviceAdded, device, actor)
	})
	return code, err
}

// ClaimDevice spends a claim code: the device and its token, shown this once. ErrNotFound for a code that is wrong,
// spent or too old. The caller limits how often one address may try.
func (d *DB) ClaimDevice(ctx context.Context, code, hardware, software string) (device kaopass.Device, token string, err error) {
	err = d.tx(ctx, func(t *tx) error {
		hash, err := t.keys.Hash(useClaim, plainClaim(code))
		if err != nil {
			return err
		}
		var row deviceRow
		if err := t.get(&row, t.q.Device.ByClaim, hash, t.now); err != nil {
			return err
		}
		device = row.device()
		device.ClaimedAt, device.SeenAt = t.now, t.now
		device.Hardware, device.Software = short(hardware), short(software)
		var tokenHash []byte
		token, tokenHash = newToken()
		if err := t.must(t.q.Device.Claim, device.ID, tokenHash, t.now, device.Hardware, device.Software); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.DeviceClaimed, device, string(device.ID))
	})
	return device, token, err
}

// short cuts what a device says of itself to what is kept: valid UTF-8 without NUL, at most DeviceNameMax bytes.
func short(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s[:min(len(s), DeviceNameMax)], "\x00", ""), "")
}

// RollDevice gives the device a new token and ends the old one at once.
func (d *DB) RollDevice(ctx context.Context, id kaopass.DeviceID) (token string, err error) {
	err = d.tx(ctx, func(t *tx) error {
		device, err := t.lockDevice(id)
		if err != nil {
			return err
		}
		if !device.Live() {
			return ErrNotFound
		}
		var hash []byte
		token, hash = newToken()
		if err := t.must(t.q.Device.Roll, id, hash); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.DeviceRolled, device, string(id))
	})
	return token, err
}

// DeviceByToken finds the live device of a token: ErrNotFound where there is none. It notes that it was seen, at most
// once a minute.
func (d *DB) DeviceByToken(ctx context.Context, token string) (kaopass.Device, error) {
	now := d.clock()
	var row deviceRow
	err := d.get(ctx, &row, d.q.Device.ByToken, tokenHash(token), now, now.Add(-deviceNoted))
	return row.device(), err
}

// RevokeDevice ends a device at once. One that is revoked already stays as it is.
func (d *DB) RevokeDevice(ctx context.Context, id kaopass.DeviceID, actor string) error {
	return d.tx(ctx, func(t *tx) error {
		device, err := t.lockDevice(id)
		if err != nil || !device.RevokedAt.IsZero() {
			return err
		}
		if err := t.must(t.q.Device.Revoke, id, t.now); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.DeviceRevoked, device, actor)
	})
}

// Devices lists every device, by role and name.
func (d *DB) Devices(ctx context.Context) ([]kaopass.Device, error) {
	var rows []deviceRow
	err := d.list(ctx, &rows, d.q.Device.List)
	devices := make([]kaopass.Device, len(rows))
	for i, row := range rows {
		devices[i] = row.device()
	}
	return devices, err
}

// liveDevice re-reads a device within a verb: ErrNotFound where it was revoked meanwhile, or has another role.
func (t *tx) liveDevice(id kaopass.DeviceID, role kaopass.Role) (kaopass.Device, error) {
	device, err := t.deviceBy(t.q.Device.Read, id)
	if err == nil && (!device.Live() || device.Role != role) {
		return kaopass.Device{}, ErrNotFound
	}
	return device, err
}

func (t *tx) lockDevice(id kaopass.DeviceID) (kaopass.Device, error) {
	return t.deviceBy(t.q.Device.Lock, id)
}

func (t *tx) deviceBy(stmt *sqlx.Stmt, id kaopass.DeviceID) (kaopass.Device, error) {
	var row deviceRow
	err := t.get(&row, stmt, id)
	return row.device(), err
}
