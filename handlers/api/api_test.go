package api_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/api"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/device"
	"github.com/kaopass/kaopass/handlers/gate"
	"github.com/kaopass/kaopass/handlers/till"
)

// mounted is an application with everything that devices speak to.
func mounted(t *testing.T) *fiber.App {
	t.Helper()
	app, who := fiber.New(), &access.Access{}
	(&device.Device{}).Routes(app, who)
	(&gate.Gate{}).Routes(app, who)
	(&till.Till{}).Routes(app, who)
	if err := api.Routes(app); err != nil {
		t.Fatal(err)
	}
	return app
}

func TestDocumentIsValid(t *testing.T) {
	doc := apitest.Spec(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("it is OpenAPI %s", doc.OpenAPI)
	}
}

// What is mounted under /v1 is what the document describes, both ways.
func TestDocumentHasTheRoutes(t *testing.T) {
	have := map[string]bool{}
	for _, r := range mounted(t).GetRoutes(true) {
		if strings.HasPrefix(r.Path, "/v1/") && r.Method != http.MethodHead { // HEAD comes with every GET
			have[r.Method+" "+strings.ReplaceAll(r.Path, ":id", "{id}")] = true
		}
	}
	said := map[string]bool{}
	for path, item := range apitest.Spec(t).Paths.Map() {
		for method := range item.Operations() {
			said[method+" "+path] = true
		}
	}
	for call := range have {
		if !said[call] {
			t.Errorf("%s is mounted and not described", call)
		}
	}
	for call := range said {
		if !have[call] {
			t.Errorf("%s is described and not mounted", call)
		}
	}
}

// Every POST that the protocol marks takes a key, and says so.
func TestDocumentNamesTheKeys(t *testing.T) {
	for path, item := range apitest.Spec(t).Paths.Map() {
		post := item.Post
		if post == nil || strings.HasPrefix(path, "/v1/devices/") {
			continue
		}
		if p := post.Parameters.GetByInAndName("header", "Idempotency-Key"); p == nil || !p.Required {
			t.Errorf("%s does not ask for an Idempotency-Key", path)
		}
	}
}

// A reason that a gate or a till may answer is one that the document lists, and it lists no other.
func TestDocumentHasTheReasons(t *testing.T) {
	known := map[string]bool{}
	for _, r := range kaopass.Reasons() {
		known[string(r)] = true
	}
	listed := map[string]bool{}
	for _, name := range []string{"GateReason", "TillReason"} {
		for _, r := range apitest.Spec(t).Components.Schemas[name].Value.Enum {
			listed[r.(string)] = true
			if !known[r.(string)] {
				t.Errorf("%s lists %v, which nobody utters", name, r)
			}
		}
	}
	elsewhere := []kaopass.Reason{kaopass.SignInCodeWrong, kaopass.SignInCodeExpired, kaopass.TicketTaken,
		kaopass.CaptureExpired, kaopass.FaceChanged, kaopass.ChallengeMissed, kaopass.AgeTooYoung,
		kaopass.DisputeLate, kaopass.ThawByStaff, kaopass.ThawBySelf, kaopass.TopUpGone}
	for _, r := range kaopass.Reasons() {
		if !listed[string(r)] && !slices.Contains(elsewhere, r) {
			t.Errorf("%s is in no list", r)
		}
	}
}

func TestProblemsAreListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range api.Problems() {
		if p.Code == "" || p.Title == "" || p.Status < 400 {
			t.Errorf("%+v says too little", p)
		}
		if seen[p.Code] {
			t.Errorf("%s is listed twice", p.Code)
		}
		seen[p.Code] = true
	}
}

func TestPageAndDocumentAreServed(t *testing.T) {
	app := mounted(t)
	for path, want := range map[string][]string{
		"/v1/openapi.json":  {`"openapi": "3.1.0"`, `"/v1/admissions"`},
		"/docs/api?lang=en": {`id="admit"`, `Idempotency-Key`, `id="image_too_large"`, `href="#Admission"`, "curl -X POST"},
		"/docs/api?lang=ja": {`lang="ja"`, "デバイスプロトコル"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := app.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if !strings.Contains(string(body), text) {
				t.Errorf("%s (%d) does not say %q", path, res.StatusCode, text)
			}
		}
	}
}
