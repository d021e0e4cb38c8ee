package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/kaopass/kaopass"
)

// chaosStaff is a manager at the console.
type chaosStaff struct{ visitor }

// staff signs one in, as the operator's file says how.
func (c *chaos) staff(base string) *chaosStaff {
	c.Helper()
	b, err := os.ReadFile(filepath.Join(c.cfg.Data, signInFile))
	c.ok(err)
	var seeded signIn
	c.ok(json.Unmarshal(b, &seeded))
	s := &chaosStaff{visitor{person: newPerson(base), counts: c.counts, chance: chance(1000)}}
	s.comesTo(c.T, base)
	for _, one := range seeded.Staff {
		if one.Role == kaopass.Manager {
			a, err := s.post(c.Context(), signInPathOfStaff, "login", one.Login, "password", one.Password)
			if c.ok(err); a.status != http.StatusSeeOther {
				c.Fatal(a)
			}
		}
	}
	return s
}

const signInPathOfStaff = "/console/signin"

// work answers cases until everything is sold: gives money back, or says why not.
func (s *chaosStaff) work(ctx context.Context, crowd *payers, over <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-time.After(time.Duration(1000+s.chance.IntN(2000)) * time.Millisecond):
		}
		if id := s.someCase(crowd); id != "" {
			verb := []string{"refund", "reject"}[s.chance.IntN(2)]
			a, err := s.post(ctx, "/console/disputes/"+id+"/"+verb, "answer", "We looked into it.")
			if err != nil {
				return err
			}
			s.counts.add(fmt.Sprintf("done: staff answered a case: %s, %d", verb, a.status))
		}
	}
}

func (s *chaosStaff) someCase(crowd *payers) (id string) {
	crowd.locked(func() {
		var all []string
		for _, v := range crowd.everybody() {
			for _, c := range v.cases {
				all = append(all, c.id)
			}
		}
		if len(all) > 0 {
			id = all[s.chance.IntN(len(all))]
		}
	})
	return id
}

// lets a locked till go on.
func (s *chaosStaff) lets(ctx context.Context, till kaopass.DeviceID) error {
	a, err := s.post(ctx, "/console/tills/"+string(till)+"/clear", "why", "we changed the staff")
	if err == nil && a.status != http.StatusSeeOther && a.status != http.StatusConflict { // conflict: its lock is over already
		err = fmt.Errorf("a till is not let go on: %d", a.status)
	}
	return err
}

// guess is a thief at a till, who tries codes for a face until the till takes no more, so many times.
func (t *chaosTill) guess(ctx context.Context, locks int) error {
	for n := 0; locks > 0; n++ {
		s, err := t.begin(ctx, fmt.Sprintf("guess-%d", n), chaosCodeFrom+2)
		if err != nil {
			return err
		}
		a, err := t.do(ctx, s, "face", "", 1+t.chance.IntN(len(t.faces)))
		for err == nil && a.Status == kaopass.AwaitingCode {
			a, err = t.code(ctx, s, wrongCode)
		}
		if err == nil && a.Reason == kaopass.TooManyTries {
			t.counts.add("done: a thief's till was locked")
			locks--
			err = t.staff.lets(ctx, t.device)
		}
		if err := errors.Join(err, t.settle(ctx, s, true)); err != nil {
			return err
		}
	}
	return nil
}
