package kaopass

import (
	"strings"
	"testing"
)

func TestDisplayName(t *testing.T) {
	for name, want := range map[string]string{
		"Taro Yamada":                    "T. Y.",
		"  taro   yamada ":               "T. Y.",
		"山田 太郎":                          "山. 太.",
		"山田　太郎":                          "山. 太.", // with the ideographic space
		"山田太郎":                           "山.",
		"李 明":                            "李.", // both initials would be the whole name
		"李":                              "–",
		"A B":                            "A.",
		"":                               "–",
		"   ":                            "–",
		"Ana Maria de la Cruz":           "A. M. D.",
		"<script>alert(1)</script>":      "–",
		"Taro <img src=x onerror=pay()>": "T. S. O.",
		"\"><b>Taro</b>":                 "–",
		"\u202eTaro Yamada":              "Y.", // a right-to-left override is no initial
		"😀 Taro":                         "T.",
		"123 456":                        "–",
		"\xff\xfe Taro":                  "T.",
		"émile zola":                     "É. Z.",
	} {
		got := Visitor{Name: name}.DisplayName()
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		if strings.ContainsAny(got, "<>&\"'") {
			t.Errorf("%q: markup in %q", name, got)
		}
	}
}

func TestDisplayNameIsNeverTheName(t *testing.T) {
	letters := func(s string) string { return strings.NewReplacer(" ", "", ".", "", "　", "").Replace(s) }
	for _, name := range []string{"李 明", "a", "Ｘ Ｙ", "王", "O K", "J P Q"} {
		if shown := (Visitor{Name: name}).DisplayName(); letters(shown) == letters(name) {
			t.Errorf("%q is shown whole: %q", name, shown)
		}
	}
}

func TestContact(t *testing.T) {
	for typed, want := range map[string]string{
		"Taro@Example.COM":                 "taro@example.com",
		" taro@example.com\n":              "taro@example.com",
		"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ":                  "taro@example.jp",
		"taro+gate@mail.example.co.jp":     "taro+gate@mail.example.co.jp",
		"太郎@例え.jp":                         "太郎@例え.jp",
		"090-1234-5678":                    "+819012345678",
		"０９０ー１２３４ー５６７８":                    "+819012345678",
		"(090) 1234.5678":                  "+819012345678",
		"+81 90 1234 5678":                 "+819012345678",
		"+81 (0)90-1234-5678":              "+819012345678",
		"03-1234-5678":                     "+81312345678",
		"+44 20 7946 0958":                 "+442079460958",
		strings.Repeat("a", 248) + "@b.jp": strings.Repeat("a", 248) + "@b.jp",
	} {
		if got, ok := Contact(typed); !ok || got != want {
			t.Errorf("%q: %q %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", " ", "taro", "taro@", "@example.com", "taro@example", "taro@.com", "taro@example.",
		"taro@exa..mple.com", "taro@-a.com", "a b@example.com", "a@b@c.com", "<a@b.com>", "a@b.com,c@d.com", "a@b.com\r\nBcc: x@y.z",
		"a\x00@b.com", "a\u202e@b.com", "9012345678", "12", "+", "+0901234567", "+12345678901234567", "0000000000", "090-1234-567x", "09+012345678",
		strings.Repeat("a", 250) + "@b.jp", strings.Repeat("0", 1<<16)} {
		if got, ok := Contact(typed); ok || got != "" {
			t.Errorf("%.40q was taken for %q", typed, got)
		}
	}
}

// FuzzContact: what is accepted is accepted again, unchanged, so that one person has one account.
func FuzzContact(f *testing.F) {
	f.Add("Taro@Example.com")
	f.Add("090-1234-5678")
	f.Add("+81 (0)90")
	f.Add("İ@x.y")
	f.Fuzz(func(t *testing.T, typed string) {
		once, ok := Contact(typed)
		if !ok {
			return
		}
		if twice, again := Contact(once); !again || twice != once {
			t.Errorf("%q → %q → %q (%v)", typed, once, twice, again)
		}
		if strings.ContainsAny(once, "\r\n\x00 <>") || len(once) > ContactMax {
			t.Errorf("%q", once)
		}
	})
}

func TestConsent(t *testing.T) {
	given := Consent{Purpose: ForPayment, SignedAt: noon}
	taken := given
	taken.WithdrawnAt = noon
	for _, c := range []struct {
		consent Consent
		reason  Reason
	}{{Consent{}, ConsentMissing}, {given, ""}, {taken, ConsentWithdrawn}, {Consent{WithdrawnAt: noon}, ConsentMissing}} {
		if got := ConsentRefusal(c.consent); got != c.reason || c.consent.Stands() != (got == "") {
			t.Errorf("%+v: %q", c.consent, got)
		}
	}
	if len(Purposes()) != 2 {
		t.Error("there is no third purpose")
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing, FIPS 180-4
	if TextHash("") != empty || TextHash("顔") == TextHash("顏") {
		t.Error("the text's fingerprint")
	}
}
