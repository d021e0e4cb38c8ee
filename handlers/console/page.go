package console

import (
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/views"
)

// page is the frame of a console page for who is signed in: it offers only what they may.
func page(c *fiber.Ctx, title string) views.Page {
	w, who := views.Speak(access.PageLanguage(c)), access.Staff(c)
	p := views.Page{
		Words: w, Title: w.T("console." + title), Path: c.OriginalURL(), Audience: views.ForConsole, Name: who.Name,
		Account: "/console", Styles: []string{"css/bar.css", "css/console.css"},
	}
	for _, l := range []struct {
		key, href, icon string
		role            kaopass.StaffRole
	}{
		{"board", "/console", "layout-dashboard", kaopass.Viewer},
		{"devices", "/console/devices", "tablet", kaopass.Viewer},
		{"visitors", "/console/visitors", "users-round", kaopass.Manager},
		{"tickets", "/console/tickets", "ticket", kaopass.Manager},
		{"disputes.title", "/console/disputes", "concierge-bell", kaopass.Manager},
		{"settlement.title", "/console/settlement", "banknote", kaopass.Manager},
		{"events", "/console/events", "list", kaopass.Viewer},
		{"due.title", "/console/due", "undo-2", kaopass.Manager},
		{"cards.title", "/console/cards", "credit-card", kaopass.Manager},
		{"fees.title", "/console/fees", "store", kaopass.Manager},
		{"limits.title", "/console/limits", "snowflake", kaopass.Viewer},
		{"policy.title", "/console/policy", "gauge", kaopass.Admin},
		{"staff", "/console/staff", "user-round", kaopass.Admin},
	} {
		if who.May(l.role) {
			p.Nav = append(p.Nav, views.Link{Text: w.T("console." + l.key), Href: l.href, Icon: l.icon})
		}
	}
	return p
}

// good is the notice after something was done.
func good(w views.Words, key string) views.Notice {
	return views.Notice{Kind: views.Good, Text: w.T("console." + key), Live: true}
}
