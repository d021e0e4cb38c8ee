package request

import (
	"io"
	"net"
	"time"
)

// A request that is too large is answered before it was read whole. Closing the connection then would reset it, and the
// client would see a broken pipe instead of its 413; so the rest is read and thrown away for a moment (RFC 9112, 9.6).
const (
	lingerMax    = 64 << 20 // bytes
	lingerWithin = 2 * time.Second
)

// Linger makes a listener's connections close without a reset while the client is still sending.
func Linger(l net.Listener) net.Listener { return lingering{l} }

type lingering struct{ net.Listener }

// Accept waits for the next connection.
func (l lingering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return lingerConn{tcp}, err
	}
	return c, err
}

type lingerConn struct{ *net.TCPConn }

// Close says that no more comes from us, lets the client finish for a moment, and closes.
func (c lingerConn) Close() error {
	if c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerWithin)) == nil {
		_, _ = io.CopyN(io.Discard, c.TCPConn, lingerMax)
	}
	return c.TCPConn.Close()
}
