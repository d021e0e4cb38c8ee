// Package stripetest is a small Stripe that keeps what it is told, for tests: customers, forms, intents and refunds, with
// Stripe's idempotency (the same key and request: the same answer again; another request: refused), and a way to it that
// fails in every way a network does.
//
// Start at [New] and [Fake.URL]; [Proxy] stands between.
package stripetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Key is the only key that the fake takes.
const Key = "sk_test_fake0123456789"

// The cards that the fake's form gives, as payment methods; see [Fake.Fill].
const (
	Pays      = "pays"      // 4242
	Declines  = "declines"  // 0002
	Short     = "short"     // 9995: insufficient funds
	AsksOwner = "asksOwner" // 3184
)

// Fake is Stripe. Its fields may be read while nobody calls.
type Fake struct {
	mu        sync.Mutex
	server    *httptest.Server
	n         int
	Customers map[string]*Customer
	Forms     map[string]*Form
	Methods   map[string]*Method
	Intents   map[string]*Intent
	Refunds   []*Refund
	Balance   []Booking
	answers   map[string]*answer // by idempotency key
	Requests  []string           // method and path, in the order in which they came
	Now       func() time.Time
}

// Customer is a name for a visitor.
type Customer struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Metadata map[string]string `json:"metadata"`
	Email    string            `json:"email,omitempty"`
	Name     string            `json:"name,omitempty"`
	Deleted  bool              `json:"deleted,omitempty"`
}

// Method is a saved card.
type Method struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Customer string `json:"customer,omitempty"`
	Card     struct {
		Brand    string `json:"brand"`
		Last4    string `json:"last4"`
		ExpMonth int    `json:"exp_month"`
		ExpYear  int    `json:"exp_year"`

		Fingerprint string `json:"fingerprint"`
	} `json:"card"`
	does string
}

// Form is a Checkout session in mode "setup".
type Form struct {
	ID         string `json:"id"`
	Object     string `json:"object"`
	Mode       string `json:"mode"`
	Status     string `json:"status"`
	Customer   string `json:"customer"`
	URL        string `json:"url"`
	SuccessURL string `json:"success_url"`
	CancelURL  string `json:"cancel_url"`
	Setup      *Setup `json:"setup_intent"`
	Asks       string `json:"-"` // the 3-D Secure that was asked for
}

// Setup is what saving a card came to.
type Setup struct {
	ID     string  `json:"id"`
	Object string  `json:"object"`
	Status string  `json:"status"`
	Method *Method `json:"payment_method"`
}

type answer struct {
	asked  [32]byte
	status int
	body   []byte
}

// New starts it on a port of its own.
func New() *Fake {
	f := &Fake{Customers: map[string]*Customer{}, Forms: map[string]*Form{}, Methods: map[string]*Method{},
		Intents: map[string]*Intent{}, answers: map[string]*answer{}, Now: time.Now}
	f.server = httptest.NewServer(f)
	return f
}

// URL is where it listens.
func (f *Fake) URL() string { return f.server.URL }

// Close stops it.
func (f *Fake) Close() { f.server.Close() }

func (f *Fake) id(prefix string) string { f.n++; return fmt.Sprintf("%s_fake%06d", prefix, f.n) }

// ServeHTTP answers, and keeps the answer under the request's key.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the request was cut: it never came
	}
	if r.URL.Path == "/favicon.ico" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.URL.Path == "/pay" {
		f.page(w, r, body)
		return
	}
	w.Header().Set("Request-Id", "req_fake")
	if r.Header.Get("Authorization") != "Bearer "+Key {
		write(w, http.StatusUnauthorized, fault("invalid_request_error", "", "Invalid API Key provided: sk_test_********"))
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Requests = append(f.Requests, r.Method+" "+r.URL.Path)
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		status, v := f.handle(r, body)
		write(w, status, v)
		return
	}
	asked := sha256.Sum256([]byte(r.URL.Path + "\n" + string(body)))
	if before := f.answers[key]; before != nil {
		if before.asked != asked {
			write(w, http.StatusBadRequest, fault("idempotency_error", "", "Keys for idempotent requests can only be used with the same parameters"))
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		w.WriteHeader(before.status)
		_, _ = w.Write(before.body)
		return
	}
	status, v := f.handle(r, body)
	if r.Header.Get(breaksAfter) != "" { // it happened, and then something broke: that is what is kept
		status, v = http.StatusInternalServerError, fault("api_error", "", "something broke")
	}
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(v)
	f.answers[key] = &answer{asked: asked, status: status, body: b.Bytes()}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func write(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// problem is Stripe's error.
type problem struct {
	Error problemBody `json:"error"`
}

type problemBody struct {
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Decline string `json:"decline_code,omitempty"`
	Message string `json:"message"`
}

func fault(kind, code, message string) problem {
	return problem{problemBody{Type: kind, Code: code, Message: message}}
}

// handle does what a request asks for.
func (f *Fake) handle(r *http.Request, body []byte) (int, any) {
	form, _ := url.ParseQuery(string(body))
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	noun, id, verb := parts[0], "", ""
	if noun == "checkout" {
		parts = parts[1:]
	}
	if len(parts) > 1 {
		id = parts[1]
	}
	if len(parts) > 2 {
		verb = parts[2]
	}
	switch noun {
	case "customers":
		return f.customer(r.Method, id, form)
	case "checkout":
		return f.form(r.Method, id, form)
	case "payment_methods":
		return f.method(r.Method, id)
	case "payment_intents":
		return f.intent(id, verb, form)
	case "refunds":
		return f.refund(r.Method, id, r.URL.Query(), form)
	case "balance_transactions":
		return f.bookings(r.URL.Query())
	case "balance":
		return http.StatusOK, map[string]string{"object": "balance"}
	}
	return http.StatusNotFound, fault("invalid_request_error", "", "Unrecognized request URL")
}

func missing(what string) (int, any) {
	return http.StatusNotFound, fault("invalid_request_error", "resource_missing", "No such "+what)
}

func number(form url.Values, name string) int64 {
	n, _ := strconv.ParseInt(form.Get(name), 10, 64)
	return n
}

func metadata(form url.Values) map[string]string {
	m := map[string]string{}
	for k := range form {
		if name, ok := strings.CutPrefix(k, "metadata["); ok {
			m[strings.TrimSuffix(name, "]")] = form.Get(k)
		}
	}
	return m
}
