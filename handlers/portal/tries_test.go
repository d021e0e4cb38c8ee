package portal_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/portal"
)

// Somebody who held pictures to the camera too often is told to wait, in the words of every capture that ends, and goes
// on when the time is over.
func TestTooManyCaptures(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForAdmission)
	id := v.me(t, b)
	for range kaopass.CaptureTries {
		if err := v.DB.CaptureEnded(t.Context(), id, string(id), kaopass.NotLive); err != nil {
			t.Fatal(err)
		}
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 320, 240)), nil); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/capture/still", &photo)
	r.Header.Set("Content-Type", "image/jpeg")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.send(r).is(200, `"ended":"too_many_tries"`)
	if leave, err := v.DB.MayCapture(t.Context(), id); err != nil || leave.Reason != kaopass.TooManyTries {
		t.Errorf("%+v, %v", leave, err)
	}
	v.wait(kaopass.CaptureTriesWithin)
	if leave, err := v.DB.MayCapture(t.Context(), id); err != nil || leave.Reason != "" || leave.Missed != kaopass.CaptureTries {
		t.Errorf("half an hour later: %+v, %v", leave, err)
	}
	b.get("/me/uses").is(200, "Your face was not kept")
}

// Each change is a line of the log that nobody can take out again: nobody writes hundreds. Taking it back is never too much.
func TestManyChangesAreTooMany(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	for range portal.ChangesPerMinute {
		b.post("/me/language", "language", "en").is(303)
	}
	if a := b.post("/me/payments", "frozen", "yes", "back", "/wallet").is(429); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	v.signIn(t, "hana@example.jp").post("/me/language", "language", "en").is(303)
	b.post("/me/delete").is(303)
}
