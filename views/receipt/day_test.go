package receipt

import (
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

func day(l kaopass.Language) Day {
	at := time.Date(2026, 7, 2, 3, 5, 0, 0, time.UTC)
	sold := kaopass.Totals{Captures: 12, Captured: kaopass.Yen(15600), Refunds: 1, Refunded: kaopass.Yen(600)}
	card := kaopass.Totals{Captures: 2, Captured: kaopass.Yen(4000), Refunded: kaopass.Yen(0)}
	all := kaopass.Totals{Captures: 14, Captured: kaopass.Yen(19600), Refunds: 1, Refunded: kaopass.Yen(600)}
	settled := all
	settled.Captured = kaopass.Yen(19100)
	return Day{Words: views.Speak(l), Issuer: kaopass.Issuer{Name: "大阪万博食堂"}, Report: kaopass.TillReport{Till: "ramen-1", Store: "Ramen East",
		Day: "2026-07-01", At: at, All: all, Methods: []kaopass.MethodTotals{{Method: kaopass.EMoney, Totals: sold}, {Method: kaopass.Card, Totals: card}},
		Settled: settled, SettledAt: at, Reported: kaopass.Totals{Captured: kaopass.Yen(19000)}, ReportedAt: at, Unprinted: 3}}
}

func TestADayInJapanese(t *testing.T) {
	want := `          大阪万博食堂
Ramen East               ramen-1
--------------------------------
          日計レポート
       2026年7月1日（水）
作成    2026年7月2日（木） 12:05
--------------------------------
電子マネー
売上 12件               15,600円
返金 1件                  −600円
クレジットカード
売上 2件                 4,000円
返金 0件                     0円
--------------------------------
すべての支払い方法
売上 14件               19,600円
返金 1件                  −600円
差引                    19,000円
--------------------------------
精算に入った金額        18,500円
差額                       500円
精算の日時
        2026年7月2日（木） 12:05
レジの申告              19,000円
差額                         0円
未印刷のレシート               3
`
	if got := Text(day(kaopass.Japanese).Lines(), Columns58); got != want {
		t.Errorf("%s", got)
	}
}

// In every language the report says every sum, and no row is wider than the paper.
func TestADayInEveryLanguage(t *testing.T) {
	for _, l := range kaopass.Languages() {
		d := day(l)
		text := Text(d.Lines(), Columns58)
		for row := range strings.Lines(text) {
			if n := cells(strings.TrimSuffix(row, "\n")); n > Columns58 {
				t.Errorf("%s: %d columns: %s", l, n, row)
			}
		}
		for _, part := range []kaopass.Money{d.Report.All.Net(), d.Report.Settled.Net(), d.Report.Unsettled()} {
			if !strings.Contains(text, d.Words.Yen(part)) {
				t.Errorf("%s does not say %d:\n%s", l, part.Value, text)
			}
		}
	}
}

func TestADayThatRunsAndIsEmpty(t *testing.T) {
	d := day(kaopass.English)
	d.Report = kaopass.TillReport{Day: "2026-07-01", At: time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC), All: kaopass.Totals{Captured: kaopass.Yen(0), Refunded: kaopass.Yen(0)}}
	text := Text(d.Lines(), Columns80)
	for _, want := range []string{"Day so far", "Nothing was sold", "not settled", "¥0"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Reported") {
		t.Error("a till that reported nothing has a report")
	}
}

// What the printer's font lacks is told, so that a terminal prints a picture instead.
func TestWhatAPrintersFontHas(t *testing.T) {
	for l, want := range map[kaopass.Language]bool{kaopass.Japanese: true, kaopass.English: true, kaopass.Chinese: false, kaopass.Korean: false} {
		if got := Complete(paper(l).Lines()); got != want {
			t.Errorf("a receipt in %s: %v", l, got)
		}
		if got := Complete(day(l).Printable().Lines()); !got && l != kaopass.Japanese {
			t.Errorf("a printable report in %s has what no printer has", l)
		}
	}
	named := paper(kaopass.Japanese)
	named.Receipt.Store = "한국 식당"
	if Complete(named.Lines()) {
		t.Error("a shop's name in Hangul is in a Japanese printer's font")
	}
}
