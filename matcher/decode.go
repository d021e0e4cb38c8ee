package matcher

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	standard "image/jpeg"
	"image/png"

	"golang.org/x/image/vp8"

	"github.com/kaopass/kaopass/matcher/jpeg"
)

// The limits of an image, looked at before anything is decoded (PROTOCOL, "Limits").
const (
	ImageBytesMax  = 4 << 20
	ImagePixelsMax = 12_000_000
	ImageSideMin   = 160 // pixels of the shorter side
	jpegScansMax   = 64  // a progressive JPEG has about 10; each scan may touch every pixel again
)

// ImageKind is what was wrong with an image.
type ImageKind string

// The kinds, as the device protocol names them.
const (
	ImageTooLarge   ImageKind = "image_too_large"  // in bytes or in pixels
	ImageType       ImageKind = "image_type"       // neither JPEG nor PNG
	ImageUnreadable ImageKind = "image_unreadable" // broken, or too small to see a face in
)

// ImageError says that the bytes sent are not an image that we look at. It says no more than its kind.
type ImageError struct{ Kind ImageKind }

// Error answers the kind.
func (e *ImageError) Error() string { return "matcher: " + string(e.Kind) }

// Decode reads a JPEG or a PNG, known by its first bytes and not by its name, upright as its EXIF says. Its size is
// judged from the header, so that a small file that claims to be a huge picture costs nothing. The error is an
// *ImageError.
func Decode(b []byte) (image.Image, error) {
	if err := CheckImage(b); err != nil {
		return nil, err
	}
	return decodeChecked(b)
}

// CheckImage refuses what Decode would not look at, at the price of reading a header. The error is an *ImageError.
func CheckImage(b []byte) error {
	if len(b) > ImageBytesMax {
		return &ImageError{ImageTooLarge}
	}
	var header image.Config
	var err error
	switch {
	case isJPEG(b):
		header, err = standard.DecodeConfig(bytes.NewReader(b))
	case isPNG(b):
		header, err = png.DecodeConfig(bytes.NewReader(b))
	default:
		return &ImageError{ImageType}
	}
	switch {
	case err != nil:
		return &ImageError{ImageUnreadable}
	case int64(header.Width)*int64(header.Height) > ImagePixelsMax:
		return &ImageError{ImageTooLarge}
	case min(header.Width, header.Height) < ImageSideMin:
		return &ImageError{ImageUnreadable}
	}
	return nil
}

func isJPEG(b []byte) bool { return bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}) }
func isPNG(b []byte) bool  { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }

func decodeChecked(b []byte) (image.Image, error) {
	if isPNG(b) {
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			return nil, &ImageError{ImageUnreadable}
		}
		return toYCbCr(img), nil
	}
	info := readJPEG(b)
	if info.scans > jpegScansMax {
		return nil, &ImageError{ImageTooLarge}
	}
	if p, err := jpeg.Decode(b); err == nil { // what cameras send; all else is the standard library's to judge
		return upright(p, info.orientation), nil
	}
	img, err := standard.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, &ImageError{ImageUnreadable}
	}
	return upright(toYCbCr(img), info.orientation), nil
}

// DecodeVP8 reads one VP8 key frame as a camera sends it, in the range that photos have; see [FullRange].
func DecodeVP8(frame []byte) (image.Image, error) {
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(frame), len(frame))
	header, err := d.DecodeFrameHeader()
	switch {
	case err != nil || !header.KeyFrame:
		return nil, &ImageError{ImageUnreadable}
	case header.Width*header.Height > ImagePixelsMax || len(frame) > ImageBytesMax:
		return nil, &ImageError{ImageTooLarge}
	case min(header.Width, header.Height) < ImageSideMin:
		return nil, &ImageError{ImageUnreadable}
	}
	img, err := d.DecodeFrame()
	if err != nil {
		return nil, &ImageError{ImageUnreadable}
	}
	return FullRange(img), nil
}

// FullRange maps the narrow range of video (ITU-R BT.601: luma 16 to 235, colour 16 to 240; RFC 6386, section 9.2), which
// x/image/vp8 leaves as it is, to the 0 to 255 of photos, in place, and answers the same picture. Without it a face seen
// by video is paler than the same face in a photo, and half as far from a print.
func FullRange(p *image.YCbCr) *image.YCbCr {
	var luma, colour [256]uint8
	for i := range luma {
		luma[i] = uint8(min(max((i-16)*255+109, 0)/219, 255))
		colour[i] = uint8(min(max((i-128)*255+128*224+112, 0)/224, 255))
	}
	for i, v := range p.Y {
		p.Y[i] = luma[v]
	}
	for i, v := range p.Cb {
		p.Cb[i] = colour[v]
	}
	for i, v := range p.Cr {
		p.Cr[i] = colour[v]
	}
	return p
}

// errNoImage is a caller's mistake, not a person's.
var errNoImage = errors.New("matcher: no image, or more than FramesMax")

// toYCbCr gives every picture the form that JPEG and VP8 have, so that there is one way through the stages.
func toYCbCr(img image.Image) *image.YCbCr {
	switch p := img.(type) {
	case *image.YCbCr:
		return p
	case *image.Gray:
		return fromGray(p)
	}
	r := img.Bounds()
	out := image.NewYCbCr(image.Rect(0, 0, r.Dx(), r.Dy()), image.YCbCrSubsampleRatio444)
	for y := range r.Dy() {
		for x := range r.Dx() {
			cr, cg, cb, _ := img.At(r.Min.X+x, r.Min.Y+y).RGBA() // premultiplied: what is transparent is black
			o := y*out.YStride + x
			out.Y[o], out.Cb[o], out.Cr[o] = color.RGBToYCbCr(uint8(cr>>8), uint8(cg>>8), uint8(cb>>8))
		}
	}
	return out
}

func fromGray(p *image.Gray) *image.YCbCr {
	r := p.Bounds()
	out := image.NewYCbCr(image.Rect(0, 0, r.Dx(), r.Dy()), image.YCbCrSubsampleRatio420)
	for y := range r.Dy() {
		copy(out.Y[y*out.YStride:], p.Pix[y*p.Stride:y*p.Stride+r.Dx()])
	}
	for i := range out.Cb {
		out.Cb[i], out.Cr[i] = 128, 128
	}
	return out
}
