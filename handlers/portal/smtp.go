package portal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"time"

	"github.com/kaopass/kaopass"
)

// smtpWithin is how long a mail server has for the whole conversation.
const smtpWithin = 15 * time.Second

// SMTP is the [Messenger] of a venue with a mail server. Codes travel only encrypted: a server that offers no STARTTLS
// (RFC 3207) is refused, unless it is this very machine.
type SMTP struct {
	Addr     string      // host:port; port 465 speaks TLS from the start (RFC 8314)
	User     string      // empty: no authentication
	Password string      //
	From     string      // "Kaopass <no-reply@venue.example>"
	TLS      *tls.Config // nil: the system's roots

	// Letter writes the message in the visitor's language.
	Letter func(language kaopass.Language, code string) (subject, body string)
}

// Send hands the letter with a code to the mail server. A phone number is ErrNoGateway.
func (s *SMTP) Send(ctx context.Context, contact string, language kaopass.Language, code string) error {
	subject, body := s.Letter(language, code)
	return s.Tell(ctx, contact, language, subject, body)
}

// Tell hands one letter to the mail server. A phone number is ErrNoGateway.
func (s *SMTP) Tell(ctx context.Context, contact string, language kaopass.Language, subject, body string) error {
	if isPhone(contact) {
		return ErrNoGateway
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, smtpWithin)
	defer cancel()
	client, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	defer client.Close() //nolint:errcheck // after Quit there is nothing left to lose
	if err := deliver(client, from.Address, contact, letter(from, contact, language, subject, body)); err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return nil
}

func (s *SMTP) connect(ctx context.Context) (*smtp.Client, error) {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a connection that cannot have one fails at its first read
	}
	if port == "465" {
		conn = tls.Client(conn, s.tls(host))
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := s.secure(client, host); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

func (s *SMTP) secure(client *smtp.Client, host string) error {
	_, encrypted := client.TLSConnectionState()
	offered, _ := client.Extension("STARTTLS")
	switch {
	case encrypted:
	case offered:
		if err := client.StartTLS(s.tls(host)); err != nil {
			return err
		}
	case host != "localhost" && !net.ParseIP(host).IsLoopback():
		return errors.New("it offers no encryption")
	}
	if s.User == "" {
		return nil
	}
	return client.Auth(smtp.PlainAuth("", s.User, s.Password, host))
}

func (s *SMTP) tls(host string) *tls.Config {
	if s.TLS == nil {
		return &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	}
	cfg := s.TLS.Clone()
	cfg.ServerName = host
	return cfg
}

func deliver(client *smtp.Client, from, contact string, letter []byte) error {
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(contact); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}
