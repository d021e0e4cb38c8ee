package console

import (
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// work lists what waits for staff: open cases, what cards did not pay, and tills that are locked. Only who may do something about it is led there.
func work(w views.Words, who kaopass.Staff, b db.Board) (all []view.Work) {
	count := func(n int) string { return w.Number(int64(n)) }
	if n := b.Cases.Open; n > 0 {
		do := view.Work{Text: w.N("console.casesWait", n), Icon: "concierge-bell", Kind: views.Help}
		var notes []string
		if b.Cases.Free > 0 {
			notes = append(notes, w.With("console.casesFree", views.Args{"N": count(b.Cases.Free)}))
		}
		if b.Cases.Overdue > 0 {
			do.Kind = views.Stop
			notes = append(notes, w.With("console.casesOverdue", views.Args{"N": count(b.Cases.Overdue)}))
		}
		if do.Note = strings.Join(notes, " · "); who.May(kaopass.Manager) {
			do.Href = "/console/disputes"
		}
		all = append(all, do)
	}
	if b.Cards > 0 {
		do := view.Work{Text: w.N("console.cards.wait", b.Cards), Icon: "credit-card", Kind: views.Stop}
		if who.May(kaopass.Manager) {
			do.Href = "/console/cards"
		}
		all = append(all, do)
	}
	return append(all, lockedWork(w, b.Locks)...)
}

// lockedWork leads to the till's own page where there is one, and to the list where there are more.
func lockedWork(w views.Words, locks []db.TillLock) []view.Work {
	tills, names := map[kaopass.DeviceID]bool{}, []string{}
	for _, l := range locks {
		if !tills[l.Device] {
			tills[l.Device], names = true, append(names, l.Name)
		}
	}
	switch len(tills) {
	case 0:
		return nil
	case 1:
		return []view.Work{{Text: w.N("console.tillsLocked", 1), Note: names[0], Icon: "snowflake", Kind: views.Stop,
			Href: "/console/devices/" + string(locks[0].Device)}}
	}
	return []view.Work{{Text: w.N("console.tillsLocked", len(tills)), Icon: "snowflake", Kind: views.Stop, Href: "/console/limits"}}
}
