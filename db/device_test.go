package db

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// claimed makes a device and claims it.
func (d *DB) claimed(t testing.TB, role kaopass.Role, name string, zone kaopass.Zone) (kaopass.Device, string) {
	t.Helper()
	_, code, err := d.AddDevice(t.Context(), role, name, zone, "venue")
	if err != nil {
		t.Fatal(err)
	}
	device, token, err := d.ClaimDevice(t.Context(), code, "test", "1")
	if err != nil {
		t.Fatal(err)
	}
	return device, token
}

func TestDeviceFromClaimToEnd(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	made, code, err := d.AddDevice(t.Context(), kaopass.Gate, `east-07 <b>`, "east", "stf_1")
	if err != nil || made.Live() || len(code) != 9 || code[4] != '-' {
		t.Fatal(made, len(code), err)
	}
	typed := " " + strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(code, "-", " "), "0", "o")) + "\n"
	device, token, err := d.ClaimDevice(t.Context(), typed, strings.Repeat("x", 500), "1.2\x00\xff")
	if err != nil || !device.Live() || device.Name != `east-07 <b>` || len(device.Hardware) != DeviceNameMax || device.Software != "1.2" {
		t.Fatalf("%+v %v", device, err)
	}
	for _, spent := range []string{code, "", "0000-0000", "'; --", strings.Repeat("Z", 9000)} {
		if _, _, err := d.ClaimDevice(t.Context(), spent, "", ""); !errors.Is(err, ErrNotFound) {
			t.Errorf("%.20q: %v", spent, err)
		}
	}
	if got, err := d.DeviceByToken(t.Context(), token); err != nil || got != device {
		t.Errorf("%+v, not %+v: %v", got, device, err)
	}
	rolled, err := d.RollDevice(t.Context(), device.ID)
	if err != nil || rolled == token {
		t.Fatal(err)
	}
	if _, err := d.DeviceByToken(t.Context(), token); !errors.Is(err, ErrNotFound) {
		t.Errorf("the old token: %v", err)
	}
	for range 2 {
		if err := d.RevokeDevice(t.Context(), device.ID, "stf_1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.DeviceByToken(t.Context(), rolled); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := d.RollDevice(t.Context(), device.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("rolled after it was revoked: %v", err)
	}
	var state *StateError
	if _, err := d.RenewClaim(t.Context(), device.ID, "stf_1"); !errors.As(err, &state) {
		t.Errorf("renewed after it was revoked: %v", err)
	}
	events, _, err := d.Events(t.Context(), EventFilter{Device: device.ID}, Page{})
	if err != nil || len(events) != 4 || events[0].Kind != kaopass.DeviceRevoked || events[0].Place != device.Name {
		t.Errorf("%+v %v", events, err)
	}
}

func TestClaimIsRenewed(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	device, old := d.claimed(t, kaopass.Till, "Ramen hall 2", "food")
	code, err := d.RenewClaim(t.Context(), device.ID, "stf_1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.DeviceByToken(t.Context(), old); err != nil {
		t.Errorf("ended before the new code is claimed: %v", err)
	}
	again, token, err := d.ClaimDevice(t.Context(), code, "", "")
	if err != nil || again.ID != device.ID {
		t.Fatal(err)
	}
	if _, err := d.DeviceByToken(t.Context(), old); !errors.Is(err, ErrNotFound) {
		t.Errorf("the old token: %v", err)
	}
	if _, err := d.DeviceByToken(t.Context(), token); err != nil {
		t.Error(err)
	}
	if _, err := d.RenewClaim(t.Context(), "dev_none", "stf_1"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestClaimCodeGoesStale(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	_, code, err := d.AddDevice(t.Context(), kaopass.Kiosk, "k", "", "venue")
	if err != nil {
		t.Fatal(err)
	}
	late := d.now().Add(kaopass.ClaimWithin)
	d.now = func() time.Time { return late }
	if _, _, err := d.ClaimDevice(t.Context(), code, "", ""); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestClaimedOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	_, code, err := d.AddDevice(t.Context(), kaopass.Gate, "g", "", "venue")
	if err != nil {
		t.Fatal(err)
	}
	var claims atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			_, _, err := d.ClaimDevice(t.Context(), code, "", "")
			if err == nil {
				claims.Add(1)
			} else if !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if claims.Load() != 1 {
		t.Errorf("claimed %d times", claims.Load())
	}
}

func TestDeviceIsSeen(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	device, token := d.claimed(t, kaopass.Gate, "g", "east")
	later := device.SeenAt.Add(deviceNoted + time.Second)
	d.now = func() time.Time { return later }
	for range 2 {
		if _, err := d.DeviceByToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.Devices(t.Context())
	if err != nil || len(list) != 1 || !list[0].SeenAt.Equal(later) {
		t.Errorf("%+v %v", list, err)
	}
}

func TestDevicesWithoutSenseAreRefused(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	for _, c := range []struct {
		role kaopass.Role
		name string
	}{{"camera", "x"}, {kaopass.Gate, ""}, {kaopass.Gate, strings.Repeat("x", DeviceNameMax+1)}} {
		if _, _, err := d.AddDevice(t.Context(), c.role, c.name, "", "venue"); err == nil {
			t.Errorf("%q %.10q is taken", c.role, c.name)
		}
	}
}
