package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Asset is one file, ready to be answered.
type Asset struct {
	Name      string
	Type      string // Content-Type
	Hash      string // hex SHA-256 of Body; quoted, it is the ETag (RFC 9110, 8.8.3)
	Body      []byte
	Immutable bool // the address names this very content

	gzip, brotli func() []byte // made at the first request for them; nil where compression gains nothing
}

// types are the content types of what we serve; a file of another kind does not belong here.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".webmanifest":
		return "application/manifest+json"
	case ".json":
		return "application/json"
	case ".txt", ".md":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

func newAsset(name string, body []byte) *Asset {
	sum := sha256.Sum256(body)
	a := &Asset{Name: name, Type: contentType(name), Hash: hex.EncodeToString(sum[:]), Body: body}
	if path.Ext(name) != ".png" && len(body) > compressMin {
		a.gzip = sync.OnceValue(func() []byte { return squeeze(body, newGzip) })
		a.brotli = sync.OnceValue(func() []byte { return squeeze(body, newBrotli) })
	}
	return a
}

// compressMin is the size, in bytes, under which compression does not pay for its header.
const compressMin = 512

// brotliLevel is slow to write and quick to read: each file is written once a process.
const brotliLevel = 9

func newGzip(to *bytes.Buffer) io.WriteCloser {
	w, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		panic("static: gzip knows its own best level: " + err.Error())
	}
	return w
}

func newBrotli(to *bytes.Buffer) io.WriteCloser { return brotli.NewWriterLevel(to, brotliLevel) }

// squeeze cannot fail: a buffer takes every write.
func squeeze(body []byte, with func(*bytes.Buffer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := with(&out)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// Encoded answers the body in the best form that an Accept-Encoding header allows, and that form's Content-Encoding:
// "br", "gzip", or empty for the plain bytes. The answer varies by Accept-Encoding.
func (a Asset) Encoded(acceptEncoding string) (body []byte, encoding string) {
	switch {
	case a.brotli != nil && accepts(acceptEncoding, "br"):
		return a.brotli(), "br"
	case a.gzip != nil && accepts(acceptEncoding, "gzip"):
		return a.gzip(), "gzip"
	}
	return a.Body, ""
}

// accepts reads Accept-Encoding as far as browsers write it: names, and q=0 for a refusal (RFC 9110, 12.5.3).
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			weight := strings.TrimPrefix(strings.ReplaceAll(q, " ", ""), "q=")
			return weight == "" || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}

// ETag is the validator of the plain body.
func (a Asset) ETag() string { return `"` + a.Hash[:32] + `"` }

// CacheControl says how long the answer may be kept: a year for an address that names its content, else not without
// asking again.
func (a Asset) CacheControl() string {
	if a.Immutable {
		return "public, max-age=31536000, immutable"
	}
	return "public, no-cache"
}
