package kaopass

import (
	"slices"
	"testing"
	"time"
)

func TestIdentifiers(t *testing.T) {
	first := NewID(PrefixPayment, noon, [10]byte{255})
	later := NewID(PrefixPayment, noon.Add(time.Millisecond), [10]byte{})
	if !PrefixPayment.Is(first) || first >= later || len(first) != 30 {
		t.Error(first, later)
	}
	for _, not := range []string{"", "pay_", first[4:], "adm_" + first[4:], first + "0", first[:29] + "!", first[:10] + " " + first[11:], first[:29] + "I"} {
		if PrefixPayment.Is(not) {
			t.Errorf("%q is no payment's id", not)
		}
	}
	if NewID(PrefixPayment, noon, [10]byte{1}) == NewID(PrefixPayment, noon, [10]byte{2}) {
		t.Error("the random part is not in the id")
	}
}

func TestStaffMay(t *testing.T) {
	for i, have := range StaffRoles() {
		for j, need := range StaffRoles() {
			if got := (Staff{ID: "stf_1", Role: have}).May(need); got != (i >= j) {
				t.Errorf("%s as %s: %v", have, need, got)
			}
		}
	}
	if (Staff{Role: Admin}).May(Viewer) || (Staff{ID: "stf_1", Role: "guest"}).May(Viewer) {
		t.Error("nobody may do nothing")
	}
}

func TestDeviceIsLiveBetweenClaimAndRevocation(t *testing.T) {
	d := Device{}
	waiting := d.Live()
	d.ClaimedAt = noon
	claimed := d.Live()
	d.RevokedAt = noon
	if waiting || !claimed || d.Live() || !slices.Contains(Roles(), Kiosk) {
		t.Error(waiting, claimed, d.Live())
	}
	if len(Languages()) != 4 {
		t.Error("a gate speaks four languages")
	}
}

func TestVenueDayBeginsAtMidnightInJapan(t *testing.T) {
	for at, want := range map[string]string{
		"2027-05-03T14:59:59Z":      "2027-05-02T15:00:00Z",
		"2027-05-03T15:00:00Z":      "2027-05-03T15:00:00Z",
		"2027-05-03T00:00:00+09:00": "2027-05-02T15:00:00Z",
		"2027-05-02T20:00:00-05:00": "2027-05-02T15:00:00Z",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		from, until := VenueDay(moment)
		if from.Format(time.RFC3339) != want || until.Sub(from) != 24*time.Hour {
			t.Errorf("%s: %s", at, from)
		}
	}
}

func TestADayEndsAtFourInTheMorning(t *testing.T) {
	for at, want := range map[string]string{
		"2027-05-03T03:59:59+09:00": "2027-05-01T19:00:00Z",
		"2027-05-03T04:00:00+09:00": "2027-05-02T19:00:00Z",
		"2027-05-03T23:00:00+09:00": "2027-05-02T19:00:00Z",
		"2027-05-04T00:30:00+09:00": "2027-05-02T19:00:00Z",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayEnd(moment); got.Format(time.RFC3339) != want || got.Location() != time.UTC {
			t.Errorf("%s: %s", at, got)
		}
	}
}
