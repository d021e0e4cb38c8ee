package main

import (
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kaopass/kaopass/handlers/respond"
)

// Without a token the metrics answer this machine only, which a proxy on it is not: it asks for somebody else.
func TestMetricsWithoutATokenAreThisMachines(t *testing.T) {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ProxyHeader: "X-Forwarded-For", ErrorHandler: respond.Error})
	app.Get("/metrics", (&meter{registry: prometheus.NewRegistry()}).serve(""))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-served
	})
	for from, want := range map[string]int{"": 200, "198.51.100.7": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if from != "" {
			req.Header.Set("X-Forwarded-For", from)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != want {
			t.Errorf("for %q: %d, not %d", from, res.StatusCode, want)
		}
	}
}
