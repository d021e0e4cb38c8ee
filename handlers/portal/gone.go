package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// gonePages is how far back a confirmation is looked for, in pages of db.PageMax events.
const gonePages = 50

// Gone is the confirmation that stays: of a face that was erased, or a consent that was taken back.
func (p *Portal) Gone(c *fiber.Ctx) error {
	event, err := p.event(c.UserContext(), access.Visitor(c).ID, kaopass.EventID(c.Params("receipt")))
	if err != nil {
		return err
	}
	m := pages.GoneModel{What: "face", Receipt: event.ID, At: event.At}
	switch event.Kind {
	case kaopass.ConsentTaken:
		m.What = "withdrawn"
	case kaopass.EnrolmentErased:
	default:
		return respond.NotFound
	}
	return respond.Page(c, http.StatusOK, pages.Gone(p.page(c, ""), m))
}

// event finds one of the visitor's own events.
func (p *Portal) event(ctx context.Context, id kaopass.VisitorID, wanted kaopass.EventID) (kaopass.Event, error) {
	page := db.Page{Limit: db.PageMax}
	for range gonePages {
		events, more, err := p.DB.Timeline(ctx, id, page)
		if err != nil {
			return kaopass.Event{}, err
		}
		if at := slices.IndexFunc(events, func(e kaopass.Event) bool { return e.ID == wanted }); at >= 0 {
			return events[at], nil
		}
		if page.Cursor = more; more == "" {
			break
		}
	}
	return kaopass.Event{}, db.ErrNotFound
}

// GoneAccount is the confirmation of an account that is no more. Nobody is left to ask for it, so it proves nothing by
// itself: the number does.
func (p *Portal) GoneAccount(c *fiber.Ctx) error {
	receipt := c.Params("receipt")
	if !kaopass.PrefixEvent.Is(receipt) || access.Visitor(c).ID != "" {
		return respond.NotFound
	}
	return respond.Page(c, http.StatusOK, pages.Gone(p.page(c, ""), pages.GoneModel{What: "account", Receipt: kaopass.EventID(receipt)}))
}
