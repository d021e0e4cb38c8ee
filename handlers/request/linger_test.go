package request

import (
	"bytes"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// Without Linger a client that sends much is reset before it reads the answer, more often than not.
func TestATooLargeRequestGetsItsAnswer(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 1 << 20})
	served := make(chan error, 1)
	go func() { served <- app.Listener(Linger(listener)) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-served
	})
	for range 20 {
		res, err := http.Post("http://"+listener.Addr().String(), "image/jpeg", bytes.NewReader(make([]byte, 20<<20)))
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d, %v", res.StatusCode, err)
		}
	}
}
