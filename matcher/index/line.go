package index

import (
	"runtime"
	"sync"
)

// request is somebody's question.
type request struct {
	vector []float32
	k      int
	floor  float32
	hits   []Hit
	turn   chan []*request // the requests to serve together, the receiver's own first; nil when the answer is there
}

// line gathers questions that would have to wait. While a core is free a question is served at once, alone. The others
// stand in line, and whoever is first when a core comes free serves up to BatchMax of them in one pass: they were
// waiting anyway, and together they take little longer than one.
type line struct {
	serve func(requests []*request)

	lock    sync.Mutex
	running int
	waiting []*request
}

// ask answers when the request is served.
func (l *line) ask(r *request) []Hit {
	l.lock.Lock()
	if l.running < runtime.GOMAXPROCS(0) {
		l.running++
		l.lock.Unlock()
		l.lead([]*request{r})
		return r.hits
	}
	r.turn = make(chan []*request, 1)
	l.waiting = append(l.waiting, r)
	l.lock.Unlock()
	if batch := <-r.turn; batch != nil {
		l.lead(batch)
	}
	return r.hits
}

// lead serves requests, the first of which is the caller's own, and passes its place on.
func (l *line) lead(batch []*request) {
	defer l.next()
	l.serve(batch)
	for _, r := range batch[1:] {
		r.turn <- nil
	}
}

func (l *line) next() {
	l.lock.Lock()
	defer l.lock.Unlock()
	n := min(len(l.waiting), BatchMax)
	if n == 0 {
		l.running--
		return
	}
	batch := l.waiting[:n:n]
	l.waiting = append([]*request(nil), l.waiting[n:]...)
	batch[0].turn <- batch
}
