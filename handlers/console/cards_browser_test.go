package console_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/static/browsertest"
)

// A manager settles by the keyboard alone: chooses, writes, sends; and takes the loss back when the money comes after all.
func TestBrowserConsoleSettlesACard(t *testing.T) {
	browsertest.Chromium(t)
	r := open(t)
	tab := r.desk(t, kaopass.Manager)
	me := r.payer(t, "hana@example.com", 0)
	card, err := r.DB.AddCard(t.Context(), me, "token", "Visa ••4242")
	if err != nil {
		t.Fatal(err)
	}
	for _, yen := range []int64{700, 900} {
		if _, err := r.DB.TopUp(t.Context(), lapsed{}, db.TopUp{Visitor: me, Method: card.ID, Amount: kaopass.Yen(yen)}); err != nil {
			t.Fatal(err)
		}
	}
	tab.Open("/console/cards")
	for _, size := range []struct{ width, height int64 }{{390, 844}, {1280, 800}} {
		tab.Resize(size.width, size.height)
		time.Sleep(settling)
		tab.Level()
		tab.Shot(fmt.Sprintf("cards-%d", size.width))
	}
	tab.Accessible("cards")
	tab.Run(`document.querySelector('[type=radio][value=loss]').focus(); ''`)
	tab.Press(" \tasked the bank\t\r")
	tab.Sees(".settle details, details .settle")
	tab.Says("main", "The venue bears it")
	tab.Says("main", "asked the bank")
	tab.Run(`document.querySelector('details summary').focus(); ''`)
	tab.Press(" ")
	tab.Sees("details[open] [type=radio][value=paid]")
	tab.Accessible("cards, one borne")
	tab.Run(`document.querySelector('details [type=radio][value=paid]').focus(); ''`)
	tab.Press(" \tit is on their statement\t\r")
	tab.Says("main", "Paid after all")
	if left := tab.Run(`String(document.querySelectorAll('form.settle').length)`); left != "1" {
		t.Errorf("%s forms are left", left)
	}
}
