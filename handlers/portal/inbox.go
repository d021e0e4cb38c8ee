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

// Message is one code that waits in the demo inbox.
type Message struct {
	At      time.Time `json:"at"`
	Contact string    `json:"contact"`
	Code    string    `json:"code"`
}

// Send puts a code into the inbox and writes it to the log, which is how a demonstration without a browser signs in.
func (i *Inbox) Send(ctx context.Context, contact string, _ kaopass.Language, code string) error {
	now := i.Now
	if now == nil {
		now = time.Now
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.messages = slices.Insert(i.messages, 0, Message{now(), contact, code})
	i.messages = i.messages[:min(len(i.messages), InboxMax)]
	slog.InfoContext(ctx, "demo inbox: a sign-in code waits at /inbox", "contact", contact, "code", code)
	return nil
}

// Messages lists what waits, newest first.
func (i *Inbox) Messages() []Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Message{}, i.messages...) // never null for a program
}
