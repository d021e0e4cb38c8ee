package camera_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// crowd is how many people give their face at the same moment.
const crowd = 50

// TestACrowd lets fifty people stand before the real matcher at once. Nothing piles up: of each person at most one frame
// waits, all others are dropped; and everybody is looked at, sooner or later, having been told to wait a moment.
func TestACrowd(t *testing.T) {
	m := faces(t)
	k, err := camera.New(camera.Config{Faces: m, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, ErrorHandler: respond.Error})
	k.Mount(app, camera.Host{
		Who:    func(c *fiber.Ctx) (string, error) { return c.Get("Who"), nil },
		Finish: func(context.Context, string, kaopass.Template) (kaopass.Reason, error) { return "", nil },
	})
	enrolling, _, err := virtual.Franck(virtual.MediaDir(packages))
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, app)
	ctx, end := context.WithCancel(t.Context())
	longest := watch(ctx, m)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			if err := lookedAt(t.Context(), url, fmt.Sprintf("vis_%d", i), enrolling); err != nil {
				t.Errorf("person %d: %v", i, err)
			}
		})
	}
	all.Wait()
	end()
	if most := <-longest; most > crowd {
		t.Errorf("%d frames waited of %d people", most, crowd)
	}
}

// lookedAt stands before the camera until a frame of theirs was judged good.
func lookedAt(ctx context.Context, url, who string, person virtual.Person) error {
	ctx, leave := context.WithTimeout(ctx, time.Minute)
	defer leave()
	seen := false
	v := virtual.Visitor{Person: person, HTTP: &http.Client{Transport: as(who)}, Base: url, Saw: func(p camera.Progress) {
		if seen = seen || p.Share > 0; seen {
			leave()
		}
	}}
	_, err := v.Enrol(ctx)
	if seen && errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("not looked at: %w", err)
}

// watch answers how many frames waited at most, once ctx ends.
func watch(ctx context.Context, m *matcher.Matcher) <-chan int {
	longest := make(chan int, 1)
	go func() {
		most := 0
		for ctx.Err() == nil {
			most = max(most, m.Queue().Waiting)
			time.Sleep(20 * time.Millisecond)
		}
		longest <- most
	}()
	return longest
}
