package api

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func sample() Docs {
	face := Call{ID: "showFace", Method: "POST", Path: "/v1/payments/{id}/face", Summary: "Show a face", Token: true, Keyed: true,
		Bodies:  []string{"multipart/form-data", "image/jpeg"},
		Fields:  []Field{{Name: "id", Where: "path", Type: "string", Required: true}, {Name: "image", Where: "body", Type: "JPEG, PNG", Required: true}},
		Answers: []Answer{{"200", "The payment.", "Payment"}, {"422", "A field is at fault.", "Problem"}}}
	open := Call{ID: "createPayment", Method: "POST", Path: "/v1/payments", Summary: "Open", Token: true, Keyed: true,
		Bodies: []string{"application/json"}, Fields: []Field{{Name: "amount", Where: "body", Type: "Money", Shape: "Payment", Required: true}}}
	claim := Call{ID: "claim", Method: "POST", Path: "/v1/devices/claim", Summary: "Become a device",
		Bodies: []string{"application/json"}, Fields: []Field{{Name: "code", Where: "body", Type: "string", Required: true}}}
	return Docs{Path: "/docs/api", Origin: "https://venue.example", Rules: []string{"A refusal is an `answer`."},
		Groups:   []Group{{"Till", "Money.", []Call{claim, open, face}}},
		Shapes:   []Shape{{Name: "Payment", About: "A payment.", Fields: []Field{{Name: "status", Type: "string", Values: []string{"captured", "refused"}}}}, {Name: "Problem", Values: []string{"one"}}},
		Problems: []Problem{{"busy", 503, "One moment.", true}, {"field", 422, "A field.", false}}}
}

func TestDocs(t *testing.T) {
	viewtest.Pages(t, "docs", func(w views.Words) templ.Component {
		d := sample()
		d.Words = w
		return d.Page()
	})
}

func TestExamplesCanBeTyped(t *testing.T) {
	d := sample()
	for _, c := range []struct {
		call  int
		wants []string
	}{
		{0, []string{"curl -X POST", `--json '{"code": "…"}'`, "https://venue.example/v1/devices/claim"}},
		{1, []string{`"amount": {"currency": "JPY", "value": 1200}`, "Idempotency-Key"}},
		{2, []string{"-F image=@face.jpg", "/v1/payments/$ID/face", `Bearer $TOKEN`}},
	} {
		got := d.example(d.Groups[0].Calls[c.call])
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s\nlacks %s", got, want)
			}
		}
	}
	if strings.Contains(d.example(d.Groups[0].Calls[0]), "TOKEN") {
		t.Error("claiming needs no token")
	}
}
