package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"mime"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Once reads the Idempotency-Key of a request into a [kaopass.Key] for the verb that changes something, and answers 409
// to a second request of the same key while the first is being answered by this process (another process finds out at
// the database). It runs after the middleware that found out who asks.
func (a *Access) Once(required bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		name := c.Get("Idempotency-Key")
		switch {
		case name == "" && required:
			return respond.KeyMissing
		case name == "":
			return c.Next()
		case len(name) > kaopass.KeyMax || strings.ContainsFunc(name, unprintable):
			return respond.KeyUnusable
		}
		key := kaopass.Key{Owner: owner(c), Name: name}
		mark := key
		key.Body = fingerprint(c)
		if _, busy := a.inFlight.LoadOrStore(mark, struct{}{}); busy {
			return respond.InFlight
		}
		defer a.inFlight.Delete(mark)
		c.Locals(keyLocal, key)
		return c.Next()
	}
}

// Key is what Once read; empty where the client sent none.
func Key(c *fiber.Ctx) kaopass.Key {
	k, _ := c.Locals(keyLocal).(kaopass.Key)
	return k
}

func unprintable(r rune) bool { return r < 0x20 || r > 0x7e }

func owner(c *fiber.Ctx) string {
	if d := Device(c); d.ID != "" {
		return string(d.ID)
	}
	if s := Staff(c); s.ID != "" {
		return string(s.ID)
	}
	return string(Visitor(c).ID)
}

// fingerprint covers what was asked: method, path, query, body, and the Kaopass- headers, which carry the fields of a
// request whose body is a photo.
func fingerprint(c *fiber.Ctx) [32]byte {
	h := sha256.New()
	h.Write([]byte(c.Method() + " " + c.OriginalURL() + "\n"))
	for _, field := range ownHeaders(c) {
		h.Write([]byte(field + "\n"))
	}
	for _, part := range bodyParts(c.Get(fiber.HeaderContentType), c.Request().Body()) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return [32]byte(h.Sum(nil))
}

// bodyParts is the body, of a multipart one what stands between the boundaries: clients draw a new boundary for each try (RFC
// 2046, 5.1.1). No part holds its own delimiter, so two bodies of the same parts say the same; in a body of another kind a
// boundary means nothing, whatever its header says.
func bodyParts(contentType string, body []byte) [][]byte {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return [][]byte{body}
	}
	return bytes.Split(append([]byte("\r\n"), body...), []byte("\r\n--"+params["boundary"]))
}

// ownHeaders lists the request's Kaopass- headers with their values, sorted.
func ownHeaders(c *fiber.Ctx) []string {
	var fields []string
	for name, values := range c.GetReqHeaders() {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "kaopass-") {
			fields = append(fields, lower+": "+strings.Join(values, ","))
		}
	}
	slices.Sort(fields)
	return fields
}
