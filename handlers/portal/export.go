package portal

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Export is a copy of everything that is kept, in a form that another program can read (GDPR, article 20; APPI,
// article 33). The face itself is not in it: it is described, and cannot be used by anybody else.
func (p *Portal) Export(c *fiber.Ctx) error {
	data, err := p.DB.Export(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	c.Attachment("kaopass-" + time.Now().Format(time.DateOnly) + ".json")
	return respond.JSON(c, fiber.StatusOK, exported(data))
}

func exported(e db.Export) exportFile {
	v := e.Profile.Visitor
	out := exportFile{Visitor: exportVisitor{v.ID, v.Name, v.Contact, v.Language, v.Created, v.Frozen, e.Frozen.By, e.Frozen.Since},
		Face: faceOf(e.Profile), Wallet: walletOf(e), Passkeys: e.Profile.Passkeys,
		Consents: []exportConsent{}, Tickets: []exportTicket{}, Events: []exportEvent{}, Wards: []exportWard{}, Signed: []exportSigned{}, Kept: e.Kept}
	if g := e.Profile.Guardian; g != nil {
		out.Guardian = &exportGuardian{g.Name, g.Contact, allows(g.Allowance), g.Since, g.Changed}
	}
	for _, s := range e.Signed {
		out.Signed = append(out.Signed, exportSigned(s))
	}
	for _, w := range e.Wards {
		out.Wards = append(out.Wards, exportWard{w.Name, allows(w.Allowance), w.Since})
	}
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

func allows(a kaopass.Allowance) exportAllowance { return exportAllowance{a.Day, a.Week, a.Card} }

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

func eventOf(e kaopass.Event) exportEvent {
	out := exportEvent{ID: e.ID, At: e.At, Kind: e.Kind, Place: e.Place, Purpose: e.Purpose, Outcome: e.Decision, Reason: e.Reason,
		Status: string(e.Status), About: e.Subject}
	if e.Amount.Currency != "" {
		out.Amount = &e.Amount
	}
	return out
}
