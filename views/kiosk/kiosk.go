// Package kiosk draws the help desk's screen while it waits: for a member of staff, and then for the next visitor.
package kiosk

import (
	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Model is the waiting kiosk.
type Model struct {
	Page    views.Page
	Device  string
	Helper  string         // who helps; empty: nobody signed in
	Login   string         // as typed
	Reason  kaopass.Reason // why the sign-in was refused
	Contact string         // as typed
	Wrong   bool           // the contact is neither an e-mail address nor a phone number
}

func (m Model) signInWrong() string {
	switch m.Reason {
	case "":
		return ""
	case kaopass.TooManyTries:
		return m.Page.Words.T("console.signinWrong.too_many_tries")
	}
	return m.Page.Words.T("console.signinWrong.sign_in_code_wrong")
}

func (m Model) contactWrong() string {
	if !m.Wrong {
		return ""
	}
	return m.Page.Words.T("kiosk.contactWrong")
}
