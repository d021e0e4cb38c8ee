package card

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
)

// venue is a real venue's memory with one visitor who agreed to payment.
func venue(t *testing.T, now func() time.Time) (*db.DB, kaopass.VisitorID) {
	t.Helper()
	ctx, url := t.Context(), dbtest.URL(t)
	if err := db.Migrate(ctx, url); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(ctx, db.Config{URL: url, Keys: t.TempDir(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	out, err := d.Import(ctx, db.Import{Name: "Taro Yamada", Language: kaopass.Japanese, ConsentRef: "form 12",
		Template: kaopass.Template{Model: "test", Frames: [][]float32{{1, 0}}},
		Consents: []kaopass.Consent{{Purpose: kaopass.ForPayment, TextVersion: "1", TextHash: kaopass.TextHash("text"),
			Language: kaopass.Japanese, Method: kaopass.SignedPaper, Mark: "form 12"}}})
	if err != nil || out.Reason != "" {
		t.Fatal(out.Reason, err)
	}
	return d, out.Visitor
}

// Every test card fills the wallet, or fails to, as its label promises; and what a restart interrupts comes right.
func TestTheWalletWithEveryTestCard(t *testing.T) {
	later := time.Duration(0)
	d, me := venue(t, func() time.Time { return time.Now().Add(later) })
	path := filepath.Join(t.TempDir(), "cards")
	s := sandbox(t, path)
	want := map[string]kaopass.Reason{"pays": "", "declines": kaopass.CardDeclined, "asks": kaopass.CardNeedsOwner, "silent": kaopass.CardUnreachable}
	paid := int64(0)
	for _, sample := range Samples() {
		token, label, err := s.Tokenise(sample.Number, "12/2099", "123")
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.AddCard(t.Context(), me, token, label)
		if err != nil {
			t.Fatal(err)
		}
		out, err := d.TopUp(t.Context(), s, db.TopUp{Visitor: me, Method: m.ID, Amount: kaopass.Yen(1000)})
		if err != nil || out.Reason != want[sample.Does] {
			t.Errorf("%s: %q %v", sample.Number, out.Reason, err)
		}
		if sample.Does == "pays" {
			paid += 1000
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, later = sandbox(t, path), time.Minute // the card company and the venue's timer, after a restart
	if _, err := d.Expire(context.Background(), s); err != nil {
		t.Error(err)
	}
	w, err := d.Wallet(t.Context(), me)
	if err != nil || w.Balance != kaopass.Yen(paid) {
		t.Error(w.Balance, err)
	}
	for id, c := range s.charges {
		if open := c.held > 0 && !c.settled; open {
			t.Error(id, "is still held: nobody was told")
		}
	}
	if audit, err := d.AuditLedger(t.Context()); err != nil || !audit.OK {
		t.Error(audit.Breaches, err)
	}
}
