// Package gate draws the lane screen: a portrait tablet, read at two metres in the sun.
package gate

import (
	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Lane is a lane screen before anybody stands in front of it; js/gate.js shows the rest as it happens.
type Lane struct {
	Words views.Words
	Path  string
	Gate  kaopass.Device
}

func (m Lane) t(key string) string { return m.Words.T("gate." + key) }

func (m Lane) page() views.Page {
	return views.Page{Words: m.Words, Title: m.t("title") + " " + m.Gate.Name, Path: m.Path, Audience: views.ForDevice,
		Styles: []string{"css/device.css", "css/gate.css"}, Scripts: []string{"js/gate.js"}}
}

// others are the languages that the idle screen says its two lines in, besides its own.
func (m Lane) others() []views.Words {
	var out []views.Words
	for _, l := range kaopass.Languages() {
		if l != m.Words.Lang {
			out = append(out, views.Speak(l))
		}
	}
	return out
}

// every is each language, for the one word of a result, which is said in the visitor's own.
func every() []views.Words {
	var out []views.Words
	for _, l := range kaopass.Languages() {
		out = append(out, views.Speak(l))
	}
	return out
}

// RecentMax is how many attempts the staff strip lists.
const RecentMax = 5
