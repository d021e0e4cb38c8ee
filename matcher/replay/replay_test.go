package replay

import (
	"image"
	"image/color"
	_ "image/jpeg" // to read the picture
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// card is a picture whose corners differ.
func card() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 120, 90))
	for i := range 120 * 90 {
		x, y := i%120, i/120
		img.SetRGBA(x, y, color.RGBA{uint8(2 * x), uint8(2 * y), 120, 255})
	}
	return img
}

// small is a camera of few pixels: the tests look at what is where, not at how fine it is.
func small(kind Kind, seed uint64, frames int) (all []*image.RGBA) {
	for _, f := range film(kind, seed, slices.Repeat([]image.Image{card()}, frames), image.Point{X: 160, Y: 120}) {
		all = append(all, f.(*image.RGBA))
	}
	return all
}

func TestTheSameSeedIsTheSamePicture(t *testing.T) {
	for _, kind := range Kinds() {
		a, b, other := small(kind, 7, 1)[0], small(kind, 7, 1)[0], small(kind, 8, 1)[0]
		if string(a.Pix) != string(b.Pix) {
			t.Errorf("%s: not the same twice", kind)
		}
		if string(a.Pix) == string(other.Pix) {
			t.Errorf("%s: another seed shows nothing else", kind)
		}
	}
	if same := small(Paper, 7, 1)[0]; string(same.Pix) == string(small(Bent, 7, 1)[0].Pix) {
		t.Error("two kinds of one seed are one picture")
	}
}

// What is shown is in the middle of what is seen and upright; a lamp in the glass may outshine it, mostly it does not.
func TestThePictureIsInTheMiddle(t *testing.T) {
	for _, kind := range Kinds() {
		right := 0
		const tries = 9
		for seed := range uint64(tries) {
			img := small(kind, seed, 1)[0]
			mean := func(x, y, c int) (sum int) {
				for i := range 100 {
					sum += int(img.Pix[img.PixOffset(x+i%10, y+i/10)+c])
				}
				return sum
			}
			if mean(55, 55, 0) < mean(95, 55, 0) && mean(75, 35, 1) < mean(75, 75, 1) {
				right++
			}
		}
		if right < tries*2/3 {
			t.Errorf("%s: red grows to the right and green downwards in %d of %d", kind, right, tries)
		}
	}
}

func TestAHandIsNotQuiteStill(t *testing.T) {
	frames := small(Phone, 3, 3)
	if len(frames) != 3 || string(frames[0].Pix) == string(frames[1].Pix) {
		t.Error("nothing moves")
	}
	if full := Draw(Borderless, 1, card()); full.Bounds().Dx() != Width || full.Bounds().Dy() != Height {
		t.Errorf("%v", full.Bounds())
	}
}

// KAOPASS_DRAW=<face.jpg or .png> go test -run Look writes one of each, to look at.
func TestLook(t *testing.T) {
	name := os.Getenv("KAOPASS_DRAW")
	if name == "" {
		t.Skip("KAOPASS_DRAW names no picture")
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	face, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds() {
		out, err := os.Create(filepath.Join(os.TempDir(), "replay-"+string(kind)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(out, Draw(kind, 1, face)); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
