package kaopass

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
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

// DisplayName is what a gate or a till may show of a person: initials, never the full name (PROTOCOL, last rule).
func (v Visitor) DisplayName() string {
	var initials []string
	for _, word := range strings.Fields(v.Name) {
		for _, r := range word {
			if unicode.IsLetter(r) {
				initials = append(initials, string(unicode.ToUpper(r))+".")
			}
			break
		}
	}
	if len(initials) == 0 {
		return "–"
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

// Contact normalises an e-mail address or a phone number so that one person signs in to one account; ok is false where
// it is neither. An e-mail address is lower-cased; a phone number becomes E.164, a leading 0 read as Japan (+81).
func Contact(typed string) (normal string, ok bool) {
	s := strings.TrimSpace(typed)
	if len(s) > ContactMax {
		return "", false
	}
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		host := s[at+1:]
		good := at > 0 && strings.Contains(host, ".") && !strings.ContainsAny(s, " \t\r\n<>,;\"") && host[0] != '.' && host[len(host)-1] != '.'
		return strings.ToLower(s), good
	}
	return phone(s)
}

// ContactMax is the longest contact, in bytes (RFC 5321, 4.5.3.1.3).
const ContactMax = 254

func phone(s string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" -().+", r):
			return -1
		}
		return 'x'
	}, s)
	if strings.Contains(digits, "x") || strings.LastIndexByte(s, '+') > 0 {
		return "", false
	}
	if !strings.HasPrefix(s, "+") {
		rest, national := strings.CutPrefix(digits, "0")
		if !national {
			return "", false
		}
		digits = "81" + rest
	}
	return "+" + digits, len(digits) >= 8 && len(digits) <= 15
}
