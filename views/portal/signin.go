package portal

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// SignInModel is the page that asks for an address.
type SignInModel struct {
	Typed   string
	Problem string        // key of a sentence
	Wait    time.Duration // above zero: too many codes were asked for
	Next    string        // where to go afterwards
	Demo    bool          // codes go to the demo inbox
	Lost    bool          // the address of an earlier step was forgotten
}

func (m SignInModel) wrong(w views.Words) string {
	switch {
	case m.Wait > 0:
		return w.With("portal.signin.tries", views.Args{"Wait": w.N("common.minutes", minutes(m.Wait))})
	case m.Problem != "":
		return w.T(m.Problem)
	}
	return ""
}

// SignInCodeModel is the page that asks for the six digits.
type SignInCodeModel struct {
	Contact string
	Problem string // key of a sentence
	Reason  kaopass.Reason
	Next    string
	Demo    bool
	Wait    time.Duration // until new digits are offered
}

func (m SignInCodeModel) wrong(w views.Words) string {
	if m.Problem != "" {
		return w.T(m.Problem)
	}
	return w.Reason(m.Reason)
}

// NameModel is the page that asks for a name.
type NameModel struct {
	Typed   string
	Problem string // key of a sentence
	Next    string
}

// minutes rounds up: "in 1 minute" is never too early.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// said is the sentence of a key, or nothing for no key.
func said(w views.Words, key string) string {
	if key == "" {
		return ""
	}
	return w.T(key)
}
