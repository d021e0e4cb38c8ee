package db

import (
	"testing"

	"github.com/kaopass/kaopass"
)

// BenchmarkAdmit is the database's part of an admission: verdict, row, event.
func BenchmarkAdmit(b *testing.B) {
	r := newRig(b)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	for b.Loop() {
		if out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: is(1)}); err != nil || out.Verdict.Decision != kaopass.Admit {
			b.Fatal(out.Verdict, err)
		}
	}
}

// BenchmarkPay is a payment from the amount to the captured sum: three verbs, one transfer, three events.
func BenchmarkPay(b *testing.B) {
	r := newRig(b)
	me, enr := r.visitor(1, "Taro", 200_000)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	for b.Loop() {
		p := r.open(1, false)
		r.showFace(p.ID, kaopass.Enough, enr)
		if out := r.confirm(p.ID, wallet); out.Status != kaopass.Captured {
			b.Fatal(out.Payment)
		}
	}
}
