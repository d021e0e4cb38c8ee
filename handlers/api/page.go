package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views"
	apiview "github.com/kaopass/kaopass/views/api"
)

// page draws the document: GET /docs/api.
func page(docs apiview.Docs) fiber.Handler {
	for _, p := range Problems() {
		docs.Problems = append(docs.Problems, apiview.Problem{Code: p.Code, Status: p.Status, Title: p.Title, Retryable: p.Retryable})
	}
	return func(c *fiber.Ctx) error {
		shown := docs
		shown.Words, shown.Path, shown.Origin = views.Speak(access.PageLanguage(c)), c.OriginalURL(), c.BaseURL()
		return respond.Page(c, http.StatusOK, shown.Page())
	}
}

// Problems lists every problem that a device may be answered, by code.
func Problems() []respond.Problem {
	image := func(kind matcher.ImageKind) respond.Problem {
		return respond.AsProblem(&matcher.ImageError{Kind: kind})
	}
	return []respond.Problem{
		respond.AsProblem(fiber.ErrBadRequest),
		respond.KeyMissing, respond.KeyUnusable,
		respond.Unauthorised, respond.Forbidden, respond.ForeignOrigin,
		respond.NotFound,
		{Status: http.StatusNotFound, Code: "claim_code", Title: "This claim code cannot be used: it is wrong, was used before, or is too old."},
		respond.AsProblem(fiber.ErrMethodNotAllowed),
		respond.InFlight,
		respond.AsProblem(&db.StateError{Status: "past that point"}),
		respond.TooLarge, image(matcher.ImageTooLarge), image(matcher.ImageType), image(matcher.ImageUnreadable),
		respond.Field("", "The field named by param is at fault; title says what it should be."),
		respond.AmountTooLarge, respond.KeyReused,
		respond.TooMany,
		respond.AsProblem(errors.New("anything that is not foreseen")),
		respond.Busy, respond.Unavailable,
	}
}
