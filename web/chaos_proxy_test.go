package main

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// cutter stands between tills and the server, and cuts connections: in the middle of a question, after it and before the
// answer, and in the middle of the answer.
type cutter struct {
	url     string
	counts  *counts
	perMill atomic.Int64 // of pieces of a stream that are its last
}

func cutting(t *testing.T, server string, counts *counts) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := &cutter{url: "http://" + l.Addr().String(), counts: counts}
	go func() {
		for {
			till, err := l.Accept()
			if err != nil {
				return
			}
			go c.join(till, server)
		}
	}()
	return c
}

func (c *cutter) join(till net.Conn, server string) {
	defer till.Close() //nolint:errcheck // it is cut either way
	there, err := net.Dial("tcp", server)
	if err != nil {
		c.counts.add("repeated: nobody was there")
		return
	}
	defer there.Close() //nolint:errcheck // it is cut either way
	done := make(chan struct{}, 2)
	go func() { c.pass(there, till, "question"); done <- struct{}{} }()
	go func() { c.pass(till, there, "answer"); done <- struct{}{} }()
	<-done
}

// pass hands pieces on until one is the last.
func (c *cutter) pass(to io.Writer, from io.Reader, what string) {
	piece := make([]byte, 32<<10)
	for {
		n, err := from.Read(piece)
		cut := n > 0 && int64(roll(1000)) < c.perMill.Load()
		if cut {
			n = roll(n + 1)
			c.counts.add("fault: connection cut in the " + what)
		}
		if _, err := to.Write(piece[:n]); err != nil || cut {
			return
		}
		if err != nil {
			return
		}
	}
}
