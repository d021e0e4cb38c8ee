package db

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/kaopass/kaopass"
)

// Whoever withdraws, erases their face or stops payments while their card is asked for a top-up is not charged after the
// answer: what was approved is released, and the wallet is as it was.
func TestATopUpThatIsApprovedAfterTheAnswerIsReleased(t *testing.T) {
	t.Parallel()
	for name, takeBack := range takeBacks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.desk.inCall, r.desk.pause = make(chan struct{}), make(chan struct{})
			me, _ := r.visitor(1, "Taro", 0)
			visa := r.card(me).ID
			ask := TopUp{Key: r.key(string(me)), Visitor: me, Method: visa, Amount: kaopass.Yen(900)}
			var out ToppedUp
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				if out, err = r.TopUp(context.Background(), r.desk, ask); err != nil {
					t.Error(err)
				}
			})
			<-r.desk.inCall
			r.ok(takeBack(r, me))
			close(r.desk.pause)
			wg.Wait()
			if out.Reason != kaopass.ConsentWithdrawn && out.Reason != kaopass.PayerFrozen || out.Wallet.Balance.Value != 0 {
				t.Errorf("%+v", out)
			}
			again, err := r.TopUp(r.ctx, r.desk, ask)
			if r.ok(err); !again.Replayed || again.Reason != out.Reason {
				t.Errorf("asked again: %+v", again)
			}
			r.ok(r.runTasks(r.ctx, r.desk, ""))
			if calls := r.desk.calls(); !slices.Contains(calls, "release") || slices.Contains(calls, "capture 900") {
				t.Error(calls)
			}
			r.sound()
		})
	}
}
