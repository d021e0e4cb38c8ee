package request

import (
	"bytes"
	"image"
	_ "image/jpeg" // the two formats that the protocol names
	_ "image/png"

	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// Limits of a request with photos (PROTOCOL, "Limits").
const (
	RequestMax = 12 << 20   // bytes of the whole request
	BytesMax   = 4 << 20    // bytes of one photo
	PixelsMax  = 12_000_000 // width times height of one photo
	SideMin    = 160        // pixels of the shorter side
	FieldMax   = 4 << 10    // bytes of one text field
	FieldsMax  = 16         // text fields
)

// check looks at size, type and header of every photo: a *[matcher.ImageError] names what is wrong with the first that
// will not do.
func check(photos [][]byte) error {
	if len(photos) == 0 {
		return respond.Field("image", "Send an image.")
	}
	if len(photos) > matcher.FramesMax {
		return respond.Field("image", "At most 5 images of one approach.")
	}
	for _, b := range photos {
		if kind := fault(b); kind != "" {
			return &matcher.ImageError{Kind: kind}
		}
	}
	return nil
}

// fault judges one photo by its length, its first bytes and its header. What a file is called does not matter.
func fault(b []byte) matcher.ImageKind {
	switch {
	case len(b) > BytesMax:
		return matcher.ImageTooLarge
	case !isJPEG(b) && !isPNG(b):
		return matcher.ImageType
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(b))
	switch {
	case err != nil:
		return matcher.ImageUnreadable
	case int64(head.Width)*int64(head.Height) > PixelsMax:
		return matcher.ImageTooLarge
	case min(head.Width, head.Height) < SideMin:
		return matcher.ImageUnreadable
	}
	return ""
}

func isJPEG(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }

func isPNG(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }
