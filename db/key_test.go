package db

import (
	"crypto/sha256"
	"errors"
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
