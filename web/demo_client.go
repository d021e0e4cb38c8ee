package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// demoAnswerMax is the largest answer that the demo reads, in bytes.
const demoAnswerMax = 1 << 20

// addressOf is where a server of this configuration is reached from this machine.
func addressOf(cfg *Config) string {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	scheme := "http"
	if cfg.LAN {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func answers(ctx context.Context, base string) error {
	_, err := newPerson(base).get(ctx, "/healthz")
	return err
}

// person is a browser of one visitor, or the HTTP client of one device: it keeps its cookies or its token.
type person struct {
	base  string
	token string // a device's
	*http.Client
}

func newPerson(base string) person {
	jar, _ := cookiejar.New(nil) // it cannot fail without a list of suffixes
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if u, err := url.Parse(base); err == nil && net.ParseIP(u.Hostname()).IsLoopback() {
		// On this machine the certificate is the server's own, made for the network: there is nobody in between.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // loopback only
	}
	return person{base: base, Client: &http.Client{Jar: jar, Transport: sameOrigin{base, transport}, Timeout: 30 * time.Second}}
}

// sameOrigin says in every request, as a browser does, which page it comes from.
type sameOrigin struct {
	origin string
	next   http.RoundTripper
}

// RoundTrip sends the request.
func (s sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", s.origin)
	r.Header.Set("Accept-Language", "en")
	return s.next.RoundTrip(r)
}

func (p person) get(ctx context.Context, path string) (string, error) {
	return p.ask(ctx, http.MethodGet, path, "", nil)
}

// form sends a page's form and follows to the next page.
func (p person) form(ctx context.Context, path string, fields url.Values) (string, error) {
	return p.ask(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(fields.Encode()))
}

func (p person) ask(ctx context.Context, method, path, media string, body []byte) (string, error) {
	status, text, _, err := p.send(ctx, method, path, media, body, "")
	if err == nil && status >= 400 {
		err = fmt.Errorf("%s %s: %d", method, path, status)
	}
	return string(text), err
}

func (p person) send(ctx context.Context, method, path, media string, body []byte, key string) (int, []byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := p.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, demoAnswerMax))
	return res.StatusCode, text, res.Header, errors.Join(err, res.Body.Close())
}

// call is a device's POST of JSON; it answers into out.
func (p person) call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.told(ctx, path, "application/json", body, rand.Text(), out)
}

// photos is a device's POST of fields and photos; it answers into out.
func (p person) photos(ctx context.Context, path, key string, fields map[string]string, photos [][]byte, out any) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	var errs []error
	for name, value := range fields {
		errs = append(errs, w.WriteField(name, value))
	}
	for _, photo := range photos {
		part, err := w.CreateFormFile("image", "face.jpg")
		if err == nil {
			_, err = part.Write(photo)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		return err
	}
	return p.told(ctx, path, w.FormDataContentType(), b.Bytes(), key, out)
}

func (p person) told(ctx context.Context, path, media string, body []byte, key string, out any) error {
	status, text, _, err := p.send(ctx, http.MethodPost, path, media, body, key)
	if err != nil {
		return err
	}
	if status >= 300 {
		var problem struct{ Code string }
		_ = json.Unmarshal(text, &problem) // a body of another form says nothing more
		return fmt.Errorf("%s: %d %s", path, status, problem.Code)
	}
	return json.Unmarshal(text, out)
}

// field is the value of a form's field on a page, as the server wrote it.
func field(page, name string) (string, error) {
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
		if strings.Contains(tag, `name="`+name+`"`) {
			if m := regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(tag); m != nil {
				return m[1], nil
			}
		}
	}
	return "", fmt.Errorf("the page has no field %s", name)
}
