package request

import (
	"mime"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// Form is what a device sent.
type Form struct {
	Photos [][]byte // 1 to matcher.FramesMax, checked
	fields map[string]string
}

// Field is a text field, or "".
func (f Form) Field(name string) string { return f.fields[name] }

// Need is a text field that the request cannot do without; the error is the answer to its absence.
func (f Form) Need(name string) (string, error) {
	if f.fields[name] == "" {
		return "", respond.Field(name, "Send "+name+".")
	}
	return f.fields[name], nil
}

// Photos takes photos and fields out of a request: multipart/form-data, the photo as the whole body (its fields in the
// query or in Kaopass- headers), or JSON with base64. Errors are answers: a respond.Problem or a *matcher.ImageError.
func Photos(c *fiber.Ctx) (Form, error) {
	if len(c.Body()) > RequestMax {
		return Form{}, &matcher.ImageError{Kind: matcher.ImageTooLarge}
	}
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil {
		return Form{}, &matcher.ImageError{Kind: matcher.ImageType}
	}
	f := Form{fields: map[string]string{}}
	switch {
	case kind == fiber.MIMEMultipartForm:
		err = f.readParts(c.Body(), params["boundary"])
	case kind == fiber.MIMEApplicationJSON:
		err = f.readJSON(c.Body())
	default:
		err = f.readRaw(c)
	}
	if err != nil {
		return Form{}, err
	}
	return f, check(f.Photos)
}

// readRaw is the cheapest form: one photo, nothing around it.
func (f *Form) readRaw(c *fiber.Ctx) error {
	f.Photos = [][]byte{c.Body()}
	for name, values := range c.GetReqHeaders() {
		if field, ours := strings.CutPrefix(strings.ToLower(name), "kaopass-"); ours && len(values) > 0 {
			f.set(strings.ReplaceAll(field, "-", "_"), values[0])
		}
	}
	for name, value := range c.Queries() {
		f.set(name, value)
	}
	return f.overfull()
}

func (f *Form) set(name, value string) {
	if len(f.fields) <= FieldsMax && len(value) <= FieldMax {
		f.fields[name] = value
	}
}

// overfull answers a request with more fields than any of ours has.
func (f *Form) overfull() error {
	if len(f.fields) > FieldsMax {
		return malformed("There are too many fields.")
	}
	return nil
}
