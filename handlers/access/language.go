package access

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/kaopass/kaopass"
)

// Language is the language to answer in: what the person chose on a page (`?lang=`, kept in a cookie), else the best of
// Accept-Language among all languages, English for a guest whose language we do not have, and Japanese where nothing was
// said.
func Language(c *fiber.Ctx) kaopass.Language {
	if l, known := c.Locals(languageLocal).(kaopass.Language); known {
		return l
	}
	l := chosen(c, kaopass.Languages())
	c.Locals(languageLocal, l)
	return l
}

// PageLanguage is Language among those in which staff's pages exist too.
func PageLanguage(c *fiber.Ctx) kaopass.Language {
	return chosen(c, []kaopass.Language{kaopass.Japanese, kaopass.English})
}

// KeepLanguage remembers the language that `?lang=` chose.
func (a *Access) KeepLanguage(c *fiber.Ctx) error {
	if l := kaopass.Language(c.Query("lang")); slices.Contains(kaopass.Languages(), l) {
		a.setCookie(c, langCookie, string(l), "Lax", deviceCookieLives)
	}
	return c.Next()
}

func chosen(c *fiber.Ctx, among []kaopass.Language) kaopass.Language {
	for _, l := range []kaopass.Language{kaopass.Language(c.Query("lang")), kaopass.Language(c.Cookies(langCookie))} {
		if slices.Contains(among, l) {
			return l
		}
	}
	tags := make([]language.Tag, len(among))
	for i, l := range among {
		tags[i] = language.MustParse(string(l))
	}
	asked, _, err := language.ParseAcceptLanguage(c.Get(fiber.HeaderAcceptLanguage))
	if err != nil || len(asked) == 0 {
		return kaopass.Japanese
	}
	_, i, sure := language.NewMatcher(tags).Match(asked...)
	if sure == language.No {
		return kaopass.English
	}
	return among[i]
}
