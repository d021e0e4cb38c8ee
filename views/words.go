package views

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kaopass/kaopass"
)

// The rules of this language, above all that speaks it:
//
//   - Say what happens, why, and what to do now; one thought a sentence, plain words, no blame.
//   - Never "invalid", "failed", "error", "fraud", "biometric", "template", "authenticate" to a visitor.
//   - Japanese is やさしい日本語: short, polite, 漢字 where they help reading.
//   - A sentence on a device can be followed sitting, with one hand, without seeing, and without a phone.

// Words speaks one language: sentences, numbers, money and times. The zero value speaks nothing; start at [Speak].
type Words struct {
	Lang kaopass.Language

	localizer *i18n.Localizer
	printer   *message.Printer
	zone      *time.Location
	stretched bool
}

// Args are the parts of a sentence that change, by the name that the sentence gives them.
type Args map[string]string

// VenueZone is the clock on the venue's walls, unless [Words.In] says another.
var VenueZone = time.FixedZone("Asia/Tokyo", 9*60*60) // no summer time since 1951

// Speak gives the words of a language; one that we do not speak gives English. It panics where the catalogue does not
// load: call [Check] at the start.
func Speak(lang kaopass.Language) Words {
	c := catalogue()
	if c.err != nil {
		panic("views: the words do not load: " + c.err.Error())
	}
	if _, ok := c.keys[lang]; !ok {
		lang = kaopass.English
	}
	return Words{
		Lang:      lang,
		localizer: i18n.NewLocalizer(c.bundle, string(lang)),
		printer:   message.NewPrinter(language.Make(string(lang))),
		zone:      VenueZone,
	}
}

// In gives the same words with another clock.
func (w Words) In(zone *time.Location) Words {
	w.zone = zone
	return w
}

// Zone is the name of that clock, as Intl in a browser takes it.
func (w Words) Zone() string { return w.zone.String() }

// T is the sentence of a key, e.g. "portal.welcome.title".
func (w Words) T(key string) string { return w.With(key, nil) }

// With is the sentence of a key with its parts filled in.
func (w Words) With(key string, args Args) string {
	return w.say(&i18n.LocalizeConfig{MessageID: key, TemplateData: args})
}

// N is the sentence of a key for a count, in the right plural; the sentence calls the count {{.N}}.
func (w Words) N(key string, n int) string {
	return w.say(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: Args{"N": w.Number(int64(n))}})
}

// say answers the key itself where no language has it: the page stays usable, and the test of keys finds it.
func (w Words) say(c *i18n.LocalizeConfig) string {
	text, err := w.localizer.Localize(c)
	var missing *i18n.MessageNotFoundErr
	if text == "" && errors.As(err, &missing) {
		return c.MessageID
	}
	if w.stretched {
		return stretch(text)
	}
	return text
}

// Reason is the sentence of a refusal (or of "admitted") for the person whom it concerns; "" for "".
func (w Words) Reason(r kaopass.Reason) string {
	if r == "" {
		return ""
	}
	return w.T("reason." + string(r))
}

// Short names a refusal in two or three words, for staff; "" for "".
func (w Words) Short(r kaopass.Reason) string {
	if r == "" {
		return ""
	}
	return w.T("console.short." + string(r))
}

// Hint is the sentence of a capture's hint; "" for "".
func (w Words) Hint(h kaopass.Hint) string {
	if h == "" {
		return ""
	}
	return w.T("hint." + string(h))
}

// Number writes a count with the language's grouping.
func (w Words) Number(n int64) string { return w.printer.Sprintf("%d", n) }

// Yen writes an amount of yen as the language does: 1,200円, ¥1,200.
func (w Words) Yen(m kaopass.Money) string {
	n, minus := m.Value, ""
	if n < 0 {
		n, minus = -n, "−"
	}
	switch w.Lang {
	case kaopass.Japanese:
		return minus + w.Number(n) + "円"
	case kaopass.Chinese:
		return minus + w.Number(n) + "日元"
	case kaopass.Korean:
		return minus + w.Number(n) + "엔"
	}
	return minus + "¥" + w.Number(n)
}

// Time writes the time of day on the venue's clock: 09:12.
func (w Words) Time(t time.Time) string { return t.In(w.zone).Format("15:04") }

// weekdays are the short names of the days, Sunday first.
func (w Words) weekday(d time.Weekday) string {
	names := map[kaopass.Language]string{kaopass.Japanese: "日月火水木金土", kaopass.Chinese: "日一二三四五六", kaopass.Korean: "일월화수목금토"}
	if days, ok := names[w.Lang]; ok {
		return string([]rune(days)[d])
	}
	return d.String()[:3]
}

// Date writes the day on the venue's calendar, with its weekday.
func (w Words) Date(t time.Time) string {
	t = t.In(w.zone)
	y, m, d := t.Date()
	day := w.weekday(t.Weekday())
	switch w.Lang {
	case kaopass.Japanese:
		return fmt.Sprintf("%d年%d月%d日（%s）", y, m, d, day)
	case kaopass.Chinese:
		return fmt.Sprintf("%d年%d月%d日 周%s", y, m, d, day)
	case kaopass.Korean:
		return fmt.Sprintf("%d년 %d월 %d일 (%s)", y, m, d, day)
	}
	return fmt.Sprintf("%s %d %s %d", day, d, m.String()[:3], y)
}

// DateTime writes the day and the time of day.
func (w Words) DateTime(t time.Time) string { return w.Date(t) + " " + w.Time(t) }

// Machine writes a moment for the datetime attribute of <time>.
func Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Dir is the direction of the script, for <html dir>.
func (w Words) Dir() string { return "ltr" }

// LanguageName is a language's name for itself, as a switch shows it.
func LanguageName(l kaopass.Language) string {
	switch l {
	case kaopass.Japanese:
		return "日本語"
	case kaopass.Chinese:
		return "简体中文"
	case kaopass.Korean:
		return "한국어"
	}
	return "English"
}

// VisitorLanguages are the languages in which a visitor's pages exist, in the order of the switch.
func VisitorLanguages() []kaopass.Language { return kaopass.Languages() }

// PageLanguages are the languages in which every page exists, staff's too, in the order of the switch.
func PageLanguages() []kaopass.Language { return []kaopass.Language{kaopass.Japanese, kaopass.English} }

// Stretched gives the same words about half as long again and in brackets, to see on a page what a longer language
// would do to it and what is not in the catalogue.
func (w Words) Stretched() Words {
	w.stretched = true
	return w
}

func stretch(s string) string {
	accents := strings.NewReplacer("a", "áa", "e", "éé", "i", "íi", "o", "öö", "u", "üu")
	return "⟦" + accents.Replace(s) + "⟧"
}
