package stripetest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Fault is a way in which a request goes wrong.
type Fault int

// The faults.
const (
	None       Fault = iota
	CutBefore        // the connection ends before the request arrives
	CutAfter         // it is carried out, and the connection ends before the answer
	CutBody          // … in the middle of the answer
	Silence          // it is carried out, and the answer comes long after anybody waits
	Later            // the connection ends, and the request arrives a while after
	Twice            // it arrives twice
	Conflict         // 409: another request with this key is at work
	TooMany          // 429
	Broken           // 500 before anything happened, not kept
	BrokenLate       // it is carried out, and 500 is answered and kept under the key
	Down             // 503
	Gibberish        // something between answers in its own words
	Faults           // how many there are
)

// breaksAfter asks the fake to break after it did what was asked.
const breaksAfter = "X-Fake-Breaks-After"

// Proxy stands before a [Fake]; Next says what goes wrong with each request.
type Proxy struct {
	Next     func(*http.Request) Fault
	Late     time.Duration // how long what comes late takes
	Injected [Faults]int   // how many faults there were, by kind

	mu       sync.Mutex
	upstream string
	server   *httptest.Server
	work     sync.WaitGroup
}

// Through starts a proxy.
func Through(f *Fake, next func(*http.Request) Fault) *Proxy {
	p := &Proxy{Next: next, upstream: f.URL(), Late: 600 * time.Millisecond}
	p.server = httptest.NewServer(p)
	return p
}

// URL is where it listens.
func (p *Proxy) URL() string { return p.server.URL }

// Close stops it, after what was late has arrived.
func (p *Proxy) Close() {
	p.Settle()
	p.server.CloseClientConnections()
	p.server.Close()
}

// Settle waits for what is still on its way. Nobody may ask meanwhile.
func (p *Proxy) Settle() { p.work.Wait() }

// Total is how many faults there were.
func (p *Proxy) Total() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for fault, times := range p.Injected {
		if Fault(fault) != None {
			n += times
		}
	}
	return n
}

// ServeHTTP forwards a request, or does not.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.work.Add(1) // also of those that nobody waits for any more
	defer p.work.Done()
	p.mu.Lock()
	fault := p.Next(r)
	p.Injected[fault]++
	p.mu.Unlock()
	switch fault {
	case Conflict:
		answerOf(w, http.StatusConflict, "idempotency_key_in_use")
	case TooMany:
		answerOf(w, http.StatusTooManyRequests, "rate_limit")
	case Broken:
		answerOf(w, http.StatusInternalServerError, "")
	case Down:
		answerOf(w, http.StatusServiceUnavailable, "")
	case Gibberish:
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>gateway</html>")
	case CutBefore:
		panic(http.ErrAbortHandler)
	case Later:
		p.work.Go(func() { time.Sleep(p.Late); _, _, _ = p.forward(r, body) })
		panic(http.ErrAbortHandler)
	default:
		p.carryOut(w, r, body, fault)
	}
}

func answerOf(w http.ResponseWriter, status int, code string) {
	write(w, status, fault("api_error", code, "injected"))
}

// carryOut has it done, and spoils the answer.
func (p *Proxy) carryOut(w http.ResponseWriter, r *http.Request, body []byte, fault Fault) {
	switch fault {
	case BrokenLate:
		r.Header.Set(breaksAfter, "1")
	case Twice:
		_, _, _ = p.forward(r, body)
	}
	status, header, answer := p.forward(r, body)
	switch fault {
	case CutAfter:
		panic(http.ErrAbortHandler)
	case CutBody:
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.WriteHeader(status)
		_, _ = w.Write(answer[:len(answer)/2])
		panic(http.ErrAbortHandler)
	case Silence:
		time.Sleep(p.Late)
	}
	for _, name := range []string{"Idempotent-Replayed", "Request-Id"} {
		if v := header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// forward sends the request on, whether anybody waits for it or not.
func (p *Proxy) forward(r *http.Request, body []byte) (int, http.Header, []byte) {
	out, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, p.upstream+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	out.Header = r.Header.Clone()
	res, err := http.DefaultClient.Do(out)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return http.StatusBadGateway, nil, nil
	}
	return res.StatusCode, res.Header, answer
}
