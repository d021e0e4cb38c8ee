package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReadyIsTheServersAnswer(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ready := func(addr string) error {
		return run(t.Context(), []string{"ready", "--addr", addr}, io.Discard, io.Discard)
	}
	for _, addr := range []string{"127.0.0.1:" + port, ":" + port, "0.0.0.0:" + port} {
		if err := ready(addr); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	status = http.StatusServiceUnavailable
	if err := ready("127.0.0.1:" + port); err == nil {
		t.Error("503 was taken for yes")
	}
	server.Close()
	if err := ready("127.0.0.1:" + port); err == nil {
		t.Error("nobody there was taken for yes")
	}
	if err := ready("nowhere"); err == nil {
		t.Error("an address without a port was accepted")
	}
}
