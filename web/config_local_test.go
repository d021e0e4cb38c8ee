package main

import "testing"

func TestLocal(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want bool
	}{
		{Config{Addr: "127.0.0.1:8080"}, true},
		{Config{Addr: "localhost:8080"}, true},
		{Config{Addr: "[::1]:8080"}, true},
		{Config{Addr: ":8080"}, false},
		{Config{Addr: "192.0.2.7:8080"}, false},
		{Config{Addr: "127.0.0.1:8080", Public: "https://kaopass.example"}, false},
		{Config{Addr: "127.0.0.1:8080", CameraIPs: []string{"192.0.2.7"}}, false},
	} {
		if got := c.cfg.Local(); got != c.want {
			t.Errorf("%+v: %v", c.cfg, got)
		}
	}
}
