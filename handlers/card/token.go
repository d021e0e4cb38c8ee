package card

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// What a test card does, as its token says.
const (
	pays     = "pays"
	declines = "declines"
	loses    = "loses"    // it is charged, but the answer gets lost
	vanishes = "vanishes" // neither the question nor the answer arrives
	asks     = "asks"     // its bank wants to hear from its owner, once
)

// Sample is a test card.
type Sample struct {
	Number string // as printed, in groups
	Brand  string
	Does   string // "pays", "declines", "asks": its owner has to answer the bank, or "silent": no answer comes
	how    string
}

// Samples lists the test cards: numbers that card companies publish for trying out, which belong to nobody. Of the
// silent two, the first is charged all the same.
func Samples() []Sample {
	return []Sample{
		{"4242 4242 4242 4242", "Visa", "pays", pays},
		{"5555 5555 5555 4444", "Mastercard", "pays", pays},
		{"3530 1113 3330 0000", "JCB", "pays", pays},
		{"4000 0027 6000 3184", "Visa", "asks", asks},
		{"4000 0000 0000 0002", "Visa", "declines", declines},
		{"4000 0000 0000 0119", "Visa", "silent", loses},
		{"4000 0000 0000 6975", "Visa", "silent", vanishes},
	}
}

// What Tokenise answers where it takes no card. None of them repeats what was typed.
var (
	ErrNotTest = errors.New("card: the sandbox takes its own test numbers only, never a real card")
	ErrExpiry  = errors.New("card: not a month and year from now on")
	ErrCVC     = errors.New("card: not a security code of three or four digits")
)

// The form of a token: prefix, what the card does, the number's last four digits.
const tokenPrefix = "sandbox."

// Tokenise takes a card (number with or without spaces, expiry as MM/YY or MM/YYYY, security code) and gives it a name
// to charge it by, and a label to show.
func (s *Sandbox) Tokenise(number, expiry, cvc string) (token, label string, err error) {
	plain := strings.NewReplacer(" ", "", "-", "").Replace(number)
	for _, sample := range Samples() {
		if strings.ReplaceAll(sample.Number, " ", "") != plain {
			continue
		}
		switch {
		case !s.ahead(expiry):
			return "", "", ErrExpiry
		case len(cvc) < 3 || len(cvc) > 4 || strings.Trim(cvc, "0123456789") != "":
			return "", "", ErrCVC
		}
		last := plain[len(plain)-4:]
		return tokenPrefix + sample.how + "." + last, sample.Brand + " ••" + last, nil
	}
	return "", "", ErrNotTest
}

// ahead reports whether a card with this expiry is good: until the last day of its month.
func (s *Sandbox) ahead(expiry string) bool {
	mm, yy, ok := strings.Cut(strings.ReplaceAll(expiry, " ", ""), "/")
	month, errMonth := strconv.Atoi(mm)
	year, errYear := strconv.Atoi(yy)
	if !ok || errMonth != nil || errYear != nil || month < 1 || month > 12 || len(yy) != 2 && len(yy) != 4 {
		return false
	}
	if len(yy) == 2 {
		year += 2000
	}
	end := time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
	return year >= 0 && s.now().Before(end)
}

// Answered is what a card is called after its owner answered the bank that asked: it pays. ok is false for a card that is
// not asked about.
func Answered(token string) (renewed string, ok bool) {
	if behaviour(token) != asks {
		return "", false
	}
	return strings.Replace(token, "."+asks+".", "."+pays+".", 1), true
}

// behaviour reads what a card does out of its token: declines, where the token is none of ours.
func behaviour(token string) string {
	rest, ours := strings.CutPrefix(token, tokenPrefix)
	does, _, _ := strings.Cut(rest, ".")
	if !ours {
		return declines
	}
	return does
}
