package portal

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// InboxMax is how many messages the demo inbox holds; the oldest makes room.
const InboxMax = 50

// Inbox is the [Messenger] of a venue without a mail gateway: messages lie in memory, where everybody who opens the
// inbox page can read them. It is for a demonstration, and its pages exist in no other mode.
type Inbox struct {
	Now func() time.Time // nil: time.Now

	mu       sync.Mutex
	messages []Message // newest first
}

// Message is one code or notice that waits in the demo inbox.
type Message struct {
	At      time.Time `json:"at"`
	Contact string    `json:"contact"`
	Code    string    `json:"code"`           // empty: a notice
	Text    string    `json:"text,omitempty"` // of a notice: its subject
}

// Send puts a code into the inbox and writes it to the log, which is how a demonstration without a browser signs in.
func (i *Inbox) Send(ctx context.Context, contact string, _ kaopass.Language, code string) error {
	i.put(Message{Contact: contact, Code: code})
	slog.InfoContext(ctx, "demo inbox: a sign-in code waits at /inbox", "contact", contact, "code", code)
	return nil
}

// Tell puts a notice into the inbox.
func (i *Inbox) Tell(_ context.Context, contact string, _ kaopass.Language, subject, _ string) error {
	i.put(Message{Contact: contact, Text: subject})
	return nil
}

func (i *Inbox) put(m Message) {
	now := i.Now
	if now == nil {
		now = time.Now
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	m.At = now()
	i.messages = slices.Insert(i.messages, 0, m)
	i.messages = i.messages[:min(len(i.messages), InboxMax)]
}

// Messages lists what waits, newest first.
func (i *Inbox) Messages() []Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Message{}, i.messages...) // never null for a program
}
