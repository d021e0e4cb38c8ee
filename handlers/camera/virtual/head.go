package virtual

import (
	"math/rand/v2"
	"time"

	"github.com/kaopass/kaopass"
)

// head is a person who does what was said a moment ago, and shows the pictures of a pose in an order that does not come
// back: nobody living repeats a movement to the frame, and a capture takes whoever does for a film.
type head struct {
	person      Person
	said, doing kaopass.Hint // the newest hint, and the one that is followed
	saidAt      time.Time
	frame       []byte
	left        int // how often frame is shown yet
}

// hear takes a hint.
func (h *head) hear(hint kaopass.Hint, at time.Time) {
	if hint != h.said {
		h.said, h.saidAt = hint, at
	}
}

// show answers what the camera sees now; a picture is shown so many times in a row.
func (h *head) show(at time.Time, times int) []byte {
	if h.doing != h.said && at.Sub(h.saidAt) >= reaction {
		h.doing, h.left = h.said, 0
	}
	if h.left == 0 {
		h.frame, h.left = another(h.person.answering(h.doing), h.frame), times
	}
	h.left--
	return h.frame
}

// another picks any frame but the one before, where there is one.
func another(frames [][]byte, before []byte) []byte {
	for range 8 {
		if f := frames[rand.IntN(len(frames))]; len(before) == 0 || &f[0] != &before[0] {
			return f
		}
	}
	return frames[0]
}
