package request_test

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// A bomb is refused before it goes off, whatever it says of itself; a body as it is passes.
func TestNoBodyIsUnpacked(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, _ = w.Write(make([]byte, 50<<20)) // a buffer takes every write
	_ = w.Close()
	looked := 0
	app := fiber.New(fiber.Config{ErrorHandler: respond.Error, DisablePreParseMultipartForm: true})
	app.Use(request.Unpacked)
	app.Post("/", func(c *fiber.Ctx) error { looked = max(looked, len(c.Body()), len(c.FormValue("x"))); return nil })
	for _, c := range []struct {
		codings []string
		want    int
	}{
		{nil, 200}, {[]string{""}, 200}, {[]string{"identity"}, 200}, {[]string{"gzip"}, 415}, {[]string{"GZIP"}, 415},
		{[]string{"identity, gzip"}, 415}, {[]string{"gzip, gzip"}, 415}, {[]string{"identity", "gzip"}, 415}, {[]string{"br"}, 415},
		{[]string{"deflate"}, 415}, {[]string{"zstd"}, 415},
	} {
		req := httptest.NewRequest("POST", "/", bytes.NewReader(bomb.Bytes()))
		req.Header["Content-Encoding"] = c.codings
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		res, err := app.Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != c.want || c.want == 415 && res.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("%q: %d", c.codings, res.StatusCode)
		}
	}
	if looked > bomb.Len() {
		t.Errorf("%d bytes became %d", bomb.Len(), looked)
	}
}
