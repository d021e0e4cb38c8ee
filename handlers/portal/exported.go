package portal

import (
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
	}
	exportVisitor struct {
		ID       kaopass.VisitorID `json:"id"`
		Name     string            `json:"name"`
		Contact  string            `json:"contact"`
		Language kaopass.Language  `json:"language"`
		Created  time.Time         `json:"created"`
		Frozen   bool              `json:"payments_stopped"`
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
	exportWallet struct {
		Balance kaopass.Money `json:"balance"`
		Methods []string      `json:"methods"`
		History []exportEntry `json:"history"`
	}
	exportEntry struct {
		At     time.Time         `json:"at"`
		Kind   kaopass.EventKind `json:"kind"`
		Amount kaopass.Money     `json:"amount"`
		Place  string            `json:"place,omitempty"`
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
	}
)
