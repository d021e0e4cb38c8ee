package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/kaopass/kaopass/handlers/api"
)

// contract is the published document, ready to judge.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	err    error
}

// theContract is loaded once; it is never changed.
var theContract = sync.OnceValue(func() contract {
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		return contract{err: err}
	}
	router, err := legacy.NewRouter(doc)
	return contract{doc, router, err}
})

// Spec is the published document, checked.
func Spec(t testing.TB) *openapi3.T {
	t.Helper()
	c := theContract()
	if c.err != nil {
		t.Fatalf("openapi.json: %v", c.err)
	}
	return c.doc
}

// check holds an exchange against the document.
func (v *Venue) check(t testing.TB, req *http.Request, res *http.Response, body []byte) {
	t.Helper()
	if !strings.HasPrefix(req.URL.Path, "/v1/") {
		return
	}
	Spec(t)
	plain := req.Clone(req.Context())
	plain.URL.Scheme, plain.URL.Host, plain.Host = "", "", ""
	route, params, err := theContract().router.FindRoute(plain)
	if err != nil {
		t.Errorf("%s %s is not in openapi.json: %v", req.Method, req.URL.Path, err)
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: plain, PathParams: params, Route: route}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(req.Context(), out); err != nil {
		t.Errorf("%s %s: %d is not what openapi.json says: %v\n%s", req.Method, req.URL.Path, res.StatusCode, err, body)
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") || strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem") {
		v.look(t, req.URL.Path, body)
	}
}

// tokens are the only paths that answer a token.
var tokens = []string{"/v1/devices/claim", "/v1/devices/self/roll"}

// look reads an answer for what none may hold (PROTOCOL, last of the limits).
func (v *Venue) look(t testing.TB, path string, body []byte) {
	t.Helper()
	var answer any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Errorf("%s answers no JSON: %v", path, err)
		return
	}
	if path != "/v1/openapi.json" {
		for _, fault := range leaks("", answer, slices.Contains(tokens, path)) {
			t.Errorf("%s: %s", path, fault)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, secret := range v.secrets {
		if strings.Contains(string(body), secret) && !slices.Contains(tokens, path) {
			t.Errorf("%s answers a secret: %s", path, body)
		}
	}
}

// forbidden are parts of names that would be a face, a number about a face, a code or a person.
var forbidden = []string{"similar", "score", "distance", "threshold", "vector", "embedding", "template", "probe", "candidate",
	"short_list", "enrolment", "visitor_id", "pin", "full_name", "email", "contact", "phone", "query", "sql", "stack", "path"}

// leaks walks an answer and lists what should not be in it: a forbidden name, or any number that is not whole.
func leaks(at string, value any, token bool) (found []string) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			lower := strings.ToLower(name)
			bad := slices.ContainsFunc(forbidden, func(f string) bool { return strings.Contains(lower, f) })
			if bad || lower == "name" && strings.Contains(at, "visitor") || !token && lower == "token" {
				found = append(found, at+"."+name+" is in the answer")
			}
			found = append(found, leaks(at+"."+name, inner, token)...)
		}
	case []any:
		for _, inner := range value {
			found = append(found, leaks(at+"[]", inner, token)...)
		}
	case float64:
		if value != float64(int64(value)) {
			found = append(found, at+" is a number that is not whole")
		}
	}
	return found
}
