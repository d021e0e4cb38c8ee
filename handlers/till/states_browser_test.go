package till_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/views"
)

// stage answers the screen's question after one payment with whatever the test puts into globalThis.payment, and lets
// everything else through.
const stage = `const send = fetch;
	const answer = (body) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
	globalThis.fetch = (url, how) => {
		const path = String(url);
		const payment = JSON.parse(sessionStorage.getItem('stage') ?? 'null');
		if (!payment || !path.includes(payment.id)) return send(url, how);
		if (path.includes('/receipt')) return Promise.resolve(answer({ payment_id: payment.id, lines: [{ left: 'x', right: '1' }] }));
		if (path.endsWith('/face')) return new Promise(() => {});
		const language = new Headers(how.headers).get('Accept-Language');
		return Promise.resolve(answer({ ...payment, message: payment.messages[language] }));
	};`

// staged is a payment as the server would answer it, with its sentence in each language.
type staged struct {
	name     string
	step     string // that the screen shows
	Status   kaopass.PaymentStatus
	Reason   kaopass.Reason
	Retry    bool
	Captured int64
	Refunded int64
	Methods  bool
	Waits    bool // nothing can be chosen: the wallet is short, and the card's bank waits for its owner
	Named    bool
	Offers   []chip // in place of those
}

// states are all that a payment can be in, as customers see them.
func states() []staged {
	all := []staged{
		{name: "awaiting_face", step: "face", Status: kaopass.AwaitingFace},
		{name: "not seen", step: "face", Status: kaopass.Refused, Reason: kaopass.FaceUnclear, Retry: true},
		{name: "awaiting_code", step: "code", Status: kaopass.AwaitingCode},
		{name: "code wrong", step: "code", Status: kaopass.AwaitingCode, Reason: kaopass.CodeWrong},
		{name: "confirm", step: "confirm", Status: kaopass.AwaitingConfirmation, Methods: true, Named: true},
		{name: "nothing to choose", step: "confirm", Status: kaopass.AwaitingConfirmation, Waits: true, Named: true},
		{name: "authorised", step: "result", Status: kaopass.Authorised, Named: true},
		{name: "captured", step: "result", Status: kaopass.Captured, Captured: 12800, Named: true},
		{name: "expired", step: "result", Status: kaopass.Expired, Reason: kaopass.PaymentExpired},
		{name: "cancelled", step: "result", Status: kaopass.Cancelled, Reason: kaopass.PaymentCancelled},
		{name: "voided", step: "result", Status: kaopass.Voided, Named: true},
		{name: "refunded", step: "result", Status: kaopass.Refunded, Captured: 12800, Refunded: 12800, Named: true},
		{name: "partly refunded", step: "result", Status: kaopass.PartiallyRefunded, Captured: 12800, Refunded: 800, Named: true},
	}
	for _, r := range []kaopass.Reason{kaopass.FundsShort, kaopass.CardDeclined, kaopass.CardNeedsOwner, kaopass.CardUnreachable,
		kaopass.LimitExceeded, kaopass.MethodGone, kaopass.MethodNotAllowed, kaopass.ConsentWithdrawn, kaopass.PayerFrozen} {
		all = append(all, staged{name: "declined " + string(r), step: "result", Status: kaopass.Declined, Reason: r, Named: true})
	}
	return append(all, staged{name: "uncollected", step: "result", Status: kaopass.Captured, Reason: kaopass.CardUncollected, Captured: 12800, Named: true},
		staged{name: "refused", step: "result", Status: kaopass.Refused, Reason: kaopass.FaceUnknown},
		staged{name: "till locked", step: "result", Status: kaopass.Refused, Reason: kaopass.TooManyTries})
}

// say is the sentence of a state in a language.
func (p staged) say(w views.Words) string {
	if p.Waits {
		return w.Reason(kaopass.CardNeedsOwner)
	}
	if p.Reason != "" {
		return w.Reason(p.Reason)
	}
	return w.T("till.say." + string(p.Status))
}

// json is the server's answer.
func (p staged) json(t *testing.T, l kaopass.Language) string {
	t.Helper()
	messages := map[kaopass.Language]string{}
	for _, each := range kaopass.Languages() {
		messages[each] = p.say(apitest.Words(each))
	}
	out := map[string]any{"id": "pay_staged", "status": p.Status, "retry": p.Retry, "amount": kaopass.Yen(12800), "authorised": kaopass.Yen(0),
		"captured": kaopass.Yen(p.Captured), "refunded": kaopass.Yen(p.Refunded), "capture": "automatic", "created_at": time.Now().UTC(), "messages": messages}
	if p.Reason != "" {
		out["reason"] = p.Reason
	}
	if p.Named {
		out["payer"] = map[string]any{"display_name": "T. Y.", "language": l}
	}
	wallet := map[string]any{"id": "pm_1", "kind": "emoney", "label": "MYAKU wallet", "default": true, "covers": false, "reason": kaopass.FundsShort}
	waits := map[string]any{"id": "pm_4", "kind": "card", "label": "Visa ••3184", "covers": false, "reason": kaopass.CardNeedsOwner}
	switch {
	case p.Offers != nil:
		out["methods"] = p.Offers
	case p.Methods:
		out["methods"] = []map[string]any{wallet, {"id": "pm_2", "kind": "card", "label": "Visa ••4242", "covers": true},
			{"id": "pm_3", "kind": "card", "label": "JCB ••0505", "covers": true}, waits}
	case p.Waits:
		out["methods"] = []map[string]any{wallet, waits}
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whatever state a payment is in, a screen that was reloaded asks, and says it in the customer's language: as a terminal of two
// sizes and as a stand, upright and across, by day and by night.
func TestBrowserTillShowsEveryState(t *testing.T) {
	s := openShop(t, apitest.LaptopClip, func(screen *apitest.Screen) { screen.Before, screen.Strict = stage, true })
	for _, look := range []struct {
		language      kaopass.Language
		width, height int64
		scheme        string
	}{{kaopass.Japanese, 390, 844, "light"}, {kaopass.English, 1280, 800, "dark"}, {kaopass.Chinese, 800, 1280, "dark"}, {kaopass.Korean, 1280, 800, "light"},
		{kaopass.English, 360, 640, "light"}} {
		s.Resize(look.width, look.height)
		s.Scheme(look.scheme)
		for _, p := range states() {
			name := string(look.language) + " " + strconv.FormatInt(look.width, 10) + " " + p.name
			s.Run(`sessionStorage.setItem('kaopass-till', '{"payment":"pay_staged"}'); sessionStorage.setItem('stage', ` + quoted(t, p.json(t, look.language)) + `); ''`)
			s.Open("/till")
			s.Sees(`#till[data-step="` + p.step + `"]`)
			if !p.Named {
				s.Click(`#languages [value="` + string(look.language) + `"]`)
			}
			s.showsState(t, name, p, apitest.Words(look.language))
			s.Level()
			s.touchable(name)
			s.onScreen(name, "button") // a list of chips may be longer than a small screen
			s.Shot(name)
			s.Accessible(name)
		}
	}
	s.Run("sessionStorage.clear(); localStorage.clear(); ''")
}

// showsState looks for the right words and amounts.
func (s shop) showsState(t *testing.T, name string, p staged, w views.Words) {
	t.Helper()
	stepOf := `[data-shows="` + p.step + `"]`
	if got := s.Run(`document.querySelector('` + stepOf + `').lang`); got != string(w.Lang) {
		t.Errorf("%s is in %q", name, got)
	}
	shown := int64(12800)
	if p.Refunded > 0 {
		shown = p.Refunded
	}
	s.Says(stepOf+" [data-amount]", w.Yen(kaopass.Yen(shown)))
	switch {
	case p.step == "face" && p.Retry:
		s.Says("#face-reason", p.say(w))
	case p.step == "face":
		s.Says("#face-title", w.T("till.customer.look"))
	case p.step == "code" && p.Reason != "":
		s.Says("#code-reason", p.say(w))
	case p.step == "confirm":
		s.Says("#methods", w.T("till.customer.short"))
		s.Says("#methods", w.T("till.customer.asksOwner"))
		if p.Waits {
			s.Says("#pay", w.T("till.customer.check"))
			s.Says("#confirm-reason", p.say(w))
		} else {
			s.Says("#pay", w.T("till.customer.pay"))
		}
	case p.Status == kaopass.PartiallyRefunded:
		s.Says("#sentence", w.Yen(kaopass.Yen(12000)))
	case p.Status == kaopass.Refunded:
		s.Says("#word", w.T("till.say.given_back"))
	case p.Status == kaopass.Authorised:
		s.Says("#word", w.T("till.say.authorised"))
	case p.step == "result":
		s.Says("#sentence", p.say(w))
	}
	if text := s.Text(stepOf); strings.Contains(text, "undefined") || strings.Contains(text, "{}") {
		t.Errorf("%s says %q", name, text)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
