package receipt

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/viewtest"
)

func paper(l kaopass.Language) Paper {
	return Paper{Words: views.Speak(l), Issuer: kaopass.Issuer{Name: "大阪万博食堂", Registration: "T1234567890123"},
		Receipt: kaopass.Receipt{Payment: "pay_06f0000000000000000000abcd", OrderRef: "卓4", Store: "Ramen East", Till: "ramen-1",
			Amount: kaopass.Yen(1100), Method: kaopass.EMoney, At: time.Date(2026, 7, 1, 3, 5, 0, 0, time.UTC),
			Tax: []kaopass.TaxLine{{Rate: 10, Gross: kaopass.Yen(560), Tax: kaopass.Yen(50)}, {Rate: 8, Gross: kaopass.Yen(540), Tax: kaopass.Yen(40)}}}}
}

func TestTextInJapanese(t *testing.T) {
	want := `          大阪万博食堂
    登録番号 T1234567890123
Ramen East               ramen-1
2026年7月1日（水） 12:05
--------------------------------
            レシート
合計                     1,100円
10%対象                    560円
  （内消費税）              50円
8%対象※                   540円
  （内消費税）              40円
※は軽減税率の対象です。
支払い方法            電子マネー
--------------------------------
注文                         卓4
支払い番号
  pay_06f0000000000000000000abcd
 ご利用ありがとうございました。
`
	if got := paper(kaopass.Japanese).Text(Columns58); got != want {
		t.Errorf("%s", got)
	}
}

// Whatever the language and the paper, no row is wider than it, and the total and the number are on it.
func TestRowsFitThePaper(t *testing.T) {
	for _, l := range kaopass.Languages() {
		for _, columns := range []int{Columns58, Columns80} {
			for _, refund := range []kaopass.RefundID{"", "ref_06f0000000000000000000abcd"} {
				p := paper(l)
				p.Receipt.Refund = refund
				p.Receipt.OrderRef = strings.Repeat("注文", 16)
				text := p.Text(columns)
				for row := range strings.Lines(text) {
					if n := cells(strings.TrimSuffix(row, "\n")); n > columns {
						t.Errorf("%s: %d of %d columns: %s", l, n, columns, row)
					}
				}
				for _, part := range []string{p.Words.Yen(p.Receipt.Amount), string(p.Receipt.Payment), string(refund), p.Issuer.Registration} {
					if !strings.Contains(text, part) {
						t.Errorf("%s does not say %q:\n%s", l, part, text)
					}
				}
			}
		}
	}
}

// A till that sent no tax gets a receipt that says so, and no rate.
func TestWithoutTax(t *testing.T) {
	for _, l := range kaopass.Languages() {
		p := paper(l)
		p.Receipt.Tax = nil
		if text := p.Text(Columns80); !strings.Contains(text, p.t("noTax")) || strings.Contains(text, "%") {
			t.Error(text)
		}
	}
}

// What the printer gets is Shift_JIS between commands; a name cannot bring commands of its own.
func TestBytesForThePrinter(t *testing.T) {
	p := paper(kaopass.Japanese)
	p.Receipt.Store, p.Receipt.Till = "한국 拉面", "x\x1bp\x00\x19\xfa\n\x10\u202e\u2066\u2028"
	got := p.ESCPOS(Columns58)
	if !bytes.HasPrefix(got, []byte(reset+japan+kanjiJIS+kanjiOn)) || !bytes.HasSuffix(got, []byte(feedAndCut)) {
		t.Errorf("%q", got)
	}
	body := string(got)
	for _, command := range []string{reset, japan, kanjiJIS, kanjiOn, boldOn, boldOff, tall, small, feedAndCut} {
		body = strings.ReplaceAll(body, command, "")
	}
	if strings.ContainsFunc(strings.ReplaceAll(body, "\n", ""), func(r rune) bool { return r < ' ' }) {
		t.Errorf("a command among the text: %q", body)
	}
	if strings.ContainsAny(p.Text(Columns58), "\u202e\u2066\u2028") {
		t.Error("a name turns the line round")
	}
	text, err := japanese.ShiftJIS.NewDecoder().String(body)
	if err != nil || !strings.Contains(text, "大阪万博食堂") || !strings.Contains(text, "1,100円") || !strings.Contains(text, "〓〓") {
		t.Errorf("%v: %s", err, text)
	}
	for _, l := range []kaopass.Language{kaopass.Korean, kaopass.Chinese, kaopass.English} {
		if got := paper(l).ESCPOS(Columns80); !bytes.Contains(got, []byte("Thank you")) || !bytes.Contains(got, []byte("\x5c1,100")) || bytes.Contains(got, []byte("?")) {
			t.Errorf("%s: %q", l, got)
		}
	}
}

func TestOnAPage(t *testing.T) {
	p := paper(kaopass.English)
	p.Receipt.OrderRef = "<script>"
	drawn := viewtest.Draw(t, p.View())
	if !strings.Contains(drawn, "¥1,100") || strings.Contains(drawn, "<script>") || strings.Count(drawn, "<hr") != 2 {
		t.Error(drawn)
	}
}
