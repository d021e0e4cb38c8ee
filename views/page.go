package views

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/static"
)

// Audience is who looks at a page; it decides the landmarks around it.
type Audience string

// The audiences.
const (
	ForVisitor Audience = "visitor" // a phone: mark, languages, one column
	ForDevice  Audience = "device"  // a lane, till or kiosk: the whole screen, nothing around it
	ForConsole Audience = "console" // staff: navigation at the side, the whole width
)

// Page is what every page has. Title is in the page's language and without the product's name.
type Page struct {
	Words     Words
	Title     string
	Path      string // as asked, with its query; the language links lead back to it
	Again     string // where "try again" leads, if not to Path: a form is not sent twice
	Audience  Audience
	Origin    string // scheme and host, for the social preview; may be empty
	Name      string // who is signed in; empty: nobody
	Account   string // where the name leads
	Nav       []Link // the console's pages, and what a visitor's header offers
	Flash     Notice // said once, after the action before; nothing where its Text is empty
	Languages []kaopass.Language
	Styles    []string // besides the base, e.g. "css/portal.css"
	Scripts   []string // modules, e.g. "js/capture.js"
	Dir       string   // "rtl" overrides the language's
	Kiosk     bool     // a visitor's page on a kiosk: one way out, and it wipes itself (js/kiosk.js)
}

// Link is a place to go to.
type Link struct{ Text, Href, Icon string }

// navDaily is how many pages of the console are in its bar where not all of them fit: the first ones.
const navDaily = 6

// daily are the pages that stay in the bar, with the one that is open; none where all of them fit.
func (p Page) daily() []Link {
	if len(p.Nav) <= navDaily {
		return nil
	}
	daily := slices.Clone(p.Nav[:navDaily])
	for _, l := range p.Nav[navDaily:] {
		if p.Here(l) {
			daily = append(daily, l)
		}
	}
	return daily
}

// baseStyles are on every page, in this order.
func baseStyles() []string {
	return []string{"css/tokens.css", "css/base.css", "css/controls.css", "css/components.css"}
}

// Styled is the page with style sheets of its own, e.g. "css/pass.css", after those of its audience.
func (p Page) Styled(sheets ...string) Page {
	p.Styles = slices.Concat(p.Styles, sheets)
	return p
}

func (p Page) styles() []string {
	var urls []string
	for _, name := range append(baseStyles(), p.Styles...) {
		urls = append(urls, static.URL(name))
	}
	return urls
}

func (p Page) dir() string {
	if p.Dir != "" {
		return p.Dir
	}
	return p.Words.Dir()
}

func (p Page) title() string {
	if p.Title == "" {
		return p.Words.T("common.name")
	}
	return p.Title + " · " + p.Words.T("common.name")
}

func (p Page) languages() []kaopass.Language {
	switch {
	case p.Languages != nil:
		return p.Languages
	case p.Audience == ForVisitor:
		return VisitorLanguages()
	}
	return PageLanguages()
}

// InLanguage is the address of this page in another language: ?lang= is kept by whoever answers requests.
func (p Page) InLanguage(lang kaopass.Language) string {
	path, query, _ := strings.Cut(p.Path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", string(lang))
	return path + "?" + values.Encode()
}

// Here reports whether a link leads to this page or to one above it.
func (p Page) Here(l Link) bool {
	path, _, _ := strings.Cut(p.Path, "?")
	return path == l.Href || strings.Count(l.Href, "/") > 1 && strings.HasPrefix(path, l.Href+"/")
}
