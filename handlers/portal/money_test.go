package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/card"
)

// paying is a visitor with a wallet at a venue with the sandbox's card company.
func paying(t *testing.T) (*venue, *browser) {
	t.Helper()
	v := open(t)
	desk, err := card.Open("")
	if err != nil {
		t.Fatal(err)
	}
	v.Cards, v.Tokenise, v.SampleCards, v.Answered = desk, desk.Tokenise, card.Samples(), card.Answered
	b := v.signIn(t, "yuki@example.jp")
	b.agree(kaopass.ForPayment)
	return v, b
}

func (b *browser) addCard(number string) answer {
	b.t.Helper()
	return b.post("/wallet/card", "number", number, "expiry", "12/99", "cvc", "123")
}

// method is the id of the card whose label ends so.
func (b *browser) method(last string) string {
	b.t.Helper()
	page := b.get("/wallet").is(http.StatusOK, last).body
	for _, line := range regexp.MustCompile(`<li class="row between">[\s\S]*?</li>`).FindAllString(page, -1) {
		if strings.Contains(line, last) {
			return regexp.MustCompile(`pm_[0-9a-z]+`).FindString(line)
		}
	}
	b.t.Fatalf("no card %s", last)
	return ""
}

func TestTopUp(t *testing.T) {
	_, b := paying(t)
	b.get("/wallet").is(200, "Add a card first", "¥0")
	b.get("/wallet/card").is(200, "4242 4242 4242 4242", "test card company")
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
	visa := b.method("4242")
	b.post("/wallet/topup", "amount", "12", "method", visa).is(422, "from ¥500 to ¥50,000", `value="12"`)
	b.post("/wallet/topup", "amount", "lots", "method", visa).is(422, `value="lots"`)
	key := b.get("/wallet").field("key")
	b.post("/wallet/topup", "amount", "５，０００円", "method", visa, "key", key).leadsTo("/wallet?added=5000")
	b.post("/wallet/topup", "amount", "５，０００円", "method", visa, "key", key).leadsTo("/wallet?added=5000") // two taps are one
	b.get("/wallet").is(200, "¥5,000")
	b.get("/wallet/history").is(200, "Money put in", "¥5,000")
	if table := b.get("/wallet/history.csv").is(200).body; strings.Count(table, "Money put in") != 1 {
		t.Errorf("history:\n%s", table)
	}
	b.post("/me/delete").is(409, "still money in your wallet")
}

func TestCardsThatSayNo(t *testing.T) {
	_, b := paying(t)
	b.addCard("4000 0000 0000 0002").leadsTo("/wallet")
	said := b.post("/wallet/topup", "amount", "5000", "method", b.method("0002"), "key", "one").is(422, "The card company said no. Nothing was taken", `value="5000"`)
	if said.field("key") == "one" {
		t.Error("the next try would be answered with the last one's outcome")
	}
	b.post("/wallet/topup", "amount", "5000", "method", "pm_01hx0000000000000000000000", "key", "two").is(422, "no longer there")
	b.get("/wallet").is(200, "¥0")
}

func TestNumbersThatAreNoTestCard(t *testing.T) {
	_, b := paying(t)
	const real = "4111111111111111"
	if a := b.addCard(real).is(422, "Please look at the card number"); strings.Contains(a.body, real) {
		t.Error("the number comes back to the page")
	}
	b.post("/wallet/card", "number", "4242424242424242", "expiry", "01/20", "cvc", "123").is(422)
}

func TestWaysToPay(t *testing.T) {
	v, b := paying(t)
	b.addCard("4242 4242 4242 4242").leadsTo("/wallet")
	visa := b.method("4242")
	b.post("/wallet/default", "method", visa).leadsTo("/wallet")
	profile, err := v.DB.Profile(t.Context(), v.me(t, b))
	if err != nil || profile.Wallet.Methods[0].ID != kaopass.MethodID(visa) || !profile.Wallet.Methods[0].Default {
		t.Error(profile.Wallet, err)
	}
	other := v.signIn(t, "mallory@example.jp")
	other.agree(kaopass.ForPayment)
	other.post("/wallet/remove", "method", visa).is(404)
	other.post("/wallet/default", "method", visa).is(404)
	b.post("/wallet/remove", "method", visa).leadsTo("/wallet")
	if page := b.get("/wallet").is(200); strings.Contains(page.body, "4242") {
		t.Error("the card is still there")
	}
}
