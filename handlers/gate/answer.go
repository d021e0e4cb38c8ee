package gate

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/views"
)

// admission is an attempt as its gate may see it: initials and a masked number, nothing else of a person.
type admission struct {
	ID        kaopass.AdmissionID `json:"id"`
	Decision  kaopass.Decision    `json:"decision"`
	Reason    kaopass.Reason      `json:"reason"`
	Message   string              `json:"message"`
	Language  kaopass.Language    `json:"language"` // of message
	Retry     bool                `json:"retry"`    // another photo may mend it
	Direction kaopass.Direction   `json:"direction"`
	Visitor   *visitor            `json:"visitor,omitempty"`
	Ticket    *ticket             `json:"ticket,omitempty"`
	Gate      string              `json:"gate"`
	DecidedAt time.Time           `json:"decided_at"`
	PassBy    *time.Time          `json:"pass_by,omitempty"`
	PassedAt  *time.Time          `json:"passed_at,omitempty"`
	UndoneAt  *time.Time          `json:"undone_at,omitempty"`
	ServerMS  int64               `json:"server_ms"`
}

type visitor struct {
	DisplayName string `json:"display_name"`
}

type ticket struct {
	ID     kaopass.TicketID   `json:"id"`
	Kind   kaopass.TicketKind `json:"kind"`
	Number string             `json:"number"`
}

func answer(a db.Admission, l kaopass.Language) admission {
	out := admission{ID: a.ID, Decision: a.Verdict.Decision, Reason: a.Verdict.Reason, Language: l,
		Message: views.Speak(l).Reason(a.Verdict.Reason), Direction: a.Direction, Gate: a.GateName,
		Retry:     a.Verdict.Decision == kaopass.Refuse && a.Verdict.Reason.Retry(),
		DecidedAt: a.DecidedAt.UTC(), PassedAt: moment(a.PassedAt), UndoneAt: moment(a.UndoneAt),
		ServerMS: a.Took.Milliseconds()}
	if a.Verdict.Decision == kaopass.Admit {
		out.Visitor, out.PassBy = &visitor{a.Name}, moment(a.PassBy)
	}
	if a.Ticket != "" && a.Number != "" {
		out.Ticket = &ticket{a.Ticket, a.Kind, a.Number}
	}
	return out
}

// language is the visitor's own where they were let in, else what the terminal asked for.
func language(c *fiber.Ctx, a db.Admission) kaopass.Language {
	if a.Language != "" {
		return a.Language
	}
	return access.Language(c)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
