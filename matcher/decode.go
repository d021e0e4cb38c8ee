package matcher

import (
	"errors"
	"image"
)

// ImageKind is what was wrong with an image.
type ImageKind string

// The kinds, as the device protocol names them.
const (
	ImageTooLarge   ImageKind = "image_too_large"
	ImageType       ImageKind = "image_type"
	ImageUnreadable ImageKind = "image_unreadable"
)

// ImageError says that the bytes sent are not an image that we look at. It says no more than its kind.
type ImageError struct{ Kind ImageKind }

// Error answers the kind.
func (e *ImageError) Error() string { return "matcher: " + string(e.Kind) }

// Decode reads a JPEG or a PNG, whatever its name.
func Decode(b []byte) (image.Image, error) { return nil, errors.New("matcher: not built yet") }
