package views_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var (
	box = regexp.MustCompile(`viewBox="0 0 (\d+) `)
	run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`)
)

// readQR paints the path of a QR component, eight pixels a module, and lets gozxing read it.
func readQR(t *testing.T, svg string) string {
	t.Helper()
	const module = 8
	side := number(t, box.FindStringSubmatch(svg)[1]) * module
	img := image.NewGray(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for _, m := range run.FindAllStringSubmatch(svg, -1) {
		x, y, w := number(t, m[1])*module, number(t, m[2])*module, number(t, m[3])*module
		draw.Draw(img, image.Rect(x, y, x+w, y+module), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"})
	if err != nil {
		return fmt.Sprintf("(unreadable: %v)", err)
	}
	return strings.TrimSpace(result.GetText())
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
