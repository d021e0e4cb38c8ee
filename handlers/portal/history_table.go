package portal

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// tableMax is how many lines a downloaded table holds at most.
const tableMax = 10_000

// HistoryTable is all of it as CSV (RFC 4180), with a mark by which spreadsheets know that it is UTF-8.
func (p *Portal) HistoryTable(c *fiber.Ctx) error {
	f, _ := historyFilter(c)
	entries, err := p.wholeHistory(c, access.Visitor(c).ID, f)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(respond.ByteOrderMark)
	words := p.words(c)
	table := csv.NewWriter(&b)
	_ = table.Write([]string{words.T("wallet.when"), words.T("wallet.what"), words.T("wallet.where"), words.T("wallet.yen"), words.T("wallet.how"),
		words.T("wallet.note"), words.T("wallet.number")})
	for _, e := range entries {
		_ = table.Write(tableRow(words, e))
	}
	table.Flush() // into memory: it cannot fail
	c.Attachment("kaopass-wallet.csv")
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(b.Bytes())
}

func (p *Portal) wholeHistory(c *fiber.Ctx, id kaopass.VisitorID, f db.HistoryFilter) ([]db.Entry, error) {
	var all []db.Entry
	for page := (db.Page{Limit: db.PageMax}); len(all) < tableMax; {
		entries, more, err := p.DB.Entries(c.UserContext(), id, f, page)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
		if more == "" {
			break
		}
		page.Cursor = more
	}
	return all, nil
}

// tableRow writes an entry as a spreadsheet and a program read it alike: a moment as RFC 3339 has it, yen as a bare number,
// and no text of somebody else's as a formula.
func tableRow(w views.Words, e db.Entry) []string {
	line := entryLine(e)
	note := strings.TrimSpace(pages.EntrySentence(w, line) + " " + pages.EntryWhy(w, line))
	return []string{e.At.In(views.VenueZone).Format(time.RFC3339), pages.EntryName(w, line), respond.Cell(line.Place),
		strconv.FormatInt(e.Amount.Value, 10), pages.MethodKindName(w, e.Method), respond.Cell(note), respond.Cell(e.Subject)}
}
