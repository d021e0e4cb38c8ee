package gate

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestLane(t *testing.T) {
	viewtest.Pages(t, "lane", func(w views.Words) templ.Component {
		return Lane{Words: w, Path: "/gate", Gate: kaopass.Device{ID: "dev_1", Role: kaopass.Gate, Name: "east-07", Zone: "east"}}.Page()
	})
}

// The idle screen says its two lines in every language, and a result has its word in every language.
func TestEveryLanguageIsThere(t *testing.T) {
	if n := len(every()); n != len(kaopass.Languages()) {
		t.Errorf("%d languages for a result", n)
	}
	if n := len(Lane{Words: views.Speak(kaopass.English)}.others()); n != len(kaopass.Languages())-1 {
		t.Errorf("%d other languages on the idle screen", n)
	}
}
