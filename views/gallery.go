package views

// swatches are the colour tokens that the gallery shows, each with its ink.
func swatches() []string {
	return []string{"accent", "accent-soft", "go", "go-soft", "again", "again-soft", "staff", "staff-soft", "stop", "stop-soft", "paper-2"}
}

func (p Page) gallery() Page {
	p.Title = p.Words.T("common.gallery.title")
	p.Styles = append(p.Styles, "css/gallery.css")
	p.Scripts = append(p.Scripts, "js/gallery.js")
	return p
}

// Quietly is the same notice without being announced: for those that a page is loaded with.
func (n Notice) Quietly() Notice {
	n.Live = false
	return n
}
