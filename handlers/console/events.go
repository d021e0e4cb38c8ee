package console

import (
	"encoding/csv"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// eventFilter reads the filter from the address, so that a view of the log can be sent to a colleague.
func eventFilter(c *fiber.Ctx) db.EventFilter {
	f := db.EventFilter{
		Kind: c.Query("kind"), Device: kaopass.DeviceID(c.Query("device")), Reason: kaopass.Reason(c.Query("reason")),
		Subject: c.Query("subject"),
	}
	if day, err := time.Parse(time.DateOnly, c.Query("since")); err == nil {
		f.Since = day
	}
	return f
}

// events is the audit log, newest first.
func (k *Console) events(c *fiber.Ctx) error {
	f := eventFilter(c)
	found, cursor, err := k.DB.Events(c.UserContext(), f, db.Page{Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	model := view.EventsModel{Page: page(c, "events"), Events: found, Kind: f.Kind, Reason: f.Reason, Subject: f.Subject,
		Since: c.Query("since"), CSV: "/console/events.csv?" + string(c.Request().URI().QueryString())}
	if cursor != "" {
		older := url.Values{"kind": {f.Kind}, "device": {string(f.Device)}, "reason": {string(f.Reason)},
			"subject": {f.Subject}, "since": {model.Since}, "cursor": {cursor}}
		model.Older = "/console/events?" + older.Encode()
	}
	return respond.Page(c, fiber.StatusOK, view.Events(model))
}

// csvMax is how many events one download holds.
const csvMax = 10_000

// eventsCSV is the log as a table for a spreadsheet, newest first, at most csvMax events.
func (k *Console) eventsCSV(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="kaopass-events.csv"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	out, f, page := csv.NewWriter(c), eventFilter(c), db.Page{Limit: db.PageMax}
	if err := out.Write([]string{"seq", "at", "kind", "actor", "place", "zone", "subject", "decision", "status", "reason", "yen", "took_ms"}); err != nil {
		return err
	}
	for written := 0; written < csvMax; {
		found, cursor, err := k.DB.Events(c.UserContext(), f, page)
		if err != nil {
			return err
		}
		for _, e := range found {
			if err := out.Write(csvRow(e)); err != nil {
				return err
			}
		}
		written += len(found)
		if page.Cursor = cursor; cursor == "" {
			break
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(e kaopass.Event) []string {
	return []string{strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339), string(e.Kind), respond.Cell(e.Actor), respond.Cell(e.Place),
		respond.Cell(string(e.Zone)), respond.Cell(e.Subject), string(e.Decision), string(e.Status), string(e.Reason),
		strconv.FormatInt(e.Amount.Value, 10), strconv.FormatInt(e.Took.Milliseconds(), 10)}
}
