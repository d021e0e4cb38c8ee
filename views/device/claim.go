// Package device draws what a screen shows before it is a gate, a till or a kiosk of the venue: where the claim code
// goes, and that it already has another job.
package device

import (
	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Claim is a screen that is not yet what was asked for.
type Claim struct {
	Words views.Words
	Path  string       // as asked, for the language links
	Role  kaopass.Role // what the screen is to become
	Trial ClaimTrial
	Other kaopass.Device // the screen is this already; ID empty: it is nothing yet
}

// ClaimTrial is what came of the code before.
type ClaimTrial string

// The trials.
const (
	ClaimFresh ClaimTrial = ""
	ClaimWrong ClaimTrial = "wrong"
	ClaimSlow  ClaimTrial = "slow" // too many tries from this address
)

func (m Claim) key(name string) string { return "device.claim." + name }

func (m Claim) wrong() string {
	if m.Trial == ClaimFresh {
		return ""
	}
	return m.Words.T(m.key(string(m.Trial)))
}

func (m Claim) page() views.Page {
	return views.Page{Words: m.Words, Title: m.Words.T(m.key("title." + string(m.Role))), Path: m.Path,
		Audience: views.ForDevice, Styles: []string{"css/device.css"}, Scripts: []string{"js/claim.js"}}
}

// otherText says what the screen is already.
func (m Claim) otherText() string {
	return m.Words.With("device.other.text", views.Args{"Name": m.Other.Name,
		"Role": m.Words.T("device.other." + string(m.Other.Role))})
}

// CodeMax is the longest claim code that is typed, in characters.
const CodeMax = 64

// troubleKey is the sentence for a trouble with the camera, by the script's name for it.
func troubleKey(kind string) string { return "device.camera." + kind }
