package db

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// waiting is how many verbs wait for a lock.
func (r *rig) waiting() int {
	return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
}

func (r *rig) until(what string, holds func() bool) {
	r.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			r.Fatal("never: ", what)
		}
	}
}

// Found by chance: a twin of a top-up looked for the outcome just before the first one kept it, and for the first one's
// charge just after it was settled. It saw neither, and charged the card again.
func TestTwinsOfATopUpChargeTheCardOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	r.desk.inCall, r.desk.pause = make(chan struct{}, 2), make(chan struct{})
	in := TopUp{Key: r.key(string(me)), Visitor: me, Method: card, Amount: kaopass.Yen(1000)}
	first, second := make(chan error, 1), make(chan error, 1)
	topUp := func(done chan error) { _, err := r.TopUp(r.ctx, r.desk, in); done <- err }
	go topUp(first)
	<-r.desk.inCall // the card company is at work
	var firstErr error
	r.ok(r.tx(r.ctx, func(t *tx) error {
		if _, err := t.lockVisitor(me); err != nil {
			return err
		}
		go topUp(second)
		r.until("the twin has looked for the outcome, and waits for the visitor", func() bool { return r.waiting() == 1 })
		close(r.desk.pause)
		r.until("the first one has settled, or waits for the twin", func() bool {
			select {
			case firstErr = <-first:
				first <- firstErr
				return true
			default:
				return r.waiting() == 2
			}
		})
		return nil
	}))
	if err := <-second; !errors.Is(err, ErrInFlight) {
		t.Error("the twin:", err)
	}
	r.ok(<-first)
	charged := slices.DeleteFunc(r.desk.calls(), func(said string) bool { return !strings.HasPrefix(said, "authorise") })
	if len(charged) != 1 || r.balance(me) != 1000 {
		t.Error(charged, r.balance(me))
	}
	r.sound()
}

// Whoever finds the question to the card company open, and finishes it, has an outcome for their own key as well: the same
// request sent again is answered the same, and not with the state that it made itself.
func TestAnotherKeyThatFinishedTheQuestionIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	p := r.open(700, false)
	r.showFace(p.ID, kaopass.Enough, enr)
	desk := &chanceDesk{charges: map[string]*chanceCharge{}}
	died := make(chan struct{})
	go func() {
		defer close(died)
		ctx := context.WithValue(r.ctx, fateKey{}, crashHeld)
		_, _ = r.ConfirmPayment(ctx, desk, r.key(string(r.till.ID)), r.till.ID, p.ID, card) // never comes back
	}()
	<-died
	r.clock.turn(chargeFresh)
	key := r.key(string(r.till.ID))
	for i := range 2 {
		out := r.ok2(r.ConfirmPayment(r.ctx, desk, key, r.till.ID, p.ID, card))
		if out.Status != kaopass.Captured || out.Replayed != (i == 1) {
			t.Errorf("try %d: %+v", i, out)
		}
	}
	r.sound()
}

// slowToAsk is a card company that takes its time when it is asked what came of a charge.
type slowToAsk struct {
	*chanceDesk
	asked, answer chan struct{}
}

func (d slowToAsk) Ask(ctx context.Context, id string) (CardAnswer, error) {
	close(d.asked)
	<-d.answer
	return d.chanceDesk.Ask(ctx, id)
}

// Two of one key, which is another than the charge's: while the first one books what it was told, the second one is in flight.
// It once found the question answered, and no outcome yet, and was told of the state that its own twin had made.
func TestATwinOfWhoFinishesTheQuestionIsInFlight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	card := r.card(me).ID
	p := r.open(700, false)
	r.showFace(p.ID, kaopass.Enough, enr)
	desk := slowToAsk{&chanceDesk{charges: map[string]*chanceCharge{}}, make(chan struct{}), make(chan struct{})}
	key := r.key(string(r.till.ID))
	died, first, second := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	confirm := func(ctx context.Context, key kaopass.Key) error {
		_, err := r.ConfirmPayment(ctx, desk, key, r.till.ID, p.ID, card)
		return err
	}
	go func() {
		defer close(died)
		_ = confirm(context.WithValue(r.ctx, fateKey{}, crashHeld), kaopass.Key{Owner: string(r.till.ID), Name: "before"}) // never comes back
	}()
	<-died
	r.clock.turn(chargeFresh)
	go func() { first <- confirm(r.ctx, key) }()
	<-desk.asked
	r.ok(r.tx(r.ctx, func(t *tx) error {
		if _, err := t.lockPayment("", p.ID); err != nil {
			return err
		}
		close(desk.answer)
		r.until("the first one is about to book", func() bool { return r.waiting() == 1 })
		go func() { second <- confirm(r.ctx, key) }()
		r.until("the twin waits too, or is told", func() bool { return r.waiting() == 2 || len(second) == 1 })
		return nil
	}))
	r.ok(<-first)
	if err := <-second; !errors.Is(err, ErrInFlight) {
		t.Error("the twin:", err)
	}
	r.ok(confirm(r.ctx, key))
	r.sound()
}
