package request

import (
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// Limits of a request with photos (PROTOCOL, "Limits"); those of one photo are the matcher's.
const (
	RequestMax = 12 << 20 // bytes of the whole request
	FieldMax   = 4 << 10  // bytes of one text field
	FieldsMax  = 16       // text fields
)

// check looks at the number of photos, and at size, type and header of each: a *[matcher.ImageError] names what is wrong
// with the first that will not do, also where nobody would have looked at it.
func check(photos [][]byte) error {
	if len(photos) == 0 {
		return respond.Field("image", "Send an image.")
	}
	if len(photos) > matcher.FramesMax {
		return respond.Field("image", "At most 5 images of one approach.")
	}
	for _, b := range photos {
		if err := matcher.CheckImage(b); err != nil {
			return err
		}
	}
	return nil
}
