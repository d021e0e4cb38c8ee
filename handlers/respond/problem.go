package respond

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
)

// Problem is a request that could not be carried out, as RFC 9457 writes it. It is an error, so that a handler returns
// it like any other.
type Problem struct {
	Status     int
	Code       string // stable, snake_case
	Title      string // one English sentence for the partner's engineer
	Detail     string // what to do, where there is something to do
	Param      string // the field at fault
	Retryable  bool
	RetryAfter time.Duration // whole seconds, at least one, where it is set
}

// Error names the code; it never holds what the client sent.
func (p Problem) Error() string { return p.Code }

// The problems that more than one audience utters.
var (
	NotFound        = Problem{Status: 404, Code: "not_found", Title: "There is nothing here."}
	Unauthorised    = Problem{Status: 401, Code: "unauthorised", Title: "A live token is needed."}
	Forbidden       = Problem{Status: 403, Code: "forbidden", Title: "Not allowed for this caller."}
	ConsentMissing  = Problem{Status: 403, Code: string(kaopass.ConsentMissing), Title: "No consent stands."}
	ForeignOrigin   = Problem{Status: 403, Code: "foreign_origin", Title: "The request came from another site."}
	TooLarge        = Problem{Status: 413, Code: "request_too_large", Title: "The request is larger than 12 MiB."}
	TooMany         = Problem{Status: 429, Code: "too_many_requests", Title: "Too many requests.", Retryable: true, RetryAfter: time.Minute}
	KeyMissing      = Problem{Status: 400, Code: "idempotency_key_missing", Title: "Send an Idempotency-Key.", Param: "Idempotency-Key"}
	KeyUnusable     = Problem{Status: 400, Code: "idempotency_key_unusable", Title: "An Idempotency-Key is 1 to 255 printable characters.", Param: "Idempotency-Key"}
	KeyReused       = Problem{Status: 422, Code: "idempotency_key_reused", Title: "This Idempotency-Key was used for another request."}
	InFlight        = Problem{Status: 409, Code: "request_in_flight", Title: "The same request is being answered.", Retryable: true, RetryAfter: time.Second}
	Busy            = Problem{Status: 503, Code: "busy", Title: "One moment: too many faces at once.", Retryable: true, RetryAfter: time.Second}
	Unavailable     = Problem{Status: 503, Code: "unavailable", Title: "One moment: the venue's memory cannot be reached.", Retryable: true, RetryAfter: 2 * time.Second}
	AmountTooLarge  = Problem{Status: 422, Code: "amount_too_large", Title: "More than there is to take.", Param: "amount"}
	ImageTooLarge   = Problem{Status: 413, Code: "image_too_large", Title: "An image is at most 4 MiB and 12 megapixels.", Param: "image"}
	ImageType       = Problem{Status: 415, Code: "image_type", Title: "An image is a JPEG or a PNG.", Param: "image"}
	Packed          = Problem{Status: 415, Code: "content_encoding", Title: "A body is sent as it is, not compressed.", Param: "Content-Encoding"}
	ImageUnreadable = Problem{Status: 422, Code: "image_unreadable", Title: "The image is broken or too small.", Param: "image"}
	internal        = Problem{Status: 500, Code: "internal", Title: "Something went wrong here. It has been noted.", Retryable: true}
)

// Field says that one field of the request is at fault.
func Field(param, title string) Problem {
	return Problem{Status: http.StatusUnprocessableEntity, Code: "field", Title: title, Param: param}
}

// AsProblem is the only table from an error to what a client is told. A fault that is not in it is logged and hidden.
func AsProblem(err error) Problem {
	var (
		problem Problem
		state   *db.StateError
		image   *matcher.ImageError
		framing *fiber.Error
	)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.Is(err, db.ErrNotFound):
		return NotFound
	case errors.Is(err, db.ErrKeyReused):
		return KeyReused
	case errors.Is(err, db.ErrInFlight):
		return InFlight
	case errors.Is(err, db.ErrAmount):
		return AmountTooLarge
	case errors.Is(err, db.ErrText):
		return framingProblem(fiber.ErrBadRequest)
	case errors.As(err, &state):
		return Problem{Status: 409, Code: "state", Title: "Not possible when it is " + state.Status + "."}
	case errors.Is(err, matcher.ErrBusy):
		return Busy
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	case errors.As(err, &image):
		return imageProblem(image.Kind)
	case errors.As(err, &framing):
		return framingProblem(framing)
	}
	return internal
}

func imageProblem(kind matcher.ImageKind) Problem {
	switch kind {
	case matcher.ImageTooLarge:
		return ImageTooLarge
	case matcher.ImageType:
		return ImageType
	}
	return ImageUnreadable
}

func framingProblem(e *fiber.Error) Problem {
	switch e.Code {
	case http.StatusNotFound:
		return NotFound
	case http.StatusMethodNotAllowed:
		return Problem{Status: e.Code, Code: "method_not_allowed", Title: "Not with this method."}
	case http.StatusRequestEntityTooLarge: // only photos are as large as that, and the protocol has one code for them
		return ImageTooLarge
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return Problem{Status: http.StatusBadRequest, Code: "request_unreadable", Title: "The request could not be read."}
	}
	return Problem{Status: e.Code, Code: "request", Title: http.StatusText(e.Code) + "."}
}

// document is the body of a problem: RFC 9457's members and ours.
type document struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Instance  string `json:"instance"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
	Param     string `json:"param,omitempty"`
	Retryable bool   `json:"retryable"`
}

// Error answers a problem as application/problem+json, logging the fault where there is one.
func Error(c *fiber.Ctx, err error) error {
	p := AsProblem(err)
	if RequestID(c) == "" { // turned away before any middleware: a body that was too large
		SetRequestID(c, strings.ToLower(rand.Text()[:16]))
	}
	Log(c, p, err)
	Retry(c, p)
	id := RequestID(c)
	c.Status(p.Status)
	if err := c.JSON(document{
		Type: "/docs/api#" + p.Code, Title: p.Title, Status: p.Status, Detail: p.Detail,
		Instance: "urn:kaopass:request:" + id, Code: p.Code, RequestID: id, Param: p.Param, Retryable: p.Retryable,
	}); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}

// Retry sets Retry-After where the problem names a time.
func Retry(c *fiber.Ctx, p Problem) {
	if p.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(p.RetryAfter.Seconds()))))
	}
}

// Log writes a fault to the log with the request's id. Nothing that the client sent is written but method and route.
func Log(c *fiber.Ctx, p Problem, err error) {
	if p.Status < 500 {
		return
	}
	slog.ErrorContext(c.UserContext(), "fault", "request_id", RequestID(c), "method", c.Method(), "route", c.Route().Path,
		"code", p.Code, "error", fmt.Sprint(err))
}
