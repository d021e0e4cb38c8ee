package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
)

// The crowd: more captures at once than two cores can look at.
const (
	crowd     = 50
	crowdFor  = 4 * time.Second
	aliveMax  = 2 * time.Second // an answer of /healthz meanwhile: one second, twice over for a busy test machine
	answerMax = 8 * time.Second // a frame's answer: the queue's own wait, and the machine's
)

// TestACrowdIsToldToWait lets fifty people give their face at once: a queue with an end, "one moment" for those behind
// it, and a server that still answers.
func TestACrowdIsToldToWait(t *testing.T) {
	v := open(t, func(c *Config) {
		c.Workers, c.QueueMax, c.Wait, c.CapturesMax = 2, 8, 500*time.Millisecond, crowd
	})
	d := v.story(t)
	people := make([]person, crowd)
	for i := range people {
		one := *d
		one.phone, one.contact = newPerson(v.url), "crowd-"+strconv.Itoa(i)+"@example.com"
		if _, err := one.signUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := one.consent(t.Context()); err != nil {
			t.Fatal(err)
		}
		people[i] = one.phone
	}
	said := &tally{count: map[string]int{}}
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			for end := time.Now().Add(crowdFor); time.Now().Before(end); {
				said.still(t, p, d.face[0])
			}
		})
	}
	all.Go(func() { said.alive(t, newPerson(v.url)) })
	all.Wait()
	t.Logf("answers: %v; slowest frame %v, slowest /healthz %v; %d frames refused", said.count, said.frame, said.healthz, v.faces.Queue().Refused)
	if said.count["looked at"] == 0 || said.count[string(kaopass.HintWait)] == 0 || said.frame > answerMax || said.healthz > aliveMax {
		t.Error("the crowd was not kept in a queue with an end")
	}
	eventually(t, "an empty queue", func() bool { q := v.faces.Queue(); return q.Waiting == 0 && q.Running == 0 })
	v.log.keepsQuiet(t)
}

// tally is what the crowd was told.
type tally struct {
	mu             sync.Mutex
	count          map[string]int
	frame, healthz time.Duration // the slowest
}

// still sends one photo.
func (l *tally) still(t *testing.T, p person, photo []byte) {
	begun := time.Now()
	status, body, header, err := p.send(t.Context(), http.MethodPost, "/capture/still", "image/jpeg", photo, "")
	took := time.Since(begun)
	var progress camera.Progress
	what := "looked at"
	switch {
	case err != nil:
		t.Error(err)
		return
	case status == http.StatusOK && json.Unmarshal(body, &progress) == nil && progress.Hint == kaopass.HintWait:
		what = string(kaopass.HintWait)
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		what = strconv.Itoa(status)
		if header.Get("Retry-After") == "" {
			t.Errorf("%d without Retry-After", status)
		}
	case status != http.StatusOK && status != http.StatusConflict: // a capture that has ended
		t.Errorf("%d %s", status, body)
	}
	l.mu.Lock()
	l.count[what]++
	l.frame = max(l.frame, took)
	l.mu.Unlock()
	time.Sleep(200 * time.Millisecond) // as the page does
}

// alive asks now and then whether the process lives.
func (l *tally) alive(t *testing.T, p person) {
	for end := time.Now().Add(crowdFor); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		begun := time.Now()
		if _, err := p.get(t.Context(), "/healthz"); err != nil {
			t.Error(err)
		}
		l.healthz = max(l.healthz, time.Since(begun))
	}
}
