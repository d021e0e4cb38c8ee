package db

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

type answer struct{ N int }

// twice is a verb that counts how often it was carried out.
func (d *DB) twice(t testing.TB, key kaopass.Key, count *int) (out answer, replayed bool, err error) {
	err = d.tx(t.Context(), func(t *tx) (err error) {
		replayed, err = once(t, key, &out, func() error {
			*count++
			out = answer{N: *count}
			_, err := t.event(kaopass.Event{Kind: kaopass.VisitorCreated, Actor: "venue"})
			return err
		})
		return err
	})
	return out, replayed, err
}

func TestKeyHasOneOutcome(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	key := kaopass.Key{Owner: "dev_1", Name: "k<script>\u3042", Body: sha256.Sum256([]byte("a"))}
	var count int
	for i, want := range []bool{false, true, true} {
		out, replayed, err := d.twice(t, key, &count)
		if err != nil || replayed != want || out.N != 1 {
			t.Fatalf("time %d: %+v %v %v", i, out, replayed, err)
		}
	}
	other := key
	other.Body = sha256.Sum256([]byte("b"))
	if _, _, err := d.twice(t, other, &count); !errors.Is(err, ErrKeyReused) {
		t.Errorf("another body: %v", err)
	}
	other.Owner = "dev_2"
	if _, replayed, err := d.twice(t, other, &count); err != nil || replayed {
		t.Errorf("another owner: %v %v", replayed, err)
	}
	for range 2 {
		if _, replayed, err := d.twice(t, kaopass.Key{}, &count); err != nil || replayed {
			t.Errorf("no key: %v %v", replayed, err)
		}
	}
	if count != 4 {
		t.Errorf("carried out %d times", count)
	}
}

func TestKeyIsForgottenInTime(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	key := kaopass.Key{Owner: "dev_1", Name: "k"}
	var count int
	for range 2 {
		if _, replayed, err := d.twice(t, key, &count); err != nil || replayed {
			t.Fatal(replayed, err)
		}
		later := d.now().Add(kaopass.KeyKept + time.Second)
		d.now = func() time.Time { return later }
	}
}

func TestKeyOfAFaultIsFree(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	key := kaopass.Key{Owner: "dev_1", Name: "k"}
	broken := errors.New("broken")
	err := d.tx(t.Context(), func(t *tx) error {
		var out answer
		_, err := once(t, key, &out, func() error { return broken })
		return err
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	var count int
	if _, replayed, err := d.twice(t, key, &count); err != nil || replayed {
		t.Error(replayed, err)
	}
}

func TestTwinRequestsHaveOneOutcome(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	key := kaopass.Key{Owner: "dev_1", Name: "k"}
	inside, leave := make(chan bool), make(chan bool)
	var first sync.WaitGroup
	first.Go(func() {
		err := d.tx(t.Context(), func(t *tx) error {
			var out answer
			_, err := once(t, key, &out, func() error { inside <- true; <-leave; return nil })
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	var count int
	if _, _, err := d.twice(t, key, &count); !errors.Is(err, ErrInFlight) {
		t.Errorf("while the first is at work: %v", err)
	}
	close(leave)
	first.Wait()
	if _, replayed, err := d.twice(t, key, &count); err != nil || !replayed || count != 0 {
		t.Errorf("after it: %v %v %d", replayed, err, count)
	}
}

// What was kept for a key holds no initials and no card: who is erased is not named by a till that sends its key again.
func TestAKeyNamesNobodyWhoIsErased(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 0)
	other, _ := r.visitor(2, "Hanako", 0)
	card, hers := r.card(me), r.card(other)
	shown, paid := r.key(string(r.till.ID)), r.key(string(r.till.ID))
	r.ok(second(r.TopUp(r.ctx, r.desk, TopUp{Key: r.key(string(other)), Visitor: other, Method: hers.ID, Amount: kaopass.Yen(500)})))
	p := r.open(700, false)
	show := func() Outcome {
		return r.ok2(r.PaymentFace(r.ctx, PaymentFace{Key: shown, Till: r.till.ID, Payment: p.ID,
			Identification: kaopass.Identification{Identity: kaopass.Enough, ShortList: []kaopass.EnrolmentID{enr}}}))
	}
	confirm := func() Outcome {
		return r.ok2(r.ConfirmPayment(r.ctx, r.desk, paid, r.till.ID, p.ID, card.ID))
	}
	first, again := show(), show()
	if !again.Replayed || len(first.Methods) != 2 || first.PayerName != "T. Y." {
		t.Fatalf("%+v", first)
	}
	if again.Replayed = false; !reflect.DeepEqual(first, again) {
		t.Errorf("%+v, and again %+v", first, again)
	}
	first, again = confirm(), confirm()
	if again.Replayed = false; !reflect.DeepEqual(first, again) || first.Status != kaopass.Captured {
		t.Errorf("%+v, and again %+v", first, again)
	}
	r.cancel(p.ID)
	if n := r.count("SELECT count(*) FROM request_key WHERE position('T. Y.' IN outcome::text) > 0 OR position($1 IN outcome::text) > 0", card.Label); n != 0 {
		t.Errorf("%d keys name a person or a card", n)
	}
	r.ok(second(r.EraseVisitor(r.ctx, me)))
	for name, replayed := range map[string]Outcome{"face": show(), "confirmation": confirm()} {
		if !replayed.Replayed || replayed.PayerName != "" || len(replayed.Methods) != 0 {
			t.Errorf("the %s of somebody who is erased: %+v", name, replayed)
		}
	}
}
