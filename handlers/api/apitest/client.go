package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sync/atomic"
	"testing"

	"github.com/kaopass/kaopass"
)

// Client is a device that asks.
type Client struct {
	Device kaopass.Device
	Token  string // empty: without one

	venue *Venue
	keys  atomic.Int64
}

// Nobody is a client without a token.
func (v *Venue) Nobody() *Client { return &Client{venue: v} }

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Into reads the answer into v; a test that reads an answer of another status fails.
func (a Answer) Into(t testing.TB, status int, v any) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, not %d: %s", a.Status, status, a.Body)
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
}

// Problem reads the answer as a problem and answers its code.
func (a Answer) Problem(t testing.TB, status int) (code string) {
	t.Helper()
	var p struct {
		Code   string
		Status int
	}
	a.Into(t, status, &p)
	if p.Status != status {
		t.Errorf("a problem of status %d in an answer of %d", p.Status, status)
	}
	return p.Code
}

// Ask is a request in the making.
type Ask struct {
	Key         string // "": a new one is made; "-": none is sent
	ContentType string
	Body        []byte
	Header      map[string]string
}

// JSON is a body of JSON.
func JSON(v any) Ask {
	b, err := json.Marshal(v)
	if err != nil {
		return Ask{}
	}
	return Ask{ContentType: "application/json", Body: b}
}

// Raw is a photo as the whole body.
func Raw(contentType string, photo []byte, header map[string]string) Ask {
	return Ask{ContentType: contentType, Body: photo, Header: header}
}

// Form is photos and fields as multipart/form-data.
func Form(fields map[string]string, photos ...[]byte) Ask {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			return Ask{}
		}
	}
	for i, photo := range photos {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="image"; filename="%d.jpg"`, i)}, "Content-Type": {"image/jpeg"}})
		if err != nil {
			return Ask{}
		}
		if _, err := part.Write(photo); err != nil {
			return Ask{}
		}
	}
	if err := w.Close(); err != nil {
		return Ask{}
	}
	return Ask{ContentType: w.FormDataContentType(), Body: b.Bytes()}
}

// WithKey is the same request under a key; "-" sends none.
func (a Ask) WithKey(key string) Ask { a.Key = key; return a }

// With is the same request with a header more.
func (a Ask) With(name, value string) Ask {
	a.Header = maps.Clone(a.Header)
	if a.Header == nil {
		a.Header = map[string]string{}
	}
	a.Header[name] = value
	return a
}

// Get asks.
func (c *Client) Get(t testing.TB, path string) Answer {
	t.Helper()
	return c.Do(t, http.MethodGet, path, Ask{Key: "-"})
}

// Post sends.
func (c *Client) Post(t testing.TB, path string, ask Ask) Answer {
	t.Helper()
	return c.Do(t, http.MethodPost, path, ask)
}

// Do sends a request and holds the answer against the protocol.
func (c *Client) Do(t testing.TB, method, path string, ask Ask) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.venue.URL+path, bytes.NewReader(ask.Body))
	if err != nil {
		t.Fatal(err)
	}
	c.head(req, ask)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // nothing is lost with a response that was read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	c.venue.check(t, req, res, body)
	return Answer{res.StatusCode, res.Header, body}
}

func (c *Client) head(req *http.Request, ask Ask) {
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if ask.ContentType != "" {
		req.Header.Set("Content-Type", ask.ContentType)
	}
	switch ask.Key {
	case "-":
	case "":
		req.Header.Set("Idempotency-Key", fmt.Sprintf("key %d", c.keys.Add(1)))
	default:
		req.Header.Set("Idempotency-Key", ask.Key)
	}
	for name, value := range ask.Header {
		req.Header.Set(name, value)
	}
}
