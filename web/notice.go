package main

import (
	"context"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// notice is what staff are told of somebody whom they enrolled. It says nothing of anybody else.
type notice string

// The notices.
const (
	noticeAlike       notice = "alike"
	noticeTwice       notice = "twice"
	noticeCode        notice = "code_called_in"
	noticeNotCompared notice = "not_compared"
)

func (n notice) sentence() string {
	switch n {
	case noticeAlike:
		return "somebody resembles them: tills ask both for the code"
	case noticeTwice:
		return "this face seems to be registered already: ask whether they had an account before"
	case noticeCode:
		return "somebody who resembles them has this code: they draw another on their page, or at the desk"
	}
	return "nobody has compared this face yet: the server does, once it runs"
}

// How long an import waits for the running server to compare a face with everyone's, and how often it looks.
const (
	noticeWithin = 2 * time.Second
	noticeEvery  = 50 * time.Millisecond
)

// notices waits for what the running server finds; coded says that a code was given.
func notices(ctx context.Context, store *db.DB, id kaopass.EnrolmentID, coded bool) ([]notice, error) {
	for end := time.Now().Add(noticeWithin); ; {
		found, err := store.Resemblance(ctx, id)
		if err != nil {
			return nil, err
		}
		if found.Compared {
			return noticesOf(found, coded), nil
		}
		if time.Now().After(end) {
			return []notice{noticeNotCompared}, nil
		}
		if err := sleep(ctx, noticeEvery); err != nil {
			return nil, err
		}
	}
}

func noticesOf(found db.Resemblance, coded bool) []notice {
	out := []notice{}
	for n, is := range map[notice]bool{noticeTwice: found.Twice, noticeAlike: found.Alike, noticeCode: coded && !found.Code} {
		if is {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
