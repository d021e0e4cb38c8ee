package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// InboxPage shows what the demo inbox holds.
func (p *Portal) InboxPage(c *fiber.Ctx) error {
	var list []pages.InboxMessage
	for _, m := range p.Inbox.Messages() {
		list = append(list, pages.InboxMessage{At: m.At, Contact: m.Contact, Code: m.Code, Text: m.Text})
	}
	return respond.Page(c, http.StatusOK, pages.Inbox(p.page(c, "portal.inbox.title"), list))
}

// inboxList is the demo inbox for a program.
type inboxList struct {
	Messages []Message `json:"messages"`
}

// InboxList is the same for a program that plays a visitor.
func (p *Portal) InboxList(c *fiber.Ctx) error {
	return respond.JSON(c, http.StatusOK, inboxList{p.Inbox.Messages()})
}
