package static

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// contrastMin is what text that a visitor must read has at least on its ground, in sunlight too (WCAG 2.2, 1.4.6);
// edgeMin is that of the edge of something to touch (1.4.11).
const (
	contrastMin = 7
	edgeMin     = 3
)

var (
	declared = regexp.MustCompile(`(--[a-z0-9-]+):\s*([^;]+);`)
	used     = regexp.MustCompile(`var\((--[a-z0-9-]+)(,)?`)
	colour   = regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)a?\(`)
	comment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	physical = regexp.MustCompile(`(?m)^\s*(?:margin|padding|border|inset)?-?(?:left|right)\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)`)
)

func styles(t *testing.T) map[string]string {
	t.Helper()
	sheets := map[string]string{}
	for name, a := range tree().assets {
		if strings.HasPrefix(name, "css/") {
			sheets[strings.TrimPrefix(name, "css/")] = comment.ReplaceAllString(string(a.Body), "")
		}
	}
	return sheets
}

// themes reads the colours of both themes from tokens.css: the dark one is what the light one is not overruled in.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	light, rest, ok := strings.Cut(styles(t)["tokens.css"], "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark theme")
	}
	dark, _, _ := strings.Cut(rest, "\n}\n")
	out := map[string]map[string]string{"light": {}, "dark": {}}
	for _, m := range declared.FindAllStringSubmatch(light, -1) {
		out["light"][m[1]], out["dark"][m[1]] = m[2], m[2]
	}
	for _, m := range declared.FindAllStringSubmatch(dark, -1) {
		out["dark"][m[1]] = m[2]
	}
	return out
}

func TestEveryTextCanBeReadInTheSun(t *testing.T) {
	for theme, c := range themes(t) {
		least := func(ink, ground string, want float64) {
			t.Helper()
			if got := contrast(t, c[ink], c[ground]); got < want {
				t.Errorf("%s: %s on %s has %.2f, want %v", theme, ink, ground, got, want)
			}
		}
		for ink := range c {
			if ground, ok := strings.CutSuffix(ink, "-ink"); ok && ground != "-" {
				least(ink, ground, contrastMin)
			}
		}
		for _, ground := range []string{"--paper", "--paper-2"} {
			for _, ink := range []string{"--ink", "--ink-2", "--accent", "--stop", "--go"} {
				least(ink, ground, contrastMin)
			}
			least("--line-2", ground, edgeMin)
		}
	}
}

func TestColoursAreTokens(t *testing.T) {
	for name, css := range styles(t) {
		if name == "tokens.css" {
			continue
		}
		for _, line := range strings.Split(css, "\n") {
			if found := colour.FindString(line); found != "" && !strings.Contains(line, "#000") && !strings.Contains(line, "#fff") {
				t.Errorf("%s: %q: a colour is a token of tokens.css", name, strings.TrimSpace(line))
			}
		}
	}
}

func TestEveryTokenThatIsUsedIsDeclared(t *testing.T) {
	all := ""
	sheets := styles(t)
	for _, css := range sheets {
		all += css
	}
	for name, css := range sheets {
		for _, m := range used.FindAllStringSubmatch(css, -1) {
			if !strings.Contains(all, m[1]+":") && m[2] == "" && !strings.Contains(all, "@property "+m[1]) {
				t.Errorf("%s uses %s, which nothing declares", name, m[1])
			}
		}
	}
}

// A page must also read from right to left. Only a mirror knows left and right: the person's own.
func TestSidesAreLogical(t *testing.T) {
	for name, css := range styles(t) {
		if name == "capture.css" {
			continue
		}
		for _, found := range physical.FindAllString(css, -1) {
			t.Errorf("%s: %q: write inline-start or inline-end", name, strings.TrimSpace(found))
		}
	}
}

// contrast is the contrast ratio of two opaque hex colours (WCAG 2.2, "contrast ratio").
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is not a colour like #1f2f98", hex)
	}
	linear := func(shift int) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
