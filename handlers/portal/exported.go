package portal

import (
	"encoding/json"
	"time"

	"github.com/kaopass/kaopass"
)

// The shape of an export. Names are stable: another program reads them.
type (
	exportFile struct {
		Visitor  exportVisitor   `json:"visitor"`
		Face     exportFace      `json:"face"`
		Consents []exportConsent `json:"consents"`
		Tickets  []exportTicket  `json:"tickets"`
		Wallet   *exportWallet   `json:"wallet,omitempty"`
		Passkeys int             `json:"passkeys"`
		Events   []exportEvent   `json:"events"`
		Signed   []exportSigned  `json:"signatures"`
		Guardian *exportGuardian `json:"guardian,omitempty"` // who signed for them
		Wards    []exportWard    `json:"wards"`              // for whom they signed
		Kept     json.RawMessage `json:"kept"`               // what else is stored, table by table
	}
	exportGuardian struct {
		Name    string          `json:"name"`
		Contact string          `json:"contact,omitempty"`
		Allows  exportAllowance `json:"allows"`
		Since   time.Time       `json:"since"`
		Changed time.Time       `json:"changed"`
	}
	exportSigned struct {
		Purpose kaopass.Purpose `json:"purpose"`
		At      time.Time       `json:"at"`
		Mark    string          `json:"mark"` // a drawing as SVG path data, a name, or the number of a form
	}
	exportAllowance struct {
		Day  int64 `json:"yen_a_day"`
		Week int64 `json:"yen_a_week"`
		Card bool  `json:"cards"`
	}
	exportWard struct {
		Name   string          `json:"initials"` // the rest is theirs
		Allows exportAllowance `json:"allows"`
		Since  time.Time       `json:"since"`
	}
	exportVisitor struct {
		ID       kaopass.VisitorID `json:"id"`
		Name     string            `json:"name"`
		Contact  string            `json:"contact"`
		Language kaopass.Language  `json:"language"`
		Created  time.Time         `json:"created"`
		Frozen   bool              `json:"payments_stopped"`
		By       kaopass.FrozenBy  `json:"payments_stopped_by,omitempty"`
		Since    time.Time         `json:"payments_stopped_at,omitzero"`
	}
	exportFace struct {
		Kept    bool              `json:"kept"`
		Since   time.Time         `json:"since,omitzero"`
		What    string            `json:"what,omitempty"`
		UsedFor []kaopass.Purpose `json:"used_for"`
	}
	exportConsent struct {
		Purpose     kaopass.Purpose    `json:"purpose"`
		TextVersion string             `json:"text_version"`
		TextHash    string             `json:"text_sha256"`
		Language    kaopass.Language   `json:"language"`
		Method      kaopass.SignMethod `json:"method"`
		SignedAt    time.Time          `json:"signed_at"`
		WithdrawnAt time.Time          `json:"withdrawn_at,omitzero"`
	}
	exportTicket struct {
		Number  string             `json:"number"`
		Kind    kaopass.TicketKind `json:"kind"`
		From    time.Time          `json:"from"`
		Until   time.Time          `json:"until"`
		Entries int                `json:"entries"`
		QR      string             `json:"qr"`
	}
	exportEvent struct {
		ID      kaopass.EventID   `json:"id"`
		At      time.Time         `json:"at"`
		Kind    kaopass.EventKind `json:"kind"`
		Place   string            `json:"place,omitempty"`
		Purpose kaopass.Purpose   `json:"purpose,omitempty"`
		Outcome kaopass.Decision  `json:"outcome,omitempty"`
		Reason  kaopass.Reason    `json:"reason,omitempty"`
		Amount  *kaopass.Money    `json:"amount,omitempty"`
		Status  string            `json:"status,omitempty"`
		About   string            `json:"about,omitempty"` // what it is about
	}
)
