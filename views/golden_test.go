package views_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func page(w views.Words) views.Page {
	return views.Page{Words: w, Path: "/somewhere?a=1&lang=ko", Audience: views.ForVisitor, Origin: "https://kaopass.example",
		Styles: []string{"css/portal.css"}}
}

func TestGallery(t *testing.T) {
	viewtest.Pages(t, "gallery", func(w views.Words) templ.Component { return views.Gallery(page(w)) })
}

func TestTrouble(t *testing.T) {
	for _, kind := range []views.TroubleKind{views.NoPage, views.NotYours, views.SignIn, views.Changed, views.Ours, views.Busy, views.Offline} {
		viewtest.Pages(t, "trouble-"+string(kind), func(w views.Words) templ.Component {
			return views.Trouble(page(w), kind, "req_01")
		})
	}
}

// The answer to a form does not ask for itself again, nor does another language: both lead to the page before it.
func TestTroubleAfterAForm(t *testing.T) {
	p := page(views.Speak(kaopass.English))
	p.Path, p.Again = "/wallet", "/wallet"
	for kind, want := range map[views.TroubleKind]string{views.Busy: `href="/wallet" data-again`, views.Changed: `href="/wallet"`,
		views.SignIn: `href="/signin?next=%2Fwallet"`} {
		if got := viewtest.Draw(t, views.Trouble(p, kind, "")); !strings.Contains(got, want) {
			t.Errorf("%s does not lead to %s", kind, want)
		}
	}
	p.Audience = views.ForConsole
	if got := viewtest.Draw(t, views.Trouble(p, views.SignIn, "")); !strings.Contains(got, `href="/console"`) {
		t.Error("staff sign in as visitors")
	}
}

func TestLayouts(t *testing.T) {
	for _, audience := range []views.Audience{views.ForVisitor, views.ForDevice, views.ForConsole} {
		p := page(views.Speak(kaopass.English))
		p.Audience, p.Name, p.Account, p.Title = audience, "T. Y.", "/home", "One"
		p.Nav = []views.Link{{Text: "One", Href: "/somewhere", Icon: "house"}, {Text: "Two", Href: "/two"}}
		p.Flash = views.Notice{Kind: views.Good, Text: "Saved", Live: true}
		p.Scripts, p.Dir = []string{"js/table.js"}, "rtl"
		viewtest.Golden(t, "layout-"+string(audience), within(views.Layout(p), templ.Raw("<h1>One</h1>")))
	}
}

// within puts a child into a component that takes children.
func within(outer, child templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, child), w)
	})
}

func TestTroubleOf(t *testing.T) {
	for status, want := range map[int]views.TroubleKind{400: views.NoPage, 401: views.SignIn, 403: views.NotYours,
		404: views.NoPage, 405: views.NoPage, 409: views.Changed, 429: views.Busy, 500: views.Ours, 502: views.Ours, 503: views.Busy} {
		if got := views.TroubleOf(status); got != want {
			t.Errorf("%d is %s, want %s", status, got, want)
		}
	}
}

func TestHere(t *testing.T) {
	p := views.Page{Path: "/console/devices/dev_1?x=1"}
	for href, want := range map[string]bool{"/console": false, "/console/devices": true, "/console/visitors": false,
		"/console/devices/dev_1": true, "/console/dev": false, "/": false} {
		if p.Here(views.Link{Href: href}) != want {
			t.Errorf("%s: want %v", href, want)
		}
	}
}

// Whoever may open more pages than a bar has room for has the first of them there, the one that is open, and a button for all.
func TestTheConsolesBar(t *testing.T) {
	var nav []views.Link
	for i := range 9 {
		nav = append(nav, views.Link{Text: "page", Href: "/console/" + strings.Repeat("p", i+1)})
		for path, want := range map[string]int{"/console/p": 6, "/console/ppppppppp": 7} {
			if len(nav) <= 6 {
				want = 0
			} else if len(nav) < 9 {
				want = 6
			}
			var b strings.Builder
			p := views.Page{Words: views.Speak(kaopass.English), Audience: views.ForConsole, Path: path, Nav: nav}
			if err := views.Layout(p).Render(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			_, daily, _ := strings.Cut(b.String(), `class="daily"`)
			daily, all, _ := strings.Cut(daily, `id="menu"`)
			if want == 0 {
				all, daily = b.String(), ""
			}
			if got := strings.Count(daily, "<a"); got != want || strings.Count(all, ">page<") != len(nav) {
				t.Errorf("%d pages, at %s: %d in the bar, want %d", len(nav), path, got, want)
			}
		}
	}
}

func TestInLanguageKeepsTheQuery(t *testing.T) {
	if got := page(views.Speak(kaopass.English)).InLanguage(kaopass.Japanese); got != "/somewhere?a=1&lang=ja" {
		t.Error(got)
	}
	if got := (views.Page{Path: "/x?%zz"}).InLanguage(kaopass.English); got != "/x?lang=en" {
		t.Error(got)
	}
}

// A QR code that we draw is read by somebody else's reader.
func TestQRReadsBack(t *testing.T) {
	for _, text := range []string{"x", "KPT1.tkt_01hzx3v5k8q2w4e6r8t0y1z2a3.c2lnbmF0dXJl", strings.Repeat("顔", views.QRMax/3)} {
		svg := viewtest.Draw(t, views.QR(text, "code"))
		if got := readQR(t, svg); got != text {
			t.Errorf("%q reads as %q", text, got)
		}
	}
	if svg := viewtest.Draw(t, views.QR(strings.Repeat("x", views.QRMax+1), "too long")); strings.Contains(svg, "<svg") {
		t.Error("a text that no phone could read was drawn")
	}
}
