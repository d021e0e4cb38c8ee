package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// FeesModel is what each store pays of its trade, and every rate that was ever set.
type FeesModel struct {
	Page    views.Page
	Today   kaopass.TradeDay
	Stores  []FeeRow
	History []kaopass.FeeRate // the newest first
	Staff   map[kaopass.StaffID]string
	May     bool    // set a rate
	Form    FeeForm // as it was sent
}

// FeeRow is a store, its rate today, and what is to come.
type FeeRow struct {
	Store  kaopass.Zone
	Points int
	Next   []kaopass.FeeRate // the nearest first
}

// FeeForm is what was typed; Wrong names the field that has to change.
type FeeForm struct{ Store, Percent, From, Wrong string }

func (m FeesModel) wrong(field string) string {
	if m.Form.Wrong != field {
		return ""
	}
	return m.Page.Words.T("console.fees.wrong." + field)
}

func (m FeesModel) stores() (all []Option) {
	for _, s := range m.Stores {
		all = append(all, Option{Value: string(s.Store), Text: string(s.Store), On: string(s.Store) == m.Form.Store})
	}
	return all
}

// Percent writes basis points as people say them: 250 is "2.5 %".
func Percent(points int) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%02d", points/100, points%100), "0")
	return strings.TrimSuffix(text, ".") + " %"
}

// day is a day of trade as the language writes it.
func day(w views.Words, d kaopass.TradeDay) string {
	from, _ := d.Span()
	return w.Date(from.Add(12 * time.Hour))
}

// by is who did something: a member of staff by name, or the operator's command.
func by(w views.Words, staff map[kaopass.StaffID]string, actor string) string {
	if name := staff[kaopass.StaffID(actor)]; name != "" {
		return name
	}
	return w.T("console.fees.venue")
}
