package viewtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Check fails the test for what no page of ours may have: a style or script of its own (the Content-Security-Policy
// would block it), an id twice, a label or description that leads nowhere, a control or a picture without a name, and in
// a whole document anything but one <h1>, one <main>, a language and a title.
func Check(t *testing.T, name, page string) {
	t.Helper()
	for _, fault := range Faults(page) {
		t.Errorf("%s: %s", name, fault)
	}
}

// Faults lists what Check would say.
func Faults(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	s := sheet{count: map[string]int{}, ids: map[string]int{}}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode {
			s.see(node)
		}
	}
	s.references()
	if strings.HasPrefix(strings.ToLower(page), "<!doctype") {
		s.document(root)
	}
	return s.faults
}

// sheet is what was seen of a page.
type sheet struct {
	faults []string
	count  map[string]int
	ids    map[string]int
	refs   []string
}

func (s *sheet) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *sheet) see(n *html.Node) {
	s.count[n.Data]++
	for _, a := range n.Attr {
		s.attribute(n, a)
	}
	switch n.Data {
	case "style":
		s.fault("<style> in the page")
	case "script":
		if attr(n, "src") == "" || attr(n, "type") != "module" {
			s.fault("a script that is not a module of ours")
		}
	case "button", "a", "summary":
		if strings.TrimSpace(name(n)) == "" {
			s.fault("<%s> without a name: %v", n.Data, n.Attr)
		}
	case "img":
		if !has(n, "alt") || attr(n, "width") == "" || attr(n, "height") == "" {
			s.fault("<img> without alt, width or height: %s", attr(n, "src"))
		}
	}
}

func (s *sheet) attribute(n *html.Node, a html.Attribute) {
	switch {
	case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
		s.fault("<%s %s=…>: styles and handlers live in files", n.Data, a.Key)
	case a.Key == "id":
		if s.ids[a.Val]++; s.ids[a.Val] == 2 {
			s.fault("id %q twice", a.Val)
		}
	case a.Key == "for" || slices.Contains([]string{"aria-labelledby", "aria-describedby", "aria-controls"}, a.Key):
		s.refs = append(s.refs, strings.Fields(a.Val)...)
	case (a.Key == "src" || a.Key == "href") && n.Data != "a" && strings.HasPrefix(a.Val, "//"):
		s.fault("<%s> from elsewhere: %s", n.Data, a.Val)
	}
}

func (s *sheet) references() {
	for _, id := range s.refs {
		if s.ids[id] == 0 {
			s.fault("nothing has the id %q", id)
		}
	}
}

func (s *sheet) document(root *html.Node) {
	for _, element := range []string{"h1", "main", "title"} {
		if s.count[element] != 1 {
			s.fault("%d <%s>, want one", s.count[element], element)
		}
	}
	for node := range root.ChildNodes() {
		if node.Data == "html" && node.Type == html.ElementNode && attr(node, "lang") == "" {
			s.fault("<html> without a language")
		}
	}
}

// name is what a screen reader would say of a control: its label, else its text.
func name(n *html.Node) string {
	if label := attr(n, "aria-label") + attr(n, "aria-labelledby") + attr(n, "title"); label != "" {
		return label
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
		b.WriteString(attr(d, "aria-label") + attr(d, "alt"))
	}
	return b.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
