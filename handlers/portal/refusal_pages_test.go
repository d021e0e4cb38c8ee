package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// guarded is a minor at a venue with the sandbox's cards, whose guardian allows none.
func guarded(t *testing.T, contact string) (*venue, *browser) {
	t.Helper()
	v, b := paying(t)
	g := kaopass.Guardian{Name: "Taro", Contact: contact, Allowance: kaopass.Allowance{Day: 1000, Week: 3000}}
	if err := v.DB.SignGuardian(t.Context(), v.me(t, b), g, "stf_test"); err != nil {
		t.Fatal(err)
	}
	return v, b
}

// A minor is told why there is no card, and what to do, before and after the form.
func TestAMinorIsToldHowToAskForACard(t *testing.T) {
	v, b := guarded(t, "taro@example.jp")
	b.get("/wallet").is(200, "Ask your parent or guardian first", "has not allowed you to use cards yet")
	b.get("/wallet/card").is(200, "on their own phone", "information desk together", "pay with the money in your wallet")
	if page := b.addCard("4242 4242 4242 4242").is(409, "Ask your parent or guardian first"); strings.Contains(page.body, "4242") {
		t.Error("the number comes back")
	}
	for lang, words := range map[string]string{"ja": "先に保護者に聞いてください", "zh-Hans": "请先问父母或监护人", "ko": "먼저 보호자에게 물어봐 주세요"} {
		b.get("/wallet/card?lang="+lang).is(200, words, `<html lang="`+lang+`"`)
	}
	taro := v.signIn(t, "taro@example.jp")
	taro.get("/me/wards").is(200, "You signed on")
	taro.post("/me/wards", "visitor", string(v.me(t, b)), "day", "1000", "week", "3000", "card", "on").leadsTo("/me/wards?saved=1")
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
}

func TestAGuardianWithoutAnAddressAllowsAtTheDesk(t *testing.T) {
	_, b := guarded(t, "")
	if page := b.get("/wallet/card").is(200, "information desk together"); strings.Contains(page.body, "on their own phone") {
		t.Error("a guardian without an account cannot do it by phone")
	}
}

// What a second window, the way back, or two taps do is said on the wallet's own page.
func TestAFormThatWasSentBefore(t *testing.T) {
	_, b := paying(t)
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
	visa := b.method("4242")
	key := b.get("/wallet").field("key")
	b.post("/wallet/topup", "amount", "5000", "method", visa, "key", key).leadsTo("/wallet?added=5000")
	again := b.post("/wallet/topup", "amount", "6000", "method", visa, "key", key).is(422, "This form was sent before", "¥5,000")
	if again.field("key") == key {
		t.Error("the next try would say the same")
	}
	b.post("/wallet/remove", "method", visa).leadsTo("/wallet")
	b.post("/wallet/remove", "method", visa).is(404, "That card is no longer there")
	b.post("/wallet/default", "method", visa).is(404, "That card is no longer there")
	b.post("/wallet/topup", "amount", "5000", "method", visa).is(422, "That card is no longer there")
}

func TestAFullWalletSaysHowMuchFits(t *testing.T) {
	_, b := paying(t)
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
	visa := b.method("4242")
	for range 5 {
		b.post("/wallet/topup", "amount", "50000", "method", visa).leadsTo("/wallet?added=50000")
	}
	b.post("/wallet/topup", "amount", "30000", "method", visa).leadsTo("/wallet?added=30000")
	b.post("/wallet/topup", "amount", "30000", "method", visa).is(422, "up to ¥300,000", "up to ¥20,000 now")
	b.post("/wallet/topup", "amount", "20000", "method", visa).leadsTo("/wallet?added=20000")
	b.post("/wallet/topup", "amount", "500", "method", visa).is(422, "Your wallet is full")
}

func TestMoneyIsNotPutInWhilePaymentsAreStopped(t *testing.T) {
	_, b := paying(t)
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
	visa := b.method("4242")
	b.post("/me/payments", "frozen", "yes", "back", "/wallet").leadsTo("/wallet")
	b.post("/wallet/topup", "amount", "5000", "method", visa).is(422, "Please allow payments again first")
	b.get("/wallet/history").is(200, "¥5,000 was not put into the wallet", "Your payments were stopped.")
	b.get("/wallet/history?show=none").is(200, "Nothing like that") // it is no payment
}

func TestACardBeforePaymentIsAgreedTo(t *testing.T) {
	v, b := paying(t)
	b.get("/wallet/card").is(200)
	other := v.signIn(t, "ken@example.jp")
	other.get("/wallet/card").is(200, "Your wallet opens when you agree")
	other.addCard("4242 4242 4242 4242").is(404, "Your wallet opens when you agree")
	other.post("/wallet/topup", "amount", "5000").is(404, "Your wallet opens when you agree")
}

// A guardian who no longer is one sees how it stands.
func TestAllowingSomebodyWhoIsNotThereAnyMore(t *testing.T) {
	v, b := guarded(t, "taro@example.jp")
	child := v.me(t, b)
	if err := v.DB.EndGuardian(t.Context(), child, "stf_test"); err != nil {
		t.Fatal(err)
	}
	v.signIn(t, "taro@example.jp").post("/me/wards", "visitor", string(child), "day", "1000", "week", "3000").
		is(http.StatusNotFound, "They are no longer on this page", "Nobody yet")
}

// The table is for spreadsheets and programs alike: a mark for UTF-8, bare numbers, and nobody's name as a formula.
func TestTheTableIsSafeForSpreadsheets(t *testing.T) {
	v := open(t)
	paidAt(t, v, "taro@example.jp")
	b := v.signIn(t, "taro@example.jp")
	for _, lang := range []string{"en", "ja", "zh-Hans", "ko"} {
		table := b.get("/wallet/history.csv?lang=" + lang).is(200)
		if !strings.HasPrefix(table.body, "\ufeff") || !strings.Contains(table.body, ",-1200,") || !strings.Contains(table.body, ",200,") {
			t.Errorf("%s:\n%s", lang, table.body)
		}
	}
}
