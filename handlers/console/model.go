package console

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// boardModel turns what the database counted into what the board shows.
func boardModel(w views.Words, who kaopass.Staff, b db.Board, q matcher.QueueStats) view.BoardModel {
	return view.BoardModel{
		At: b.At, Numbers: numbers(w, b, q), Gates: places(w, b.Gates, nil), Tills: places(w, b.Tills, &b), Work: work(w, who, b),
		Refusals: refusals(w, b.Refusals), Latest: latest(w, b.Latest), Entries: series(b.Entries), Payments: series(b.Payments),
	}
}

// slow is the server time from which a decision keeps a visitor waiting.
const slow = 500 * time.Millisecond

func numbers(w views.Words, b db.Board, q matcher.QueueStats) []view.Number {
	count := func(n int) string { return w.Number(int64(n)) }
	help, wait := views.NoticeKind(""), views.NoticeKind("")
	if b.NeedsHelp > 0 {
		help = views.Help
	}
	if b.TookP99 > slow || q.Waiting > 0 {
		wait = views.Again
	}
	times := views.Args{"P50": millis(b.TookP50), "P95": millis(b.TookP95), "Waiting": count(q.Waiting), "Running": count(q.Running)}
	return []view.Number{
		{Label: w.T("console.inside"), Value: count(b.Inside), Icon: "users-round",
			Note: w.With("console.enrolled", views.Args{"All": count(b.Enrolled), "Pay": count(b.PayEnrolled)})},
		{Label: w.T("console.entriesMinute"), Value: count(b.EntriesMinute), Icon: "door-open", Note: hour(w, b.Entries)},
		{Label: w.T("console.paymentsMinute"), Value: count(b.PaymentsMinute), Icon: "store", Note: hour(w, b.Payments)},
		{Label: w.T("console.needsHelp"), Value: count(b.NeedsHelp), Icon: "concierge-bell", Kind: help, Note: w.T("console.needsHelpNote")},
		{Label: w.T("console.serverTime"), Value: millis(b.TookP99) + " ms", Icon: "gauge", Kind: wait, Note: w.With("console.serverNote", times)},
	}
}

// hour says how many there were in the last hour.
func hour(w views.Words, minutes []db.Minute) string {
	return w.With("console.lastHour", views.Args{"N": w.Number(int64(series(minutes).Total()))})
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// quietAfter is how long a device may say nothing before the board asks whether it is there.
const quietAfter = 10 * time.Minute

// places draws gates, or, where tills is set, tills with their money and locks.
func places(w views.Words, loads []db.PlaceLoad, tills *db.Board) []view.Place {
	busiest := 1
	for _, l := range loads {
		busiest = max(busiest, l.LastHour)
	}
	all := make([]view.Place, 0, len(loads))
	for _, l := range loads {
		note := w.With("console.lastHour", views.Args{"N": w.Number(int64(l.LastHour))})
		state := placeState(w, l)
		if tills != nil {
			note = w.Yen(kaopass.Yen(l.Yen))
			if slices.ContainsFunc(tills.Locks, func(lock db.TillLock) bool { return lock.Device == l.Device.ID }) {
				state = views.Tag{Kind: views.Stop, Text: w.T("console.lock.locked")}
			}
		}
		all = append(all, view.Place{
			Name: l.Device.Name, Zone: string(l.Device.Zone), Href: "/console/devices/" + string(l.Device.ID),
			Count: w.Number(int64(l.LastMinute)), Hour: note, State: state, Size: 1 + 3*l.LastHour/busiest,
		})
	}
	return all
}

func placeState(w views.Words, l db.PlaceLoad) views.Tag {
	switch {
	case !l.Device.Live():
		return views.Tag{Kind: views.Info, Text: w.T("console.device.waiting")}
	case l.Refused > 2 && l.Refused*5 > l.LastHour:
		return views.Tag{Kind: views.Help, Text: w.With("console.refusedN", views.Args{"N": w.Number(int64(l.Refused))})}
	case time.Since(l.Device.SeenAt) > quietAfter:
		return views.Tag{Kind: views.Again, Text: w.T("console.quiet")}
	}
	return views.Tag{Kind: views.Good, Text: w.T("console.device.live")}
}

func refusals(w views.Words, counted []db.ReasonCount) []view.Count {
	all := make([]view.Count, 0, len(counted))
	for _, r := range counted {
		all = append(all, view.Count{Text: w.Short(r.Reason), Href: "/console/events?reason=" + string(r.Reason), N: r.Count})
	}
	slices.SortStableFunc(all, func(a, b view.Count) int { return cmp.Compare(b.N, a.N) })
	for i := range all {
		all[i].Of = all[0].N
	}
	return all
}

func latest(w views.Words, events []kaopass.Event) []view.Line {
	all := make([]view.Line, 0, len(events))
	for _, e := range events {
		l := view.Line{At: w.Time(e.At), Place: e.Place, Href: "/console/events?subject=" + e.Subject}
		switch {
		case e.Decision == kaopass.Admit:
			l.Kind, l.Text = views.Good, w.T("console.admitted")
		case e.Status == kaopass.Captured:
			l.Kind, l.Text = views.Good, w.Yen(e.Amount)
		case e.Decision == kaopass.AskStaff:
			l.Kind, l.Text = views.Help, w.Short(e.Reason)
		case e.Reason != "":
			l.Kind, l.Text = views.Again, w.Short(e.Reason)
		case e.Status != "":
			l.Kind, l.Text = views.Info, w.T("console.status."+string(e.Status))
		}
		all = append(all, l)
	}
	return all
}

func series(minutes []db.Minute) view.Series {
	s := view.Series{At: make([]int64, len(minutes)), N: make([]int, len(minutes))}
	for i, m := range minutes {
		s.At[i], s.N[i] = m.At.Unix(), m.Count
	}
	return s
}
