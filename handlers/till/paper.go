package till

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	paper "github.com/kaopass/kaopass/views/receipt"
)

// columns are those of a printer, by the width of its paper in millimetres.
func columns(width string) (int, bool) {
	switch width {
	case "", "58":
		return paper.Columns58, true
	case "80":
		return paper.Columns80, true
	}
	return 0, false
}

// paperLanguage is the language to print in: of the request, one that is named, or with ?language=payer what whoever paid
// reads, as far as it is known.
func paperLanguage(c *fiber.Ctx, payer kaopass.Language) (kaopass.Language, error) {
	switch l := kaopass.Language(c.Query("language")); {
	case l == "", l == "payer" && payer == "":
		return access.Language(c), nil
	case l == "payer":
		return payer, nil
	case slices.Contains(kaopass.Languages(), l):
		return l, nil
	}
	return "", respond.Field("language", "payer, ja, en, zh-Hans or ko.")
}

// sendPaper answers lines as text, or as the bytes for a printer: those that its font can print.
func sendPaper(c *fiber.Ctx, form string, columns int, lines, printable []paper.Line) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	switch form {
	case "text":
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
		return c.SendString(paper.Text(lines, columns))
	case "escpos":
		c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
		return c.Send(paper.ESCPOS(printable, columns))
	}
	return respond.Field("format", "json, text or escpos.")
}
