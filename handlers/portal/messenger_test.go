package portal

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// post is a mail server of a test: it speaks SMTP as far as a letter needs, and gives back what it was told.
type post struct {
	addr  string
	roots *x509.CertPool
	said  chan string
}

// servePost answers one conversation; with encrypts it offers STARTTLS.
func servePost(t *testing.T, encrypts bool) post {
	t.Helper()
	cert, roots := selfSigned(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := post{l.Addr().String(), roots, make(chan string, 1)}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		p.said <- converse(conn, cert, encrypts)
	}()
	return p
}

func converse(conn net.Conn, cert tls.Certificate, encrypts bool) string {
	var said strings.Builder
	r := bufio.NewReader(conn)
	answer := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	answer("220 post")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return said.String()
		}
		said.WriteString(line)
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "EHLO":
			if encrypts {
				answer("250-post\r\n250-AUTH PLAIN\r\n250 STARTTLS")
			} else {
				answer("250-post\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			answer("220 go on")
			secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
			conn, r, encrypts = secured, bufio.NewReader(secured), false
		case "AUTH":
			answer("235 welcome")
		case "DATA":
			answer("354 go on")
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return said.String()
				}
				said.WriteString(line)
			}
			answer("250 kept")
		case "QUIT":
			answer("221 bye")
			return said.String()
		default:
			answer("250 fine")
		}
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(made)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestLetterTravelsEncrypted(t *testing.T) {
	p := servePost(t, true)
	s := &SMTP{Addr: p.addr, User: "venue", Password: "secret", From: "Kaopass <no-reply@venue.example>", TLS: &tls.Config{RootCAs: p.roots}, Letter: Letter}
	if err := s.Send(t.Context(), "yuki@example.jp", kaopass.Japanese, "482193"); err != nil {
		t.Fatal(err)
	}
	said := <-p.said
	open, sealed, _ := strings.Cut(said, "STARTTLS")
	for _, secret := range []string{"482193", "yuki@", "AUTH"} {
		if strings.Contains(open, secret) || !strings.Contains(sealed, secret) {
			t.Errorf("%s was not said under encryption: %s", secret, said)
		}
	}
	_, body, _ := strings.Cut(sealed, "\r\n\r\n")
	plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if err != nil || !strings.Contains(string(plain), "ログインの番号は 482193 です") {
		t.Errorf("%s %v", plain, err)
	}
	for _, header := range []string{"MAIL FROM:<no-reply@venue.example>", "To: <yuki@example.jp>", "Content-Language: ja", "Auto-Submitted: auto-generated", "Subject: =?utf-8?q?"} {
		if !strings.Contains(sealed, header) {
			t.Errorf("no %q in %s", header, sealed)
		}
	}
}

func TestLetterIsNotGivenToAStrangersServer(t *testing.T) {
	p := servePost(t, true)
	s := &SMTP{Addr: p.addr, From: "a@venue.example", Letter: Letter} // the system's roots do not know this server
	if err := s.Send(t.Context(), "yuki@example.jp", kaopass.English, "482193"); err == nil {
		t.Error("a certificate that nobody vouches for was taken")
	}
	if said := <-p.said; strings.Contains(said, "482193") {
		t.Error("the digits were sent in the open")
	}
}

func TestThisMachineMayDoWithoutEncryption(t *testing.T) {
	p := servePost(t, false)
	s := &SMTP{Addr: p.addr, From: "a@venue.example", Letter: Letter}
	if err := s.Send(t.Context(), "yuki@example.jp", kaopass.English, "482193"); err != nil {
		t.Fatal(err)
	}
	if said := <-p.said; !strings.Contains(said, "482193") {
		t.Error("no letter arrived")
	}
}

func TestAServerThatKeepsSilentIsLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	s := &SMTP{Addr: l.Addr().String(), From: "a@venue.example", Letter: Letter}
	if err := s.Send(ctx, "yuki@example.jp", kaopass.English, "1"); err == nil || time.Since(begun) > 5*time.Second {
		t.Error(err, time.Since(begun))
	}
	if err := s.Send(t.Context(), "+819012345678", kaopass.English, "1"); !errors.Is(err, ErrNoGateway) {
		t.Error("a phone number: ", err)
	}
}

func TestInboxIsBounded(t *testing.T) {
	var inbox Inbox
	for range InboxMax + 5 {
		if err := inbox.Send(t.Context(), "a@b.jp", kaopass.English, "111111"); err != nil {
			t.Fatal(err)
		}
	}
	if err := inbox.Send(t.Context(), "a@b.jp", kaopass.English, "newest"); err != nil {
		t.Fatal(err)
	}
	if list := inbox.Messages(); len(list) != InboxMax || list[0].Code != "newest" {
		t.Errorf("%d messages, first %s", len(list), list[0].Code)
	}
}
