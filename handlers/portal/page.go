package portal

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/views"
)

// words speak the language of the page.
func (p *Portal) words(c *fiber.Ctx) views.Words { return views.Speak(access.Language(c)) }

// page is the frame of a visitor's page; title is the key of a sentence.
func (p *Portal) page(c *fiber.Ctx, title string) views.Page {
	w := p.words(c)
	page := views.Page{Words: w, Path: c.OriginalURL(), Audience: views.ForVisitor, Origin: p.origin(c),
		Styles: []string{"css/portal.css"}, Scripts: []string{"js/portal.js"},
		Nav: []views.Link{{Text: w.T("portal.help.title"), Href: "/help"}, {Text: w.T("portal.privacy.title"), Href: "/privacy"}}}
	if title != "" {
		page.Title = w.T(title)
	}
	if access.AtKiosk(c) {
		return atKiosk(page)
	}
	if access.Visitor(c).ID != "" {
		page.Name, page.Account = w.T("portal.home.short"), "/home"
		page.Nav = append([]views.Link{{Text: w.T("data.title"), Href: "/me"}}, page.Nav...)
	}
	return page
}

// atKiosk is the frame on a screen that many fingers touch: larger, with one way out that wipes it.
func atKiosk(page views.Page) views.Page {
	page.Kiosk, page.Nav = true, nil
	page.Styles = append(page.Styles, "css/kiosk.css")
	page.Scripts = append(page.Scripts, "js/kiosk.js")
	return page
}

// with adds a script to a page.
func with(page views.Page, script string) views.Page {
	page.Scripts = append(page.Scripts, script)
	return page
}

// withNext carries on where the visitor wanted to go in the first place.
func withNext(c *fiber.Ctx, path string) string {
	if next := access.Next(c, ""); next != "" {
		return path + "?next=" + url.QueryEscape(next)
	}
	return path
}
