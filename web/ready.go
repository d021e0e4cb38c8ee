package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// readyCommand asks the server on this machine whether it can serve the venue; container engines and load balancers
// without an HTTP client of their own run it.
type readyCommand struct {
	Addr string `env:"KAOPASS_ADDR" default:"127.0.0.1:8080" help:"Where the server serves, without --lan."`
}

// askWithin is how long the server may take; it gives its own parts less.
const askWithin = 5 * time.Second

// Help is shown by `kaopass ready --help`.
func (readyCommand) Help() string {
	return "Exits with status 0 if database, models and index are ready.\n\nExample: kaopass ready && echo open"
}

// Run asks, and is an error unless the answer is yes.
func (c readyCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("--addr is host:port: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1" // it listens everywhere, so here too
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", response.Status)
	}
	return nil
}
