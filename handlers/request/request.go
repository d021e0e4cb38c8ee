// Package request reads what a device or a page sends: photos in each of the three forms the protocol allows, small JSON
// bodies, and the part of a list that is wanted.
//
// Start at [Photos] and [JSON]. What stays true: nothing here decodes a pixel, so a decompression bomb costs a look at
// its header; no body is copied to disk; every loop has a named limit; an error is an answer ([respond.Problem] or
// [matcher.ImageError]) that names the field at fault and repeats nothing of what was sent.
package request

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
)

// JSONMax is the longest JSON body without a photo, in bytes.
const JSONMax = 16 << 10

// JSON reads a JSON body into v, a pointer to a struct. An empty body is an empty object; a field that v does not know
// is passed over, so that a newer terminal can speak to an older venue.
func JSON(c *fiber.Ctx, v any) error {
	body := c.Body()
	if len(body) == 0 {
		return nil
	}
	if len(body) > JSONMax {
		return respond.TooLarge
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	err := d.Decode(v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return respond.Field(kind.Field, "It has to be of another type.")
	case err != nil:
		return malformed("The body is not the JSON object described.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed("The body goes on after the JSON object.")
	}
	return nil
}

// Page reads `?limit=` and `?cursor=`.
func Page(c *fiber.Ctx) (db.Page, error) {
	limit, err := strconv.Atoi(c.Query("limit", strconv.Itoa(db.PageDefault)))
	if err != nil || limit < 1 || limit > db.PageMax {
		return db.Page{}, respond.Field("limit", "1 to 200.")
	}
	return db.Page{Limit: limit, Cursor: c.Query("cursor")}, nil
}

// ID reads the identifier in the path; one that was never made here is simply not found.
func ID(c *fiber.Ctx, prefix kaopass.Prefix) (string, error) {
	id := c.Params("id")
	if !prefix.Is(id) {
		return "", respond.NotFound
	}
	return id, nil
}

func malformed(detail string) error {
	p := respond.AsProblem(fiber.ErrBadRequest)
	p.Detail = detail
	return p
}

// Time reads an RFC 3339 time; an empty text is no time.
func Time(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, respond.Field(field, "A time as RFC 3339 writes it, like 2027-04-13T09:00:00Z.")
	}
	return t, nil
}

// Next is the cursor of an answer: null where the list has ended.
func Next(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}
