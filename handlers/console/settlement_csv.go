package console

import (
	"bufio"
	"context"
	"encoding/csv"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
)

// Limits of a settlement's table.
const (
	linesMax    = 100_000 // what a spreadsheet opens without complaint; the last line says where there were more
	linesWithin = 5 * time.Minute
)

// settlementCSV is the lines of a store's day, oldest first: GET /console/settlement.csv?day=…&store=…
func (k *Console) settlementCSV(c *fiber.Ctx) error {
	day, store := dayAsked(c.Query("day")), kaopass.Zone(c.Query("store"))
	s, err := k.DB.ExportSettlement(c.UserContext(), day, store, string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="settlement-`+fileName(store)+"-"+string(day)+`.csv"`)
	ctx := context.WithoutCancel(c.UserContext())
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, done := context.WithTimeout(ctx, linesWithin)
		defer done()
		if err := writeSettlement(ctx, k.DB, w, s); err != nil {
			slog.Error("a settlement's lines", "settlement", s.ID, "err", err) // what arrived has no last line
		}
	})
	return nil
}

// fileName keeps what is safe in a header and on every disk.
func fileName(store kaopass.Zone) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, string(store))
}

// writeSettlement writes RFC 4180: a head, a line each payment and refund, one of the fee, and what they come to. The sums are added up
// here, line by line, and then stand beside those of the settlement.
func writeSettlement(ctx context.Context, d *db.DB, w *bufio.Writer, s kaopass.Settlement) error {
	if _, err := w.WriteString(respond.ByteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	n, sum := 0, int64(0)
	err := out.Write([]string{"line", "type", "time_local", "time_utc", "payment", "refund", "transfer", "till_id", "till", "order_ref",
		"method", "amount_jpy", "reason"})
	if err != nil {
		return err
	}
	more, err := d.SettlementLines(ctx, s, linesMax, func(l db.SettlementLine) error {
		n++
		sum += l.Signed()
		return out.Write(settlementRow(n, l))
	})
	if err != nil {
		return err
	}
	if s.FeeTransfer != "" {
		n++
		sum -= s.Fees.Value
		if err := out.Write(feeLine(n, s)); err != nil {
			return err
		}
	}
	ended := "complete"
	if more {
		ended = "more than " + strconv.Itoa(linesMax) + " lines: the rest is not here"
	}
	for _, t := range []struct {
		name  string
		lines int
		yen   int64
	}{{"sum of the lines above", n, sum}, {"settlement: captured", s.Captures, s.Captured.Value}, {"settlement: refunded", s.Refunds, -s.Refunded.Value},
		{"settlement: fees", feeLines(s), -s.Fees.Value}, {"settlement: net", s.Captures + s.Refunds + feeLines(s), s.Net.Value}} {
		if err := out.Write([]string{strconv.Itoa(t.lines), t.name, string(s.Day), "", string(s.ID), "", "", "", "", "", "", strconv.FormatInt(t.yen, 10), ended}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// feeLines is how many lines the fee takes.
func feeLines(s kaopass.Settlement) int {
	if s.FeeTransfer == "" {
		return 0
	}
	return 1
}

// feeLine is what the store pays of the day (below zero: it is paid), as a line of its own.
func feeLine(n int, s kaopass.Settlement) []string {
	return []string{strconv.Itoa(n), "fee", s.ClosedAt.In(views.VenueZone).Format("2006-01-02 15:04:05"), s.ClosedAt.UTC().Format(time.RFC3339), "", "",
		string(s.FeeTransfer), "", "", "", "", strconv.FormatInt(-s.Fees.Value, 10),
		strconv.Itoa(s.FeePoints) + " basis points; base " + strconv.FormatInt(int64(s.FeeBase), 10)}
}

func settlementRow(n int, l db.SettlementLine) []string {
	return []string{strconv.Itoa(n), l.Kind, l.At.In(views.VenueZone).Format("2006-01-02 15:04:05"), l.At.UTC().Format(time.RFC3339),
		string(l.Payment), string(l.Refund), string(l.ID), string(l.Device), respond.Cell(l.TillName), respond.Cell(l.OrderRef),
		string(l.MethodKind), strconv.FormatInt(l.Signed(), 10), respond.Cell(l.Why)}
}
