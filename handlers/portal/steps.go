package portal

import (
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	pages "github.com/kaopass/kaopass/views/portal"
)

// station is one step of a visitor's way: its page, and whether it is still to do.
type station struct {
	step pages.Step
	path string
	open func(db.Profile) bool
}

// stations are the whole way, in order.
var stations = [...]station{
	{pages.StepName, "/name", func(p db.Profile) bool { return p.Visitor.Name == "" }},
	{pages.StepChoice, "/choice", func(p db.Profile) bool { return !p.Agreed() }},
	{pages.StepFace, "/ready", func(p db.Profile) bool { return p.Agreed() && p.Enrolment == nil }},
	{pages.StepTwice, "/twice", func(p db.Profile) bool { return p.Twice }},
	{pages.StepTicket, "/ticket", func(p db.Profile) bool { return len(p.Tickets) == 0 }},
	{pages.StepCode, "/code", func(p db.Profile) bool { return pays(p) && p.CodeIssued.IsZero() }},
	{pages.StepWallet, "/wallet", func(p db.Profile) bool { return pays(p) && !funded(p) }},
}

// toDo lists what is still open, in order.
func toDo(p db.Profile) []pages.ToDo {
	var open []pages.ToDo
	for _, s := range stations {
		if s.open(p) {
			open = append(open, pages.ToDo{Step: s.step, Path: s.path})
		}
	}
	return open
}

// stationAfter is the page of the first open step behind a step ("": the first of all), or home.
func stationAfter(p db.Profile, step pages.Step) string {
	at := slices.IndexFunc(stations[:], func(s station) bool { return s.step == step })
	for _, s := range stations[at+1:] {
		if s.open(p) {
			return s.path
		}
	}
	return "/home"
}

func pays(p db.Profile) bool { return p.Consents[kaopass.ForPayment].Stands() }

// alike is what a visitor is told about look-alikes.
func alike(p db.Profile) pages.AlikeModel {
	return pages.AlikeModel{Marked: p.Alike && pays(p), CodeGone: p.CodeGone}
}

// funded: there is money, or a card that can pay.
func funded(p db.Profile) bool {
	return p.Wallet != nil && (p.Wallet.Balance.Value > 0 || len(p.Wallet.Methods) > 1)
}
