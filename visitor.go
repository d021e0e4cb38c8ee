package kaopass

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Visitor is a person with an account. Names and contacts are for the person and for staff who look after them; a
// device is shown DisplayName only.
type Visitor struct {
	ID       VisitorID
	Name     string // as the person writes it; may be empty until asked
	Contact  string // e-mail address or phone number (E.164), normalised by [Contact]
	Language Language
	Created  time.Time
	Frozen   bool // no payments, by the visitor or by staff
}

// NameMax is the longest name, in bytes of UTF-8.
const NameMax = 120

// DisplayName is what a gate or a till may show of a person: at most three initials, never the full name (PROTOCOL, last
// rule). A name of which the initials are all there is, such as 李 明, shows the first one alone, and a single letter
// shows nothing.
func (v Visitor) DisplayName() string {
	var initials []string
	more := false // the name holds more than its initials
	for _, word := range strings.Fields(v.Name) {
		first, size := utf8.DecodeRuneInString(word)
		if unicode.IsLetter(first) {
			initials = append(initials, string(unicode.ToUpper(first))+".")
			more = more || strings.ContainsFunc(word[size:], unicode.IsLetter)
		}
	}
	switch {
	case len(initials) == 0 || len(initials) == 1 && !more:
		return "–"
	case !more:
		return initials[0]
	}
	return strings.Join(initials[:min(len(initials), 3)], " ")
}

// Purpose is what a face may be used for. A consent is given and taken back for each alone.
type Purpose string

// The purposes; there is no third.
const (
	ForAdmission Purpose = "admission"
	ForPayment   Purpose = "payment"
)

// Purposes lists every Purpose.
func Purposes() []Purpose { return []Purpose{ForAdmission, ForPayment} }

// SignMethod is how a consent was signed.
type SignMethod string

// The ways to sign.
const (
	SignedDrawn SignMethod = "drawn" // with a finger; the mark is the drawing's SVG path data
	SignedTyped SignMethod = "typed" // by typing the name; the mark is the name
	SignedPaper SignMethod = "paper" // on paper; the mark is the reference of the form
)

// SignMarkMax is the largest signature mark, in bytes.
const SignMarkMax = 32 << 10

// Consent is one person's signature under one text, for one purpose. It is never edited: withdrawing stamps it, and
// giving consent again is another Consent.
type Consent struct {
	Purpose     Purpose
	TextVersion string // e.g. "2026-11"
	TextHash    string // hex SHA-256 of the text as it was shown, in its language
	Language    Language
	Method      SignMethod
	Mark        string // what was drawn, typed or referred to; sealed with the person's key
	SignedAt    time.Time
	WithdrawnAt time.Time // zero while it stands
}

// Stands reports whether the consent is in force.
func (c Consent) Stands() bool { return !c.SignedAt.IsZero() && c.WithdrawnAt.IsZero() }

// ConsentRefusal says why a purpose may not be served, given the newest consent for it: empty when it may.
func ConsentRefusal(newest Consent) Reason {
	switch {
	case newest.SignedAt.IsZero():
		return ConsentMissing
	case !newest.Stands():
		return ConsentWithdrawn
	}
	return ""
}

// TextHash is the fingerprint of a consent text: the hex SHA-256 of its UTF-8 bytes.
func TextHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// ContactMax is the longest contact, in bytes (RFC 5321, 4.5.3.1.3).
const ContactMax = 254

// Contact normalises an e-mail address or a phone number so that one person signs in to one account; ok is false where
// it is neither. Full-width letters and digits, as a Japanese keyboard makes them, count as plain ones; an e-mail
// address is lower-cased; a phone number becomes E.164, a leading 0 read as Japan (+81).
func Contact(typed string) (normal string, ok bool) {
	s := strings.TrimSpace(strings.Map(halfWidth, typed))
	if s == "" || len(s) > ContactMax {
		return "", false
	}
	if strings.ContainsRune(s, '@') {
		return email(s)
	}
	return phone(s)
}

// halfWidth maps the full-width forms (U+FF01 to U+FF5E) and the ideographic space to ASCII.
func halfWidth(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '　':
		return ' '
	}
	return r
}

// email accepts what mail servers deliver to in practice, not all that RFC 5322 could write.
func email(s string) (string, bool) {
	local, host, _ := strings.Cut(s, "@")
	bad := strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune("<>,;:\"()[]\\", r) || r == utf8.RuneError
	})
	if bad || local == "" || strings.Contains(host, "@") || !strings.Contains(host, ".") {
		return "", false
	}
	for _, label := range strings.Split(host, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
	}
	normal := strings.ToLower(s)
	return normal, len(normal) <= ContactMax
}

// phone makes E.164 (at most 15 digits, the first not 0). "+81 (0)90…" is read as people mean it.
func phone(s string) (string, bool) {
	international := strings.HasPrefix(s, "+")
	if international {
		s = strings.Replace(s[1:], "(0)", "", 1)
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().ー−‐–", r) { // the last four are what keyboards write for a hyphen
			return -1
		}
		return r
	}, s)
	if strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	if !international {
		rest, national := strings.CutPrefix(digits, "0")
		if !national || strings.HasPrefix(rest, "0") {
			return "", false
		}
		digits = "81" + rest
	}
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
		return "", false
	}
	return "+" + digits, true
}
