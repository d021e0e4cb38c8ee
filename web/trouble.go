package main

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// trouble answers what a handler could not: a page for people, problem details for programs.
func trouble(c *fiber.Ctx, err error) error {
	if isAPI(c) {
		return respond.Error(c, err)
	}
	language := access.Language(c)
	if strings.HasPrefix(c.Path(), "/console") {
		language = access.PageLanguage(c)
	}
	return respond.Trouble(c, language, err)
}

// isAPI reports whether the request is a program's, who wants problem details, not a page.
func isAPI(c *fiber.Ctx) bool {
	return strings.HasPrefix(c.Path(), "/v1/") || !respond.ForPeople(c)
}
