package portal

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/consent"
)

// ChoiceModel is the page of the two purposes.
type ChoiceModel struct {
	Standing []kaopass.Consent // already in force
	Newer    []kaopass.Purpose // of those, where the text has changed since
	Chosen   []kaopass.Purpose // switched on before the form came back
	Age      string            // "16", "15" or empty
	Problem  string            // key of a sentence
}

func (m ChoiceModel) given(purpose kaopass.Purpose) (kaopass.Consent, bool) {
	at := slices.IndexFunc(m.Standing, func(c kaopass.Consent) bool { return c.Purpose == purpose })
	if at < 0 {
		return kaopass.Consent{}, false
	}
	return m.Standing[at], true
}

// complete reports whether there is nothing left to sign.
func (m ChoiceModel) complete() bool {
	return len(m.Standing) == len(kaopass.Purposes()) && len(m.Newer) == 0
}

// ageless reports whether the age is all that is missing: that is said beside it.
func (m ChoiceModel) ageless() bool { return m.Problem == "consent.choice.needAge" }

func (m ChoiceModel) newer(purpose kaopass.Purpose) bool { return slices.Contains(m.Newer, purpose) }

// SignModel is the page with the place to sign.
type SignModel struct {
	Texts   []consent.Document
	Name    string // typed, or known
	Problem string // key of a sentence
	Age     string // "16", or "15" where a guardian signs; empty: 16
}

// unsigned is what is said beside the name where nobody signed; "" otherwise.
func (m SignModel) unsigned(w views.Words) string {
	if m.Problem != "consent.sign.empty" {
		return ""
	}
	return w.T(m.Problem)
}

func (m SignModel) age() string { return cmp.Or(m.Age, "16") }

// SignedConsent is a consent with the text that was signed; Text is empty where that version is no longer in the house.
type SignedConsent struct {
	kaopass.Consent
	Text consent.Document
}

// ReceiptModel is everything that a visitor signed.
type ReceiptModel struct {
	Visitor  kaopass.Visitor
	Operator consent.Operator
	Consents []SignedConsent
}

// purposeName is what a purpose is called.
func purposeName(w views.Words, purpose kaopass.Purpose) string {
	return w.T("consent.purpose." + string(purpose))
}

func methodName(w views.Words, method kaopass.SignMethod) string {
	return w.T("consent.receipt." + string(method))
}

// fact is one line of a receipt.
type fact struct{ label, value string }

func facts(w views.Words, m ReceiptModel, c SignedConsent) []fact {
	list := []fact{
		{w.T("consent.receipt.purpose"), purposeName(w, c.Purpose)},
		{w.T("consent.receipt.to"), m.Operator.Name},
		{w.T("consent.receipt.signed"), w.DateTime(c.SignedAt)},
		{w.T("consent.receipt.method"), methodName(w, c.Method)},
		{w.T("consent.receipt.language"), views.LanguageName(c.Language)},
		{w.T("consent.receipt.version"), c.TextVersion},
		{w.T("consent.receipt.fingerprint"), c.TextHash},
	}
	if !c.Stands() {
		list = append(list, fact{w.T("consent.receipt.withdrawn"), w.DateTime(c.WithdrawnAt)})
	}
	return list
}

// ReceiptText is the receipt as plain text. Between the two rules of each text lie exactly the bytes that were hashed.
func ReceiptText(w views.Words, m ReceiptModel) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Kaopass: %s\n%s\n", w.T("consent.receipt.title"), m.Visitor.Contact)
	if m.Visitor.Name != "" {
		fmt.Fprintln(&b, m.Visitor.Name)
	}
	if len(m.Consents) == 0 {
		fmt.Fprintf(&b, "\n%s\n", w.T("consent.receipt.none"))
	}
	for _, c := range m.Consents {
		b.WriteString("\n")
		for _, f := range facts(w, m, c) {
			fmt.Fprintf(&b, "%s: %s\n", f.label, f.value)
		}
		if c.Text.Text == "" {
			fmt.Fprintf(&b, "\n%s\n", w.T("consent.receipt.old"))
			continue
		}
		rule := strings.Repeat("-", 72) + "\n"
		b.WriteString("\n" + rule + c.Text.Text + rule)
	}
	return b.String()
}

func chose(m ChoiceModel, purpose kaopass.Purpose) bool { return slices.Contains(m.Chosen, purpose) }

func escape(s string) string { return url.QueryEscape(s) }
