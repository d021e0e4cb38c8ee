package till_test

import (
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
)

// usbPrinter stands in for a receipt printer on a USB cable: it takes whatever is sent and keeps it.
const usbPrinter = `globalThis.prints = 0; globalThis.print = () => { prints++; };
	globalThis.paper = []; globalThis.jam = false;
	const alternates = [{ interfaceClass: 7, endpoints: [{ direction: 'in', type: 'bulk', endpointNumber: 1 }, { direction: 'out', type: 'bulk', endpointNumber: 2 }] }];
	const device = { opened: false, configuration: null,
		async open() { this.opened = true; },
		async selectConfiguration() { this.configuration = { interfaces: [{ interfaceNumber: 0, alternates: [{ interfaceClass: 3, endpoints: [] }] }, { interfaceNumber: 1, alternates }] }; },
		async claimInterface(n) { if (n !== 1) throw new Error('another interface'); },
		async transferOut(endpoint, bytes) { if (jam || endpoint !== 2) return { status: 'stall' }; paper.push(...bytes); return { status: 'ok' }; } };
	const usb = new EventTarget();
	usb.getDevices = async () => [];
	usb.requestDevice = async (o) => { if (o.filters[0].classCode !== 7) throw new Error('another class'); return device; };
	Object.defineProperty(navigator, 'usb', { value: usb, configurable: true });`

// printed is what lies in the printer's tray, which is emptied.
func (s shop) printed(t *testing.T) []byte {
	t.Helper()
	text := s.Run(`(() => { let all = ''; for (const b of paper) all += String.fromCharCode(b); paper = []; return btoa(all); })()`)
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// picture reads raster bytes as a printer does: ESC @, bands of GS v 0, feed, cut, and nothing else.
func picture(t *testing.T, bytes []byte) *image.Gray {
	t.Helper()
	rest, ok := strings.CutPrefix(string(bytes), "\x1b@")
	rest, cut := strings.CutSuffix(rest, "\x1bd\x03\x1dVB\x00")
	if !ok || !cut {
		t.Fatalf("%d bytes without a beginning or an end", len(bytes))
	}
	img := image.NewGray(image.Rectangle{})
	for len(rest) > 0 {
		if !strings.HasPrefix(rest, "\x1dv0\x00") || len(rest) < 8 {
			t.Fatalf("no band but %q", rest[:min(8, len(rest))])
		}
		across, rows := int(rest[4])+256*int(rest[5]), int(rest[6])+256*int(rest[7])
		if rest = rest[8:]; len(rest) < across*rows {
			t.Fatal("a band is cut")
		}
		img = extended(img, across*8, rows, rest)
		rest = rest[across*rows:]
	}
	return img
}

func extended(img *image.Gray, width, rows int, dots string) *image.Gray {
	top := img.Bounds().Dy()
	out := image.NewGray(image.Rect(0, 0, width, top+rows))
	copy(out.Pix, img.Pix)
	for y := range rows {
		for x := range width {
			if dots[y*width/8+x/8]>>(7-x%8)&1 == 0 {
				out.SetGray(x, top+y, color.Gray{Y: 255})
			}
		}
	}
	return out
}

// inkedRows counts the rows of dots with any black, and the columns.
func inked(img *image.Gray) (rows, columns int) {
	seen := map[int]bool{}
	for y := range img.Bounds().Dy() {
		any := false
		for x := range img.Bounds().Dx() {
			if img.GrayAt(x, y).Y == 0 {
				any, seen[x] = true, true
			}
		}
		if any {
			rows++
		}
	}
	return rows, len(seen)
}

func (s shop) keep(t *testing.T, name string, img image.Image) {
	t.Helper()
	folder := os.Getenv("KAOPASS_SHOTS")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, t.Name()+"-"+name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A Korean payer's receipt goes to the printer as a picture, a Japanese one as text; a printer that does not take it leaves
// the receipt among those not printed; the clerk's report is printed the same way.
func TestBrowserTillPrintsOnAPrinter(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) { screen.Before = usbPrinter })
	s.Click("#printer-connect")
	s.Says("#printer-state", apitest.Words(kaopass.English).T("till.printerOn"))
	s.types("1", "2", "8", "0")
	s.confirms()
	s.Click("#pay")
	s.Sees("#verdict.go")
	s.Run("jam = true; ''")
	s.Click("#print:enabled")
	s.Says("[data-printer-says]", apitest.Words(kaopass.English).T("till.printerTrouble"))
	s.Run("jam = false; ''")
	s.Click("#print:enabled")
	s.Sees("#till:has(#unprinted[hidden])") // reported as printed
	img := picture(t, s.printed(t))
	s.keep(t, "korean", img)
	if rows, columns := inked(img); img.Bounds().Dx() != 384 || img.Bounds().Dy() < 300 || rows < 120 || columns < 340 {
		t.Errorf("a picture of %v with %d rows and %d columns of ink", img.Bounds(), rows, columns)
	}

	s.Click(`#languages [value="ja"]`) // the customer wants it in Japanese
	s.Says("#paper", apitest.Words(kaopass.Japanese).T("receipt.title"))
	s.Click("#print:enabled")
	s.Says("#word", apitest.Words(kaopass.Japanese).T("till.say.paid"))
	s.Run(`new Promise((done) => { const look = () => paper.length ? done('') : setTimeout(look, 50); look(); }); ''`)
	text := s.waitPrinted(t)
	if !strings.HasPrefix(string(text), "\x1b@\x1bR\x08") || strings.Contains(string(text), "\x1dv0") {
		t.Errorf("no text: %q", text)
	}

	s.Sees("#another:enabled")
	s.ClickUntil("#another", `#till[data-step="amount"] #pad`)
	s.Run(`(() => { const w = document.querySelector('#printer-width'); w.value = '80'; w.dispatchEvent(new Event('change')); return ''; })()`)
	s.Click("#recent [data-does=print]")
	if img = picture(t, s.waitPrinted(t)); img.Bounds().Dx() != 576 {
		t.Errorf("paper of 80 mm has %v", img.Bounds())
	}
	s.keep(t, "korean-80", img)

	s.Click("#day-report")
	s.Says("#day-paper", "¥1,280")
	s.Click("#day-print:enabled")
	if text = s.waitPrinted(t); !strings.Contains(string(text), "Day so far") {
		t.Errorf("the report: %q", text)
	}
	if prints := s.Run("String(prints)"); prints != "0" {
		t.Errorf("the browser's own dialog came %s times", prints)
	}
}

// waitPrinted waits until something ends with a cut.
func (s shop) waitPrinted(t *testing.T) []byte {
	t.Helper()
	s.Sees("body")
	for range 200 {
		if s.Run(`String(paper.length > 4 && paper.at(-2) === 66 && paper.at(-3) === 86)`) == "true" {
			return s.printed(t)
		}
		s.Sees("body")
	}
	t.Fatal("nothing was printed")
	return nil
}

// onPaper looks at what the browser prints on rolls of both widths: all of it is within what a printer of that width reaches.
func (s shop) onPaper(t *testing.T) {
	t.Helper()
	for mm, reach := range map[int64]int64{58: 49, 80: 72} {
		s.Resize(mm*96*10/254, 844)
		over := s.Run(`(() => { const dots = document.querySelector('#paper').getBoundingClientRect(), mm = 96 / 25.4;
			const far = [...document.querySelectorAll('#paper *')].filter((e) => e.getBoundingClientRect().right > dots.right + 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0);
			return dots.width > ` + strconv.FormatInt(reach, 10) + ` * mm || far.length ? Math.round(dots.width / mm) + ' mm, over: ' + far.map((e) => e.textContent).join() : ''; })()`)
		if over != "" {
			t.Errorf("on paper of %d mm: %s", mm, over)
		}
		s.Shot("on paper " + strconv.FormatInt(mm, 10))
	}
}

// The report of the day, on the screen and on paper; yesterday's, and no tomorrow.
func TestBrowserTillShowsItsDay(t *testing.T) {
	s := openShop(t, apitest.FranckClip, func(screen *apitest.Screen) {
		screen.Width, screen.Height, screen.Language, screen.Before, screen.Strict = 390, 844, kaopass.Japanese, `globalThis.print = () => {};`, true
	})
	w := apitest.Words(kaopass.Japanese)
	s.sells("1500")
	s.Click("#day-report")
	s.Says("#day-paper", w.T("receipt.day.running"))
	s.Says("#day-paper", "1,500円")
	s.Says("#day-paper", w.T("receipt.day.unsettled"))
	s.Level()
	s.Shot("day")
	s.Accessible("day")
	if s.Run(`String(document.querySelector('#day-after').disabled)`) != "true" {
		t.Error("there is a tomorrow")
	}
	s.Click("#day-print:enabled")
	s.Says("#paper", "1,500円")
	s.Media("print")
	if shown := s.Run("[...document.querySelectorAll('#till > *')].filter((e) => e.offsetParent).map((e) => e.className).join()"); shown != "receipt" {
		t.Errorf("printed: %s", shown)
	}
	s.onPaper(t)
	s.Media("")
	s.Resize(390, 844)
	s.Click("#day-before:enabled")
	s.Says("#day-paper", w.T("receipt.day.nothing"))
	s.Click("#day-after:enabled")
	s.Says("#day-paper", "1,500円")
	s.Click(`[data-shows="day"] [data-to-till]`)
	s.Sees(`#till[data-step="amount"]`)
}
