package kaopass

import "time"

// Receipt is what a person is given for money that was taken, or given back. It holds no name, no face and no code.
type Receipt struct {
	Payment  PaymentID
	Refund   RefundID // set where money was given back
	OrderRef string
	Store    Zone
	Till     string // its name
	Amount   Money
	Method   MethodKind
	At       time.Time
	Language Language  // the payer's; empty where they are gone
	Tax      []TaxLine // as the till sent it, where it fits what was taken; empty: only the total is known
	Printed  time.Time // zero: not yet
}

// TaxLine is the part of an amount that is taxed at one rate. Gross includes the tax.
type TaxLine struct {
	Rate  int // per cent: 10, or 8 for food to take away
	Gross Money
	Tax   Money
}

// TaxRates lists the rates of Japan's consumption tax.
func TaxRates() []int { return []int{10, 8} }

// TaxFits reports whether lines of tax, at most one a rate, make up an amount exactly. No lines fit any amount.
func TaxFits(lines []TaxLine, amount Money) bool {
	sum, seen := int64(0), map[int]bool{}
	for _, l := range lines {
		if l.Rate != 8 && l.Rate != 10 || seen[l.Rate] || l.Gross.Currency != amount.Currency || l.Tax.Currency != amount.Currency ||
			l.Gross.Value <= 0 || l.Gross.Value > amount.Value || l.Tax.Value < 0 || l.Tax.Value >= l.Gross.Value {
			return false
		}
		seen[l.Rate], sum = true, sum+l.Gross.Value
	}
	return len(lines) == 0 || sum == amount.Value
}

// Issuer is who a receipt is from.
type Issuer struct {
	Name         string
	Registration string // the number of the qualified invoice system: T and 13 digits; empty: none
}

// IsRegistration reports whether a text has the form of a registration number: T and 13 digits.
func IsRegistration(s string) bool {
	if len(s) != 14 || s[0] != 'T' {
		return false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
