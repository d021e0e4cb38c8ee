package db

import (
	"errors"
	"testing"

	"github.com/kaopass/kaopass"
)

func TestReceiptsUntilTheyArePrinted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 9000)
	other, _ := r.visitor(2, "Hanako", 0)
	p := r.pay(3000, false, enr, me)
	back := r.ok2(r.refund(p.ID, 1000))
	want := kaopass.Receipt{Payment: p.ID, OrderRef: "order 7", Store: "food-hall", Till: "Ramen 2", Amount: kaopass.Yen(3000),
		Method: kaopass.EMoney, At: opening}
	if got := must(r.TillReceipt(r.ctx, r.till.ID, p.ID, "")); !sameReceipt(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	refund := want
	refund.Refund, refund.Amount = back.Refund, kaopass.Yen(1000)
	if got := must(r.VisitorReceipt(r.ctx, me, p.ID, back.Refund)); !sameReceipt(got, refund) {
		t.Errorf("%+v, want %+v", got, refund)
	}
	for name, err := range map[string]error{
		"another till":   second(r.TillReceipt(r.ctx, r.device(kaopass.Till, "x", "y").ID, p.ID, "")),
		"another person": second(r.VisitorReceipt(r.ctx, other, p.ID, "")),
		"nobody":         second(r.VisitorReceipt(r.ctx, "", p.ID, "")),
		"no till":        second(r.TillReceipt(r.ctx, "", p.ID, "")),
		"not paid":       second(r.TillReceipt(r.ctx, r.till.ID, r.open(5, false).ID, "")),
		"no such refund": second(r.TillReceipt(r.ctx, r.till.ID, p.ID, "ref_none")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Error(name, err)
		}
	}
	if s := must(r.TillStatus(r.ctx, r.till.ID)); s.Day != today || len(s.Unprinted) != 2 || s.Unprinted[0].Refund != back.Refund {
		t.Errorf("%+v", s)
	}
	key := r.key(string(r.till.ID))
	for n := range 2 {
		got, replayed, err := r.PrintedReceipt(r.ctx, key, r.till.ID, p.ID, "")
		if err != nil || replayed != (n == 1) || got.Printed.IsZero() {
			t.Errorf("%+v %v %v", got, replayed, err)
		}
	}
	if _, _, err := r.PrintedReceipt(r.ctx, kaopass.Key{}, r.till.ID, p.ID, ""); err != nil {
		t.Error("printed again:", err)
	}
	if e := r.lastEvent(); e.Kind != kaopass.ReceiptPrinted || e.Subject != string(p.ID) || e.Visitor != "" {
		t.Errorf("%+v", e)
	}
	if s := must(r.TillStatus(r.ctx, r.till.ID)); len(s.Unprinted) != 1 || s.Unprinted[0].Refund != back.Refund {
		t.Errorf("%+v", s.Unprinted)
	}
}

func sameReceipt(a, b kaopass.Receipt) bool {
	return a.Payment == b.Payment && a.Refund == b.Refund && a.OrderRef == b.OrderRef && a.Store == b.Store && a.Till == b.Till &&
		a.Amount == b.Amount && a.Method == b.Method && a.At.Equal(b.At) && len(a.Tax) == len(b.Tax) && a.Printed.Equal(b.Printed)
}

// The lines of tax are on the receipt of the whole amount, and on no other: of a part nobody said what it was for.
func TestReceiptsWithTax(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	lines := []kaopass.TaxLine{{Rate: 10, Gross: kaopass.Yen(560), Tax: kaopass.Yen(50)}, {Rate: 8, Gross: kaopass.Yen(540), Tax: kaopass.Yen(40)}}
	in := NewPayment{Till: r.till.ID, Amount: kaopass.Yen(1100), Manual: true, Tax: lines[:1]}
	if _, err := r.CreatePayment(r.ctx, in); !errors.Is(err, ErrAmount) {
		t.Error("tax that does not fit:", err)
	}
	in.Tax = lines
	for take, want := range map[int64]int{0: 2, 1000: 0} {
		p := r.ok2(r.CreatePayment(r.ctx, in))
		r.showFace(p.ID, kaopass.Enough, enr)
		r.confirm(p.ID, must(r.Wallet(r.ctx, me)).Methods[0].ID)
		r.ok2(r.capture(p.ID, take))
		got := must(r.TillReceipt(r.ctx, r.till.ID, p.ID, ""))
		if len(got.Tax) != want || want == 2 && (got.Tax[0] != lines[0] || got.Tax[1] != lines[1]) {
			t.Errorf("captured %d: %+v", take, got)
		}
	}
}
