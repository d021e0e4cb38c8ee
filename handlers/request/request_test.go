package request_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// try sends one request to a handler and answers what the handler made of it.
func try(t testing.TB, req *http.Request, handle fiber.Handler) {
	t.Helper()
	app := fiber.New(fiber.Config{DisablePreParseMultipartForm: true, BodyLimit: 32 << 20})
	app.All("/*", handle)
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 200, 200))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// code names what was wrong, as a client would be told.
func code(err error) string {
	if err == nil {
		return ""
	}
	return respond.AsProblem(err).Code
}

func TestRawPhotoTakesItsFieldsFromHeadersAndQuery(t *testing.T) {
	req := httptest.NewRequest("POST", "/x?direction=exit", bytes.NewReader(picture(t)))
	req.Header.Set("Content-Type", "image/png")
	req.Header.Set("Kaopass-Ticket", "KPT1.x")
	req.Header.Set("Kaopass-Captured-At", "now")
	try(t, req, func(c *fiber.Ctx) error {
		f, err := request.Photos(c)
		if err != nil || len(f.Photos) != 1 || f.Field("ticket") != "KPT1.x" || f.Field("captured_at") != "now" || f.Field("direction") != "exit" {
			t.Errorf("%+v, %v", f, err)
		}
		if _, err := f.Need("colour"); code(err) != "field" {
			t.Errorf("a field that is not there: %v", err)
		}
		return nil
	})
}

// form writes a multipart body with so many photos and text fields.
func form(t testing.TB, photos, fields int, value string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for range photos {
		part, err := w.CreateFormFile("image", "face.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(picture(t)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range fields {
		if err := w.WriteField(strings.Repeat("f", i+1), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/", &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return req
}

func TestLimitsOfAForm(t *testing.T) {
	for _, c := range []struct {
		name           string
		photos, fields int
		value, code    string
	}{
		{"as many as there may be", matcher.FramesMax, 3, "v", ""},
		{"a photo more", matcher.FramesMax + 1, 0, "", "field"},
		{"no photo", 0, 1, "v", "field"},
		{"too many fields", 1, request.FieldsMax + 1, "v", "request_unreadable"},
		{"a field too long", 1, 1, strings.Repeat("v", request.FieldMax+1), "request_unreadable"},
	} {
		try(t, form(t, c.photos, c.fields, c.value), func(ctx *fiber.Ctx) error {
			if f, err := request.Photos(ctx); code(err) != c.code {
				t.Errorf("%s: %d photos, %v", c.name, len(f.Photos), err)
			}
			return nil
		})
	}
}

func TestWholeRequestHasALimit(t *testing.T) {
	req := httptest.NewRequest("POST", "/", bytes.NewReader(make([]byte, request.RequestMax+1)))
	req.Header.Set("Content-Type", "image/jpeg")
	try(t, req, func(c *fiber.Ctx) error {
		_, err := request.Photos(c)
		var image *matcher.ImageError
		if !errors.As(err, &image) || image.Kind != matcher.ImageTooLarge {
			t.Errorf("%v", err)
		}
		return nil
	})
}

func TestJSON(t *testing.T) {
	for body, want := range map[string]string{
		``: "", `{"n":3}`: "", `{"n":3,"new":true}`: "", ` {"n":3} `: "",
		`{"n":"3"}`: "field", `{`: "request_unreadable", `[]`: "request_unreadable", `{}{}`: "request_unreadable",
		`{"n":` + strings.Repeat(" ", request.JSONMax) + `3}`: "request_too_large",
	} {
		try(t, httptest.NewRequest("POST", "/", strings.NewReader(body)), func(c *fiber.Ctx) error {
			var v struct{ N int }
			if err := request.JSON(c, &v); code(err) != want {
				t.Errorf("%.20q: %v", body, err)
			}
			return nil
		})
	}
}

func TestTimeAndNext(t *testing.T) {
	if at, err := request.Time("since", "2027-04-13T09:00:00+09:00"); err != nil || at.UTC().Hour() != 0 {
		t.Errorf("%v, %v", at, err)
	}
	if at, err := request.Time("since", ""); err != nil || !at.IsZero() {
		t.Errorf("%v, %v", at, err)
	}
	if _, err := request.Time("since", "noon"); code(err) != "field" {
		t.Errorf("%v", err)
	}
	if next := request.Next("abc"); next == nil || *next != "abc" || request.Next("") != nil {
		t.Errorf("%v", next)
	}
}

func TestIDHasItsForm(t *testing.T) {
	good := kaopass.NewID(kaopass.PrefixPayment, kaopass.Consent{}.SignedAt, [10]byte{})
	for id, want := range map[string]string{good: "", "pay_x": "not_found", "adm_" + good[4:]: "not_found", "pay_' or 1=1": "not_found"} {
		app := fiber.New()
		app.Get("/p/:id", func(c *fiber.Ctx) error {
			if _, err := request.ID(c, kaopass.PrefixPayment); code(err) != want {
				t.Errorf("%q: %v", id, err)
			}
			return nil
		})
		req := httptest.NewRequest("GET", "/p/"+url.PathEscape(id), nil)
		res, err := app.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Nothing that a network can send makes the reader of photos panic or answer without an error what is no photo.
func FuzzPhotos(f *testing.F) {
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=image\r\n\r\nabc\r\n--x--\r\n"))
	f.Add("application/json", []byte(`{"image":["/9j/"],"ticket":"KPT1."}`))
	f.Add("application/json", []byte(`{"image":null}`))
	f.Add("image/jpeg", []byte("\xff\xd8\xff"))
	f.Add("image/png", picture(f))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		if strings.ContainsAny(kind, "\r\n\x00") || len(kind) > 200 {
			t.Skip()
		}
		req := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		req.Header.Set("Content-Type", kind)
		app := fiber.New(fiber.Config{DisablePreParseMultipartForm: true})
		app.Post("/", func(c *fiber.Ctx) error {
			got, err := request.Photos(c)
			if err == nil && len(got.Photos) == 0 {
				t.Error("no photo and no error")
			}
			if err != nil && respond.AsProblem(err).Status >= 500 {
				t.Errorf("a fault of ours: %v", err)
			}
			return nil
		})
		res, err := app.Test(req, -1)
		if err != nil {
			return // not HTTP any more
		}
		_ = res.Body.Close()
	})
}
