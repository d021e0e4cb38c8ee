package gate_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/device"
	"github.com/kaopass/kaopass/handlers/gate"
	"github.com/kaopass/kaopass/static/browsertest"
)

// screens is a venue whose screens can be claimed, and a visitor.
func screens(t *testing.T) (*apitest.Venue, apitest.Person) {
	t.Helper()
	browsertest.Chromium(t)
	v := apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		(&device.Device{DB: v.DB}).Routes(r, v.Access)
		(&gate.Gate{Faces: v.Faces, DB: v.DB}).Routes(r, v.Access)
	})
	return v, v.Enrol(t, "Taro Yamada", "4821", 5000, apitest.Photo(t, apitest.Franck), apitest.Photo(t, apitest.Franck2))
}

func tablet(t *testing.T, clip, qr string, frames ...int) apitest.Screen {
	t.Helper()
	return apitest.Screen{Width: 800, Height: 1280, Language: kaopass.Japanese, Movie: apitest.Movie(t, clip, qr, frames...)}
}

// A scanner types the ticket; the face is the camera's; the result is in the visitor's language; a moment later the
// visitor counts as gone through.
func TestBrowserLaneLetsIn(t *testing.T) {
	v, person := screens(t)
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", tablet(t, apitest.FranckClip, "", 0, 3, 5))
	tab.Sees(`#lane[data-state="ready"]`)
	tab.Shot("ready")
	tab.Accessible("ready")
	tab.Press(person.Ticket.QR + "\r")
	tab.Sees("#verdict.go")
	tab.Shot("go")
	korean := apitest.Words(kaopass.Korean)
	if said := tab.Text("#word"); said != korean.T("gate.say.go") {
		t.Errorf("a visitor who speaks Korean was told %q", said)
	}
	tab.Sees(`#lane[data-state="ready"]`)
	tab.Says("#recent", apitest.Words(kaopass.Japanese).T("gate.passed"))
	tab.Says("#inside", "1")
	tab.Shot("passed")
	tab.Accessible("passed")
}

// One camera sees the face and the ticket.
func TestBrowserLaneReadsTheTicket(t *testing.T) {
	v, person := screens(t)
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", tablet(t, apitest.FranckClip, person.Ticket.QR, 0, 3))
	tab.Sees("#verdict.go")
	tab.Shot("go")
}

func TestBrowserLaneTakesBack(t *testing.T) {
	v, person := screens(t)
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", tablet(t, apitest.FranckClip, "", 0, 3, 5))
	tab.Sees(`#lane[data-state="ready"]`)
	tab.Press(person.Ticket.QR + "\r")
	tab.Sees("#verdict.go")
	tab.Sees("#recent button")
	tab.Click("#recent button")
	tab.Says("#recent", apitest.Words(kaopass.Japanese).T("gate.undone"))
	tab.Says("#inside", "0")
	tab.Shot("undone")
	tab.Accessible("undone")
}

// Somebody else's face is asked once more, and then for staff.
func TestBrowserLaneAsksStaff(t *testing.T) {
	v, person := screens(t)
	screen := tablet(t, apitest.LaptopClip, "", 1, 3)
	screen.Language = kaopass.English
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", screen)
	tab.Sees(`#lane[data-state="ready"]`)
	tab.Press(person.Ticket.QR + "\r")
	tab.Sees("#lane[data-state=looking]")
	tab.Shot("looking")
	tab.Sees("#verdict.again")
	tab.Shot("again")
	tab.Accessible("again")
	tab.Sees("#verdict.staff")
	tab.Shot("staff")
	tab.Accessible("staff")
}

// A gate that is taken out of service stops at once and says how to go on.
func TestBrowserLaneIsRevoked(t *testing.T) {
	v, _ := screens(t)
	tab, device := v.Claim(t, kaopass.Gate, "east-01", "east", tablet(t, apitest.FranckClip, "", 0))
	tab.Sees(`#lane[data-state="ready"]`)
	if err := v.DB.RevokeDevice(t.Context(), device.ID, "test"); err != nil {
		t.Fatal(err)
	}
	tab.Sees("#field-code")
}

func TestBrowserLaneWithoutACamera(t *testing.T) {
	v, _ := screens(t)
	screen := tablet(t, apitest.FranckClip, "", 0)
	screen.Before = `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`
	tab, _ := v.Claim(t, kaopass.Gate, "east-01", "east", screen)
	tab.Sees(`[data-trouble="refused"]`)
	tab.Shot("refused")
	tab.Accessible("refused")
}
