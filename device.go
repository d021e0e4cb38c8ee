package kaopass

import (
	"slices"
	"time"
)

// Role is what a device is for.
type Role string

// The roles.
const (
	Gate  Role = "gate"
	Till  Role = "till"
	Kiosk Role = "kiosk"
)

// Roles lists every Role.
func Roles() []Role { return []Role{Gate, Till, Kiosk} }

// Device is a claimed or waiting terminal. Its token is known to it alone; only a hash is stored.
type Device struct {
	ID        DeviceID
	Role      Role
	Name      string // "east-07", "Ramen hall 2"
	Zone      Zone   // a gate's zone, or the store that a till sells for
	Hardware  string
	Software  string
	Created   time.Time
	ClaimedAt time.Time // zero while its code waits
	RevokedAt time.Time
	SeenAt    time.Time
}

// Live reports whether the device may ask for anything.
func (d Device) Live() bool { return !d.ClaimedAt.IsZero() && d.RevokedAt.IsZero() }

// ClaimWithin is how long a claim code is good.
const ClaimWithin = 24 * time.Hour

// StaffRole is what a member of staff may do; each includes those before it.
type StaffRole string

// The staff roles, in order.
const (
	Viewer    StaffRole = "viewer"     // sees the board
	GateStaff StaffRole = "gate_staff" // helps at gates, tills and kiosks
	Manager   StaffRole = "manager"    // looks visitors up, refunds, issues tickets
	Admin     StaffRole = "admin"      // devices, staff, policy
)

// StaffRoles lists every StaffRole, weakest first.
func StaffRoles() []StaffRole { return []StaffRole{Viewer, GateStaff, Manager, Admin} }

// Staff is a person who works for the venue.
type Staff struct {
	ID       StaffID
	Login    string
	Name     string
	Role     StaffRole
	Language Language
}

// May reports whether a member of staff may do what the given role may.
func (s Staff) May(as StaffRole) bool {
	return slices.Index(StaffRoles(), s.Role) >= slices.Index(StaffRoles(), as) && s.ID != ""
}
