package portal

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
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

func exported(e db.Export) exportFile {
	v := e.Profile.Visitor
	out := exportFile{Visitor: exportVisitor{v.ID, v.Name, v.Contact, v.Language, v.Created, v.Frozen},
		Face: faceOf(e.Profile), Wallet: walletOf(e), Passkeys: e.Profile.Passkeys,
		Consents: []exportConsent{}, Tickets: []exportTicket{}, Events: []exportEvent{}}
	for _, purpose := range kaopass.Purposes() {
		if c := e.Profile.Consents[purpose]; !c.SignedAt.IsZero() {
			out.Consents = append(out.Consents, exportConsent{c.Purpose, c.TextVersion, c.TextHash, c.Language, c.Method, c.SignedAt, c.WithdrawnAt})
		}
	}
	for _, t := range e.Profile.Tickets {
		out.Tickets = append(out.Tickets, exportTicket{t.Number, t.Kind, t.From, t.Until, t.Entries, t.QR})
	}
	for _, event := range e.Events {
		out.Events = append(out.Events, eventOf(event))
	}
	return out
}

func faceOf(p db.Profile) exportFace {
	f := exportFace{UsedFor: []kaopass.Purpose{}}
	if p.Enrolment != nil {
		f.Kept, f.Since = true, p.Enrolment.Created
		f.What = "Numbers made from your face by the model " + p.Enrolment.Model + ", sealed with a key of your own. No photo."
	}
	for _, purpose := range kaopass.Purposes() {
		if p.Usable[purpose] {
			f.UsedFor = append(f.UsedFor, purpose)
		}
	}
	return f
}

func walletOf(e db.Export) *exportWallet {
	if e.Profile.Wallet == nil {
		return nil
	}
	w := &exportWallet{Balance: e.Profile.Wallet.Balance, Methods: []string{}, History: []exportEntry{}}
	for _, m := range e.Profile.Wallet.Methods {
		w.Methods = append(w.Methods, m.Label)
	}
	for _, h := range e.History {
		w.History = append(w.History, exportEntry{h.At, h.Kind, h.Amount, h.Place})
	}
	return w
}

func eventOf(e kaopass.Event) exportEvent {
	out := exportEvent{ID: e.ID, At: e.At, Kind: e.Kind, Place: e.Place, Purpose: e.Purpose, Outcome: e.Decision, Reason: e.Reason}
	if e.Amount.Currency != "" {
		out.Amount = &e.Amount
	}
	return out
}
