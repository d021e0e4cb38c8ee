package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// told reads a visitor's whole history, in pages of a size, as one line an entry.
func (r *rig) told(id kaopass.VisitorID, f HistoryFilter, size int) (lines []string) {
	r.Helper()
	page := Page{Limit: size}
	for {
		list, next, err := r.Entries(r.ctx, id, f, page)
		r.ok(err)
		for _, e := range list {
			line := fmt.Sprintf("%s %d %s %s", e.Kind, e.Amount.Value+e.Asked.Value, e.Status, e.Reason)
			if e.Case {
				line += " case"
			}
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		if page.Cursor = next; next == "" {
			return lines
		}
	}
}

// What came to nothing stands among what moved, newest first, whole and once whatever the size of the pages.
func TestTheHistoryTellsWhatCameToNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 20_000)
	later := func() { r.clock.turn(time.Minute) }
	later()
	less := r.pay(800, true, enr, me)
	later()
	r.ok2(r.capture(less.ID, 500))
	later()
	late := r.pay(900, true, enr, me)
	later()
	r.ok(r.Freeze(r.ctx, me, true, string(me)))
	r.showFace(r.open(700, false).ID, kaopass.Enough, enr)
	later()
	r.ok(r.Freeze(r.ctx, me, false, string(me)))
	stopped := r.open(600, false)
	r.showFace(stopped.ID, kaopass.Enough, enr)
	r.cancel(stopped.ID)
	later()
	if out := must(r.TopUp(r.ctx, r.desk, TopUp{Visitor: me, Method: "pm_01hx0000000000000000000000", Amount: kaopass.Yen(1000)})); out.Reason == "" {
		t.Fatal("a card of nobody's")
	}
	later()
	c := must(r.OpenDispute(r.ctx, me, string(less.ID)))
	later()
	must(r.RefundDispute(r.ctx, r.desk, kaopass.Key{}, aiko, c.ID, "It was not you."))
	r.clock.turn(kaopass.CaptureWithin)
	must(r.Expire(r.ctx, r.desk))

	all := r.told(me, HistoryFilter{}, PageMax)
	want := []string{"payment.ended 900 expired payment_expired", "payment.refunded 500 case", "wallet.top_up_refused 1000 method_gone",
		"payment.ended 600 cancelled payment_cancelled", "payment.ended 700 refused payer_frozen", "payment.captured -500", "wallet.topped_up 20000"}
	if !slices.Equal(all, want) {
		t.Errorf("%s", strings.Join(all, "\n"))
	}
	for size := 1; size < len(all); size++ {
		if got := r.told(me, HistoryFilter{}, size); !slices.Equal(got, all) {
			t.Errorf("in pages of %d:\n%s", size, strings.Join(got, "\n"))
		}
	}
	if got := r.told(me, HistoryFilter{Kind: kaopass.PaymentCaptured}, 5); !slices.Equal(got, want[5:6]) {
		t.Errorf("payments alone: %q", got)
	}
	if got := r.told(me, HistoryFilter{Kind: kaopass.PaymentEnded}, 2); !slices.Equal(got, []string{want[0], want[3], want[4]}) {
		t.Errorf("what was not paid: %q", got)
	}
	list, _, err := r.Entries(r.ctx, me, HistoryFilter{}, Page{})
	r.ok(err)
	if e := list[0]; e.Set.Value != 900 || e.Subject != string(late.ID) || e.Place != r.till.Name || e.Store != r.till.Zone {
		t.Errorf("what was held: %+v", e)
	}
	if e := list[5]; e.Set.Value != 800 {
		t.Errorf("what was held for the smaller capture: %+v", e)
	}
}

// A bank's decision is told with its outcome.
func TestTheHistoryTellsWhatABankDecided(t *testing.T) {
	t.Parallel()
	for ended, want := range map[string]string{"won": "won", "lost": "lost"} {
		r := newRig(t)
		me, enr := r.visitor(1, "Taro Yamada", 0)
		card := r.card(me)
		paid := r.payByCard(800, false, enr, card.ID)
		r.forge(`INSERT INTO card_intent (charge, token, currency, amount, ref, made_at)
			SELECT id, 'tok', currency, amount, 'pi_test', asked_at FROM card_charge WHERE payment = '` + string(paid.ID) + "'")
		for i, says := range []string{"", ended} {
			r.clock.turn(time.Hour)
			notice := CardNotice{ID: fmt.Sprintf("evt_%d", i), Kind: "charge.dispute", Intent: "pi_test",
				Dispute: &CardDispute{ID: "dp_1", Amount: kaopass.Yen(800), Reason: "fraudulent", Ended: says}}
			if fresh := must(r.TakeNotice(r.ctx, notice)); !fresh {
				t.Fatal("the notice was not taken")
			}
		}
		got := r.told(me, HistoryFilter{}, 2)
		if !slices.Equal(got, []string{"card.dispute_ended 800 " + want, "card.disputed 800", "payment.captured -800"}) {
			t.Errorf("%s: %q", ended, got)
		}
	}
}
