package card

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

func sandbox(t *testing.T, path string) *Sandbox {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s.lag, s.now = time.Millisecond, func() time.Time { return time.Date(2027, 5, 31, 23, 0, 0, 0, time.UTC) }
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// asked fails the test where an answer is not the one wanted.
func asked(t *testing.T, what string, want db.CardAnswer) func(db.CardAnswer, error) {
	t.Helper()
	return func(got db.CardAnswer, err error) {
		t.Helper()
		if got != want || err != nil {
			t.Errorf("%s: %q %v, want %q", what, got, err, want)
		}
	}
}

const (
	good   = tokenPrefix + pays + ".4242"
	bad    = tokenPrefix + declines + ".0002"
	lost   = tokenPrefix + loses + ".0119"
	silent = tokenPrefix + vanishes + ".6975"
)

func TestAChargeThroughItsLife(t *testing.T) {
	ctx, s := t.Context(), sandbox(t, "")
	asked(t, "authorise", db.CardApproved)(s.Authorise(ctx, "chg_1", good, kaopass.Yen(1000)))
	asked(t, "again", db.CardApproved)(s.Authorise(ctx, "chg_1", good, kaopass.Yen(1000)))
	asked(t, "ask", db.CardApproved)(s.Ask(ctx, "chg_1"))
	asked(t, "refund before capture", db.CardRefused)(s.Refund(ctx, "chg_1", "ref_0", kaopass.Yen(1)))
	asked(t, "capture too much", db.CardHoldShort)(s.Capture(ctx, "chg_1", kaopass.Yen(1001)))
	asked(t, "capture", db.CardApproved)(s.Capture(ctx, "chg_1", kaopass.Yen(900)))
	asked(t, "capture again", db.CardApproved)(s.Capture(ctx, "chg_1", kaopass.Yen(900)))
	asked(t, "capture otherwise", db.CardTakenOther)(s.Capture(ctx, "chg_1", kaopass.Yen(100)))
	asked(t, "release", db.CardRefused)(s.Release(ctx, "chg_1"))
	asked(t, "refund", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(500)))
	asked(t, "refund again", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(500)))
	asked(t, "refund otherwise", db.CardRefused)(s.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(400)))
	asked(t, "refund too much", db.CardRefused)(s.Refund(ctx, "chg_1", "ref_2", kaopass.Yen(401)))
	asked(t, "refund the rest", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_3", kaopass.Yen(400)))
	asked(t, "ask at the end", db.CardApproved)(s.Ask(ctx, "chg_1"))
}

func TestARelease(t *testing.T) {
	ctx, s := t.Context(), sandbox(t, "")
	asked(t, "authorise", db.CardApproved)(s.Authorise(ctx, "chg_1", good, kaopass.Yen(1000)))
	asked(t, "release", db.CardApproved)(s.Release(ctx, "chg_1"))
	asked(t, "release again", db.CardApproved)(s.Release(ctx, "chg_1"))
	asked(t, "capture", db.CardHoldCancelled)(s.Capture(ctx, "chg_1", kaopass.Yen(1000)))
	asked(t, "ask", db.CardRefused)(s.Ask(ctx, "chg_1"))
}

func TestWhatWasNeverHeardOfNeverComesIntoBeing(t *testing.T) {
	ctx, s := t.Context(), sandbox(t, "")
	asked(t, "ask", db.CardRefused)(s.Ask(ctx, "chg_1"))
	asked(t, "authorise after", db.CardRefused)(s.Authorise(ctx, "chg_1", good, kaopass.Yen(1000)))
	asked(t, "release", db.CardRefused)(s.Release(ctx, "chg_2"))
	asked(t, "authorise after", db.CardRefused)(s.Authorise(ctx, "chg_2", good, kaopass.Yen(1000)))
	asked(t, "capture", db.CardRefused)(s.Capture(ctx, "chg_3", kaopass.Yen(1)))
	asked(t, "refund", db.CardRefused)(s.Refund(ctx, "chg_3", "ref_1", kaopass.Yen(1)))
}

func TestCardsThatFail(t *testing.T) {
	ctx, s := t.Context(), sandbox(t, "")
	asked(t, "declined", db.CardRefused)(s.Authorise(ctx, "chg_1", bad, kaopass.Yen(1000)))
	asked(t, "a token of nobody", db.CardRefused)(s.Authorise(ctx, "chg_2", "tok_other", kaopass.Yen(1000)))
	for token, after := range map[string]db.CardAnswer{lost: db.CardApproved, silent: db.CardRefused} {
		if got, err := s.Authorise(ctx, "chg_"+token, token, kaopass.Yen(1000)); got != db.CardUnknown || !errors.Is(err, ErrLost) {
			t.Error(token, got, err)
		}
		asked(t, "what came of "+token, after)(s.Ask(ctx, "chg_"+token))
	}
	hurried, cancel := context.WithCancel(ctx)
	cancel()
	s.lag = time.Minute
	if _, err := s.Authorise(hurried, "chg_9", lost, kaopass.Yen(1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTheJournalOutlivesTheProcess(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "cards")
	s := sandbox(t, path)
	if _, err := s.Authorise(ctx, "chg_lost", lost, kaopass.Yen(700)); err == nil {
		t.Error("an answer")
	}
	asked(t, "authorise", db.CardApproved)(s.Authorise(ctx, "chg_1", good, kaopass.Yen(1000)))
	asked(t, "capture", db.CardApproved)(s.Capture(ctx, "chg_1", kaopass.Yen(1000)))
	asked(t, "refund", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(300)))
	asked(t, "decline", db.CardRefused)(s.Authorise(ctx, "chg_no", bad, kaopass.Yen(5)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(b), "4242") || strings.Contains(string(b), "sandbox") {
		t.Errorf("a card is in the journal: %s", b)
	}
	if err := os.WriteFile(path, append(b, `{"op":"refund","id":"chg_1","ref`...), 0o600); err != nil { // a crash in mid-line
		t.Fatal(err)
	}
	s = sandbox(t, path)
	asked(t, "the lost one", db.CardApproved)(s.Ask(ctx, "chg_lost"))
	asked(t, "the declined one", db.CardRefused)(s.Ask(ctx, "chg_no"))
	asked(t, "the refund again", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_1", kaopass.Yen(300)))
	asked(t, "more than is left", db.CardRefused)(s.Refund(ctx, "chg_1", "ref_2", kaopass.Yen(701)))
	asked(t, "what is left", db.CardApproved)(s.Refund(ctx, "chg_1", "ref_2", kaopass.Yen(700)))
	s = sandbox(t, path) // the torn line is gone
	asked(t, "after the tear", db.CardRefused)(s.Refund(ctx, "chg_1", "ref_3", kaopass.Yen(1)))
	if err := os.WriteFile(path, []byte("no journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("a file that is no journal was opened")
	}
}

func TestManyCallsAtOnceHaveOneOutcome(t *testing.T) {
	s := sandbox(t, "")
	asked(t, "authorise", db.CardApproved)(s.Authorise(t.Context(), "chg_1", good, kaopass.Yen(1000)))
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 20 {
		all.Go(func() {
			var answer db.CardAnswer
			if i%2 == 0 {
				answer, _ = s.Capture(t.Context(), "chg_1", kaopass.Yen(int64(100+i)))
			} else {
				answer, _ = s.Release(t.Context(), "chg_1")
			}
			if answer == db.CardApproved && i%2 == 0 {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if won > 1 {
		t.Error(won, "different captures were approved")
	}
}

func TestTokenise(t *testing.T) {
	s := sandbox(t, "")
	for _, sample := range Samples() {
		token, label, err := s.Tokenise(sample.Number, "05/27", "123")
		if err != nil || !strings.HasPrefix(label, sample.Brand+" ••") || strings.Contains(token, strings.ReplaceAll(sample.Number, " ", "")) {
			t.Error(sample, token, label, err)
		}
	}
	token, label, err := s.Tokenise("4242-4242-4242-4242", "12/2029", "1234")
	if err != nil || behaviour(token) != pays || label != "Visa ••4242" {
		t.Error(token, label, err)
	}
	for _, c := range []struct {
		number, expiry, cvc string
		want                error
	}{
		{"4111 1111 1111 1111", "05/30", "123", ErrNotTest}, // a good number that is not one of ours
		{"", "05/30", "123", ErrNotTest},
		{"4242 4242 4242 4242 4", "05/30", "123", ErrNotTest},
		{"4242424242424242", "04/27", "123", ErrExpiry},
		{"4242424242424242", "13/29", "123", ErrExpiry},
		{"4242424242424242", "00/29", "123", ErrExpiry},
		{"4242424242424242", "529", "123", ErrExpiry},
		{"4242424242424242", "05/-1", "123", ErrExpiry},
		{"4242424242424242", "", "123", ErrExpiry},
		{"4242424242424242", "05/30", "12", ErrCVC},
		{"4242424242424242", "05/30", "12a", ErrCVC},
	} {
		token, label, err := s.Tokenise(c.number, c.expiry, c.cvc)
		if !errors.Is(err, c.want) || token != "" || label != "" {
			t.Errorf("%+v: %v", c, err)
		}
		if c.number != "" && strings.Contains(err.Error(), c.number) {
			t.Error("the number is in the error")
		}
	}
}
