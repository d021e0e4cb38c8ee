package portal

import (
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Letter writes the message that brings a code, in the visitor's language.
func Letter(language kaopass.Language, code string) (subject, body string) {
	w, args := views.Speak(language), views.Args{"Code": code}
	return w.With("mail.subject", args), w.With("mail.body", args)
}

// letter is the message as it travels (RFC 5322): one plain text, so that every phone shows the code in its
// notification.
func letter(from *mail.Address, contact string, language kaopass.Language, subject, body string) []byte {
	var b strings.Builder
	for _, line := range []string{
		"From: " + from.String(),
		"To: " + (&mail.Address{Address: contact}).String(),
		"Subject: " + mime.QEncoding.Encode("utf-8", subject),
		"Date: " + time.Now().Format(time.RFC1123Z),
		"Auto-Submitted: auto-generated", // RFC 3834: no holiday notes in answer
		"Content-Language: " + string(language),
		"MIME-Version: 1.0",
		"Content-Type: text/plain; charset=utf-8",
		"Content-Transfer-Encoding: quoted-printable",
		"",
	} {
		b.WriteString(line + "\r\n")
	}
	q := quotedprintable.NewWriter(&b)
	_, _ = q.Write([]byte(body)) // a strings.Builder takes every write
	_ = q.Close()
	return []byte(b.String())
}
