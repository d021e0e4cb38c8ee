package request

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"

	"github.com/kaopass/kaopass/matcher"
)

// readParts walks a multipart body (RFC 7578) part by part, without a temporary file.
func (f *Form) readParts(body []byte, boundary string) error {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for parts := 0; ; parts++ {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || parts > FieldsMax {
			return malformed("The multipart body breaks off or has too many parts.")
		}
		if err := f.readPart(part); err != nil {
			return err
		}
	}
}

func (f *Form) readPart(part *multipart.Part) error {
	limit := FieldMax
	if part.FormName() == "image" {
		limit = matcher.ImageBytesMax
	}
	b, err := io.ReadAll(io.LimitReader(part, int64(limit)+1))
	switch {
	case err != nil:
		return malformed("The multipart body breaks off or has too many parts.")
	case part.FormName() == "image":
		f.Photos = append(f.Photos, b)
	case len(b) > FieldMax:
		return malformed("A field is too long.")
	default:
		f.set(part.FormName(), string(b))
	}
	return nil
}
