package console

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// board is the control room's first page; its scripts then follow live.
func (k *Console) board(c *fiber.Ctx) error {
	b, err := k.DB.Board(c.UserContext())
	if err != nil {
		return err
	}
	p := page(c, "board")
	p.Scripts = []string{"js/board.js"}
	return respond.Page(c, fiber.StatusOK, view.Board(p, boardModel(p.Words, access.Staff(c), b, k.Queue())))
}

// The stream's limits: it ends after a while, and says something now and then so that a dead connection is noticed.
const (
	liveWithin = 10 * time.Minute
	liveBeat   = 15 * time.Second
)

// live streams the board as server-sent events (HTML, 9.2): each is the board's parts, drawn.
func (k *Console) live(c *fiber.Ctx) error {
	changed, ok := k.Live.watch()
	if !ok {
		return respond.Busy
	}
	words, who, token := views.Speak(access.PageLanguage(c)), access.Staff(c), k.Access.StaffToken(c)
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no")
	c.Context().SetBodyStreamWriter(func(out *bufio.Writer) {
		defer k.Live.leave(changed)
		k.stream(out, words, who, token, changed)
	})
	return nil
}

// stream writes until the reader is gone or has signed out, the time is over, or the program stops. It outlives its request, so
// it knows nothing of it, and looks the session up each time.
func (k *Console) stream(out *bufio.Writer, words views.Words, who kaopass.Staff, token string, changed <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), liveWithin)
	defer cancel()
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	_, _ = fmt.Fprint(out, "retry: 2000\n\n")
	for out.Flush() == nil {
		select {
		case <-ctx.Done():
			return
		case <-k.Live.stopped:
			return
		case <-beat.C:
			_, _ = fmt.Fprint(out, ": here\n\n")
		case <-changed:
			if _, err := k.DB.StaffSession(ctx, token); err != nil {
				return // the page asks again, and is told
			}
			if err := view.BoardParts(words, boardModel(words, who, k.Live.Board(), k.Queue())).Render(ctx, event{out}); err != nil {
				return
			}
			_, _ = fmt.Fprint(out, "\n\n")
		}
	}
}

// event writes what is rendered as the data lines of one server-sent event.
type event struct{ out *bufio.Writer }

// Write begins each line with the field's name.
func (e event) Write(b []byte) (int, error) {
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		if _, err := fmt.Fprintf(e.out, "data: %s\n", line); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
