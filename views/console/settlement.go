package console

import (
	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// SettlementModel is a day's money as each side has it, every amount written out.
type SettlementModel struct {
	Page          views.Page
	Day           kaopass.TradeDay
	Store         kaopass.Zone // empty: all
	Before, After string       // the days beside it; After is empty for today
	Running       bool         // the day is not over
	Closed        bool         // for every store
	OK            bool         // nothing differs
	Away          bool         // the card company's books could not be read
	Found         int          // differences, of which Differences holds the first
	Stores        []StoreRow
	Sides         []SideRow
	Tills         []TillDayRow
	Differences   []DifferenceRow
	Settled       []DifferenceRow // what was never paid, as staff settled it
}

// StoreRow is a store's settlement.
type StoreRow struct {
	Store, Href, CSV, ID                 string
	Captured, Refunded, Fees, Net, Count string
	Rate                                 string // of the fee; empty where there was none
	Closed                               string
	Late                                 string // a sentence; empty: none
}

// SideRow is what one side says came and went.
type SideRow struct {
	Name, Captured, Refunded string
	Kind                     views.NoticeKind // of a difference
}

// TillDayRow is a till's day, and what the till itself says of it.
type TillDayRow struct {
	Name, Store, Href         string
	Count, Captured, Refunded string
	Own                       string
	State                     views.Tag
}

// DifferenceRow is one thing on which the books do not agree.
type DifferenceRow struct {
	At, Name, Means, Do, Ours, Theirs, Store string
	Refund                                   bool
	IDs                                      []string
}
